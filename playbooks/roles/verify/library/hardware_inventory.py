"""Ansible module: counts a node's accelerators and network ports, and compares them with what was designed.

Reads sysfs, which needs neither rights nor tools. Runs on the nodes, so it needs Ansible's Python alone.
"""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: hardware_inventory
short_description: Compare a node's accelerators and network ports with the design
options:
  sysfs: {description: "Where the kernel shows its devices", type: path, default: /sys}
  gpu_count: {description: "Accelerators that the node should have", type: int, required: true}
  port_count: {description: "Network ports that the design cables, at least", type: int, required: true}
"""

GPU_VENDORS = {"0x10de", "0x1002", "0x1da3"}  # NVIDIA, AMD, Habana
GPU_CLASSES = ("0x0302", "0x1200")  # 3D controller, processing accelerator
PORT_CLASSES = ("0x0200", "0x0207")  # Ethernet, InfiniBand


def pci_devices(sysfs: Path) -> list[tuple[str, str]]:
    """Class and vendor of every PCI function that is no virtual one, e.g. ("0x030200", "0x10de")."""
    found = []
    for device in sorted((sysfs / "bus" / "pci" / "devices").glob("*")):
        if not (device / "physfn").exists():  # a virtual function names its physical one
            found.append(tuple((device / name).read_text().strip() for name in ("class", "vendor")))
    return found


def count(sysfs: Path) -> dict[str, int]:
    """Accelerators, and functions of network adapters; virtual functions do not count."""
    devices = pci_devices(sysfs)
    gpus = sum(kind.startswith(GPU_CLASSES) and vendor in GPU_VENDORS for kind, vendor in devices)
    ports = sum(kind.startswith(PORT_CLASSES) for kind, _ in devices)
    return {"gpu_count": gpus, "port_count": ports}


def differences(found: dict[str, int], gpu_count: int, port_count: int) -> list[str]:
    """What is not as designed, in words. A node may have ports that nobody cables."""
    said = []
    if found["gpu_count"] != gpu_count:
        said.append(f"{found['gpu_count']} accelerators where the design has {gpu_count}")
    if found["port_count"] < port_count:
        said.append(f"{found['port_count']} network ports where the design cables {port_count}")
    return said


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "sysfs": {"type": "path", "default": "/sys"},
            "gpu_count": {"type": "int", "required": True},
            "port_count": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    sysfs = Path(module.params["sysfs"])
    if not (sysfs / "bus" / "pci" / "devices").is_dir():
        module.fail_json(msg=f"{sysfs} shows no PCI bus: is this a Linux machine with its sysfs mounted?")
    found = count(sysfs)
    said = differences(found, module.params["gpu_count"], module.params["port_count"])
    module.exit_json(changed=False, differences=said, **found)


if __name__ == "__main__":
    main()
