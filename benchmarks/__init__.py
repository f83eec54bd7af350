"""How large and how fast: run `make bench`."""
