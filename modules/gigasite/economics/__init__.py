"""What a site costs, uses and emits: pure functions of a design, its catalog and a year of weather."""
