"""Switches as the provider reaches them: one small interface, one module for each operating system."""
