"""`gigasite verify`: what was built, held against the design."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gigasite.cli.check import rendered
from gigasite.cli.output import format_option, working
from gigasite.cli.sites import find_site
from gigasite.cli.work import designed
from gigasite.errors import UsageError, errors_of

if TYPE_CHECKING:
    from gigasite.design.infiniband.guids import GuidInventory
    from gigasite.verify.cabling import Verified

_PATH = click.Path(exists=True, path_type=Path)


@click.group()
def verify() -> None:
    """Hold what was built against the design."""


@verify.command()
@click.argument("site")
@click.option(
    "--ibnetdiscover",
    "discovered",
    multiple=True,
    type=_PATH,
    help="Output of ibnetdiscover of one subnet; repeatable.",
)
@click.option(
    "--lldp",
    multiple=True,
    type=_PATH,
    help="What a device tells of its neighbours, in a file called after it, or a folder of such files; repeatable.",
)
@click.option("--links", multiple=True, type=_PATH, help="CSV: device, port, peer, peer_port, gbps; repeatable.")
@click.option("--guids", type=_PATH, help="The inventory of GUIDs, where it is not guids.csv beside the site file.")
@click.option("--speed/--no-speed", default=True, show_default=True, help="Whether slow cables count.")
@format_option("sarif", "github")
def cabling(
    site: str,
    discovered: tuple[Path, ...],
    lldp: tuple[Path, ...],
    links: tuple[Path, ...],
    guids: Path | None,
    speed: bool,
    style: str,
) -> int:
    """Compare the cables of SITE with what its devices see; exit 1 where a cable is not as designed."""
    from gigasite.verify.cabling import verify_cabling
    from gigasite.verify.readers.choose import read_path

    paths = (*discovered, *lldp, *links)
    if not paths:
        raise UsageError("nothing to compare with", hint="give --ibnetdiscover, --lldp or --links")
    file = find_site(site)
    whole = designed(file)
    with working("comparing …"):
        found = [each for path in paths for each in read_path(path)]
        verified = verify_cabling(whole.design, whole.catalog, found, _inventory(file, guids), check_speed=speed)
    findings = tuple(finding for _, finding in verified.findings)
    if style == "text":
        print(_walk(verified))
    else:
        print(rendered(findings, style), end="")
    return 1 if errors_of(findings) else 0


def _inventory(site_file: Path, given: Path | None) -> GuidInventory:
    """The inventory that was given, or that beside the site file; an empty one where there is none."""
    from gigasite.design.infiniband.guids import FILE, NO_GUIDS, load_guids

    file = given or site_file.parent / FILE
    return load_guids(file) if given or file.exists() else NO_GUIDS


def _walk(verified: Verified) -> str:
    """The findings rack by rack, as one walks, then how many cables are good."""
    from gigasite.checks.formats import summary

    lines = []
    for place, told in groupby(verified.findings, key=lambda pair: pair[0].rack_text):
        lines.append(place)
        for _, finding in told:
            lines.append(f"  {finding.code} {finding.severity}: {finding.message}")
            lines += [f"    {finding.hint}"] if finding.hint else []
    good, looked_at = verified.good_count, verified.looked_at_count
    lines.append(f"{good:,} of {looked_at:,} cables that were looked at lead where they should; ")
    return "\n".join(lines) + summary(finding for _, finding in verified.findings)
