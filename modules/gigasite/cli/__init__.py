"""The command line. `main` is the entry point; heavy libraries are imported by the verb that needs them."""

from __future__ import annotations


def main() -> None:
    """Runs `gigasite` with the arguments of the process and ends it with the verb's exit code."""
    from gigasite.cli.app import app

    app()
