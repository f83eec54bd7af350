"""What a site comes to, kept to be compared: what another Gigasite or another catalog makes of the same site file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gigasite.economics import economics_figures
from gigasite.exports.figures import fabric_figures, pool_figures, site_capacity, site_margins

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite

_SAME_RATIO: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """A figure or a setting that differs; None: there is none."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records of a site. Findings are told as `CODE: message`."""

    figures: tuple[Change, ...]
    settings: tuple[Change, ...]
    new_findings: tuple[str, ...]
    gone_findings: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.figures or self.settings or self.new_findings or self.gone_findings)


def record(whole: DesignedSite) -> dict[str, Any]:
    """What a site comes to, as plain data: `site_sha256`, `figures`, `settings`, `findings`; unknown ones are left out.

    Settings are those that the site file does not give; a text of the site file decides nothing but `site_sha256`.
    """
    design = whole.design
    headline = economics_figures(design, whole.catalog, whole.folder)["headline"]
    figures = {
        **site_capacity(design),
        "margins": site_margins(design),
        "pools": {name: pool_figures(pool) for name, pool in design.pools.items()},
        "fabrics": {name: fabric_figures(fabric) for name, fabric in design.fabrics.items()},
        "headline": headline,
    }
    found = {
        "site_sha256": site_sha256(whole),
        "figures": dict(_flat(figures)),
        "settings": {setting.path: setting.value for setting in design.settings if setting.origin != "site"},
        "findings": sorted(
            f"{finding.code}: {finding.message}" for finding in whole.findings if finding.code != "SPC201"
        ),
    }
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def site_sha256(whole: DesignedSite) -> str:
    """Of the site file's text."""
    return hashlib.sha256(whole.loaded.file.read_bytes()).hexdigest()


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """What differs between two records."""
    old, new = (set(side["findings"]) for side in (before, after))
    return Comparison(
        figures=tuple(_changes(before["figures"], after["figures"])),
        settings=tuple(_changes(before["settings"], after["settings"])),
        new_findings=tuple(sorted(new - old)),
        gone_findings=tuple(sorted(old - new)),
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old != new and not _close(old, new):
            yield Change(name, old, new)


def _close(old: Any, new: Any) -> bool:
    """Sums of floats differ in their last digits from machine to machine."""
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (old, new))
    return numbers and abs(old - new) <= _SAME_RATIO * max(abs(old), abs(new))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Single figures by their dotted path; what is unknown is left out."""
    for key, item in value.items():
        path = f"{prefix}.{key}" if prefix else str(key)
        if isinstance(item, Mapping):
            yield from _flat(item, path)
        elif item is not None:
            yield path, item
