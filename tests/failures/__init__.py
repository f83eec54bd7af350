"""Tests of what a loss leaves."""
