"""How a part of the site file gets its defaults, each with its origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gigasite.design.model import Origin, Setting
from gigasite.spec.base import Model


@dataclass(slots=True)
class Resolver:
    """Collects settings while a copy of the site's parts is completed."""

    settings: list[Setting]

    def part(self, path: str, part: Any, defaults: dict[str, Default]) -> Any:
        """A copy of `part` with its absent fields filled in from `defaults`; every field is noted."""
        update: dict[str, Any] = {}
        for field, default in defaults.items():
            given = getattr(part, field)
            where = f"{path}.{field}"
            if given is not None:
                self.settings.append(Setting(where, plain(given), Origin.SITE, "the site file", default.decisive))
            else:
                update[field] = default.value
                self.settings.append(
                    Setting(where, plain(default.value), default.origin, default.why, default.decisive)
                )
        return part.model_copy(update=update)


@dataclass(frozen=True, slots=True)
class Default:
    """What to take where the site file is silent, and why."""

    value: Any
    why: str
    origin: Origin = Origin.ASSUMPTION
    decisive: bool = False


def plain(value: Any) -> Any:
    """A setting's value as plain data, so that it prints and serialises."""
    if isinstance(value, Model):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value
