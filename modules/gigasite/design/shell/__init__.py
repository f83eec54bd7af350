"""The shell: land, building, halls and their rows, floor loads, the way in, cable trays. One file a subject."""
