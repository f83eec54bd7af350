"""Gigasite's Pulumi provider: resource kinds, and the ways they are served."""
