"""Arguments of pools of nodes.

The keys are those of the site file, and all are plain values.

Pulumi reads these types, and their docstrings, to make the components' schema; it follows neither unions nor
annotations that are text, so no module of components imports `annotations`. A test holds the keys to the site file's.
"""

from typing import NotRequired, TypedDict


class PoolLoadArgs(TypedDict):
    """How the load of a pool moves."""

    profile: NotRequired[str]
    """A power profile of the system's sheet, e.g. `max-q`; an enforced cap."""
    utilisation_ratio: NotRequired[float]
    """Mean share of time that its accelerators work."""
    idle_ratio: NotRequired[float]
    """Draw of a powered system without work, over its design draw."""
    synchronous_ratio: NotRequired[float]
    """Part of the pool that starts and stops work in the same instant (one job of synchronous training)."""
    swing_period_s: NotRequired[float]
    """Time from one step of a training job's load to the next."""
    swing_duty_ratio: NotRequired[float]
    """Part of that time at full draw."""
    power_floor_ratio: NotRequired[float]
    """Draw that firmware or filler work keeps up while a job waits, over the design draw."""
    ramp_min: NotRequired[float]
    """Time that starting and stopping jobs are made to take, from idle to design draw; 0: nothing slows them."""
    oversubscription_ratio: NotRequired[float]
    """What the pool's systems can draw together over the power that is set aside for them."""


class PoolCoolingArgs(TypedDict):
    """What a pool's racks have in place of the hall's way to cool them."""

    rear_door: NotRequired[str]
    """Catalog key of the heat exchanger in the rear door of each rack."""
    immersion: NotRequired[str]
    """Catalog key of the tank that the systems stand in, in place of racks in air."""


class GuestCpuArgs(TypedDict):
    """The processor, as `/proc/cpuinfo` of the guest tells it."""

    arch: str
    """`x86_64` or `arm64`."""
    vendor: str
    """Vendor id."""
    family_id: int
    """CPU family."""
    model_id: int
    """Model."""


class GuestArgs(TypedDict):
    """A pool whose nodes are virtual machines with passed-through GPUs and NICs: NCCL needs a topology file there."""

    gpu_pci: list[str]
    """PCI addresses of the GPUs as the guest sees them, in the order of rails: `0001:00:00.0`."""
    nic_pci: list[str]
    """PCI addresses of the compute NICs as the guest sees them, rail by rail."""
    numa_count: NotRequired[int]
    """NUMA nodes of the host, each with an even share of GPUs and NICs."""
    cpu: GuestCpuArgs
    """The processor."""


class PoolArgs(TypedDict):
    """Nodes of one system with one purpose. Its size is `scalable_units` or `nodes`, one of the two."""

    name: str
    """lower-case letters, digits and hyphens, up to 32 characters"""
    purpose: NotRequired[str]
    """What the pool is for: `training`, `inference` or `development`."""
    system: str
    """a key of the catalog"""
    scalable_units: NotRequired[int]
    """Size in scalable units of the reference architecture."""
    nodes: NotRequired[int]
    """Operating-system instances (an NVL72 rack has 18); slots reserved for management are not counted."""
    build_to_scalable_units: NotRequired[int]
    """The ultimate size: the compute fabric is laid out for it."""
    fabric: NotRequired[str]
    """The compute fabric; `compute` where absent."""
    reference_architecture: NotRequired[str]
    """Catalog key; the system's own where absent."""
    nodes_per_scalable_unit: NotRequired[int]
    """Node slots of a scalable unit, reserved ones included; from the reference architecture where absent."""
    nodes_per_rack: NotRequired[int]
    """Nodes in a rack; from the reference architecture, height and rack kW where absent."""
    spare_trays_per_rack: NotRequired[int]
    """Trays a rack that are powered and cabled but kept out of the schedulable quota."""
    power_cap_kw: NotRequired[float]
    """Enforced limit of one system's draw, below its maximum."""
    load: NotRequired[PoolLoadArgs]
    """How its load moves."""
    cooling: NotRequired[PoolCoolingArgs]
    """Rear doors or immersion tanks of its own."""
    virtual_functions: NotRequired[int]
    """SR-IOV virtual functions of each compute port; none where absent."""
    guest: NotRequired[GuestArgs]
    """Where its nodes are virtual machines: what they see of the hardware. Absent: bare metal."""
