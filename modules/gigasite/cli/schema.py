"""`gigasite schema`: the JSON Schema of site files."""

from __future__ import annotations

import click

from gigasite.cli.output import print_json


@click.command()
@click.option("--format", "style", type=click.Choice(["json"]), default="json", help="How to print.")
def schema(style: str) -> None:
    """Print the JSON Schema of site files, for editors and validators."""
    from gigasite.spec.schema import site_json_schema

    print_json(site_json_schema())
