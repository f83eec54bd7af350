"""Every figure of a site as one plain document: design, power, cooling, shell, losses, cost, energy, carbon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gigasite.design.dynamics.figures import dynamics_figures
from gigasite.design.failures import RackAvailability, analyse, site_availability
from gigasite.design.failures.availability import Interval
from gigasite.design.shell.summary import shell_figures
from gigasite.design.summary import summary
from gigasite.economics import economics_figures

if TYPE_CHECKING:
    from gigasite.checks.site import DesignedSite
    from gigasite.design.failures import FailureReport
    from gigasite.design.model import Design


def site_figures(whole: DesignedSite) -> dict[str, Any]:
    """What `gigasite design --format json` prints. Unknown figures are null."""
    design, catalog = whole.design, whole.catalog
    document = summary(design)
    document["power"] |= {
        "load": dynamics_figures(design, catalog),
        "losses_of_one": losses_of_one(design, analyse(design)),
        "availability": [_availability(found) for found in site_availability(design, catalog)],
    }
    return document | {"shell": shell_figures(design)} | economics_figures(design, catalog, whole.folder)


def losses_of_one(design: Design, report: FailureReport) -> dict[str, Any]:
    """Each single loss and each common cause, counted by what it leaves."""
    singles, commons = report.singles, report.commons
    return {
        "promise": design.resolved.standards.availability.value,
        "elements": singles.height,
        "maintainable": int(singles["maintainable"].sum()),
        "tolerated": int(singles["tolerated"].sum()),
        "common_causes": commons.height,
        "common_causes_tolerated": int(commons["tolerated"].sum()),
        "most_gpus_dark_by_one": _most(singles["dark_gpu_count"].max()),
        "most_gpus_dark_by_a_common_cause": _most(commons["dark_gpu_count"].max()),
    }


def _most(value: object) -> int:
    return value if isinstance(value, int) else 0


def _availability(found: RackAvailability) -> dict[str, Any]:
    return {
        "racks": found.rack_count,
        "example": found.example,
        "available_ratio": _interval(found.available_ratio),
        "downtime_h_per_year": _interval(found.downtime_h_per_year),
        "assumed": list(found.assumed),
        "missing": list(found.missing),
    }


def _interval(value: Interval | None) -> dict[str, float] | None:
    return None if value is None else {"low": value.low, "mid": value.mid, "high": value.high}
