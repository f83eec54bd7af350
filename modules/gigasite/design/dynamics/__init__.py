"""The electrical load in time: caps, swings, steps, ramps, dips, flexible load, and the grid connection by date."""
