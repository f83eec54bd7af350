"""Readers of what devices print about their neighbours, one file a format; `choose` finds the reader of a text."""
