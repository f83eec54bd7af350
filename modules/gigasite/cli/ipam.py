"""`gigasite ipam`: what an IPAM holds already, as a section of the site file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gigasite.cli.output import format_option, print_json, working
from gigasite.cli.sites import find_site
from gigasite.cli.work import designed
from gigasite.errors import GigasiteError


@click.command()
@click.argument("site")
@click.argument("exports", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option()
def ipam(site: str, exports: tuple[Path, ...], style: str) -> int:
    """Turn exports of NetBox (addresses and prefixes, CSV or JSON) into entries of SITE.

    Prints `network.subnets` and `network.allocations` for the site file, and on stderr what does not fit: exit 1
    then. Devices and interfaces are matched by the names that the design gives them.
    """
    from gigasite.design.expand import expand
    from gigasite.design.ipam.fit import fit
    from gigasite.design.ipam.netbox import Export, read_export

    whole = designed(find_site(site))
    design = whole.design
    with working("comparing …"):
        export = sum((read_export(_text(path), path.name) for path in exports), Export())
        network = design.spec.network
        if network.allocations or network.subnets:
            bare = network.model_copy(update={"allocations": (), "subnets": ()})
            design = expand(design.spec.model_copy(update={"network": bare}), whole.catalog)
        found = fit(design, export)
    if style == "json":
        told = {"as_planned": found.as_planned_count, "makes_room": found.moved, "does_not_fit": found.problems}
        print_json({"site": design.site, **found.section, **told})
        return 1 if found.problems else 0
    print(_yaml(found.section), end="")
    print(
        f"{found.as_planned_count} addresses are as planned, {len(found.allocations)} and {len(found.subnets)} subnets "
        f"are not; {len(found.problems)} do not fit",
        file=sys.stderr,
    )
    for line in found.moved:
        print(line, file=sys.stderr)
    for line in found.problems:
        print(f"does not fit: {line}", file=sys.stderr)
    return 1 if found.problems else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GigasiteError(f"{path.name} can't be read as text: {error}", path=str(path)) from None


def _yaml(document: object) -> str:
    import yaml

    return yaml.safe_dump(document, sort_keys=False, default_flow_style=None, width=120)
