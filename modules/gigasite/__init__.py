"""Gigasite: infrastructure as code for AI factories, one typed graph from the utility feed to the GPU."""

__version__ = "0.1.0"
