"""Configurations of switches: what each operating system is told, and how it is held against what it understands."""
