"""The host side of the fabrics: what each node's ports are called and set to, by the design that sets the switches."""
