"""Nodes that are virtual machines: what a guest sees of the hardware, where the hypervisor hides the rest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from gigasite.spec.base import Model

PciAddress = Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$")]


class GuestCpuSpec(Model):
    """The processor, as `/proc/cpuinfo` of the guest tells it."""

    arch: Literal["x86_64", "arm64"]
    """`x86_64` or `arm64`."""
    vendor: Literal["GenuineIntel", "AuthenticAMD", "ARM"]
    """Vendor id."""
    family_id: Annotated[int, Field(ge=0, le=255)]
    """CPU family."""
    model_id: Annotated[int, Field(ge=0, le=255)]
    """Model."""


class GuestSpec(Model):
    """A pool whose nodes are virtual machines with passed-through GPUs and NICs: NCCL needs a topology file there."""

    gpu_pci: Annotated[tuple[PciAddress, ...], Field(min_length=1, max_length=64)]
    """PCI addresses of the GPUs as the guest sees them, in the order of rails: `0001:00:00.0`."""
    nic_pci: Annotated[tuple[PciAddress, ...], Field(min_length=1, max_length=64)]
    """PCI addresses of the compute NICs as the guest sees them, rail by rail."""
    numa_count: Annotated[int, Field(ge=1, le=16)] = 2
    """NUMA nodes of the host, each with an even share of GPUs and NICs."""
    cpu: GuestCpuSpec
    """The processor."""

    @model_validator(mode="after")
    def _even(self) -> GuestSpec:
        addresses = (*self.gpu_pci, *self.nic_pci)
        if len(set(addresses)) < len(addresses):
            raise ValueError("a PCI address is listed twice")
        if len(self.gpu_pci) % len(self.nic_pci) and len(self.nic_pci) % len(self.gpu_pci):
            raise ValueError("GPUs and NICs do not pair: one number must divide the other")
        if min(len(self.gpu_pci), len(self.nic_pci)) % self.numa_count:
            raise ValueError("GPUs and NICs do not split evenly over numa_count")
        return self
