"""Cables: where their ends are, how long they are, and the products that make them.

`faces` says in which cage of which front a port is, `groups` what shares cages, `ways` what the catalog can make a link
of, `choose` takes the first way that fits, and `tables` writes it down.
"""
