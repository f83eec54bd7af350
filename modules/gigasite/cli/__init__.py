"""The command line. `main` is the entry point; heavy libraries are imported by the verb that needs them."""

from __future__ import annotations

# A verb makes hundreds of thousands of objects that live as long as it does; garbage is seldom looked for among them.
_GC_THRESHOLDS = (100_000, 50, 1000)


def main() -> None:
    """Runs `gigasite` with the arguments of the process and ends it with the verb's exit code."""
    import gc

    from gigasite.cli.app import app

    gc.set_threshold(*_GC_THRESHOLDS)
    app()
