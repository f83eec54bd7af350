"""Real parts that tests start for themselves, and how they come to the machine."""
