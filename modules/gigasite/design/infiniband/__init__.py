"""InfiniBand subnets of a design: their adapters, switches and links, and the GUIDs that arrive with the hardware."""
