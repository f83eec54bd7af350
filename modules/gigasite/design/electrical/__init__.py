"""Power as one typed graph, from the grid connection to the rack feeds."""
