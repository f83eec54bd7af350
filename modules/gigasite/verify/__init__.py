"""What was built, held against the design: cables as switches, hosts and subnet managers see them."""
