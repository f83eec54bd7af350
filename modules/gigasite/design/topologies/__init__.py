"""Topologies beside the Clos, each in a file of its own; `choose` lays a fabric out as it declares."""
