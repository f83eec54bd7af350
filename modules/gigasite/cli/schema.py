"""`gigasite schema`: what a site file may hold, for editors and for people."""

from __future__ import annotations

import click

from gigasite.cli.output import print_json


@click.command()
@click.option(
    "--format",
    "style",
    type=click.Choice(["json", "markdown"]),
    default="json",
    show_default=True,
    help="JSON Schema, or a table of all keys.",
)
def schema(style: str) -> None:
    """Print the JSON Schema of site files, for editors and validators, or a table of all keys."""
    from gigasite.spec.schema import site_json_schema, site_keys_markdown

    if style == "json":
        print_json(site_json_schema())
    else:
        print(site_keys_markdown(), end="")
