"""The provider's own settings: configuration keys `gigasite:…`."""

from __future__ import annotations

from gigasite.provider.handler import Checked, Failure, Props

SETTINGS: frozenset[str] = frozenset()  # the files need none
_ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})  # Pulumi's own inputs of every provider


def check_settings(inputs: Props) -> Checked:
    """Refuses settings that no resource kind reads, since they would be ignored in silence."""
    unknown = [key for key in inputs if key not in SETTINGS | _ENGINE_KEYS and not key.startswith("__")]
    known = f"one of {', '.join(sorted(SETTINGS))}" if SETTINGS else "there are none yet"
    failures = tuple(
        Failure(
            key,
            f"is no setting of the provider ({known}); the program's own keys begin with the project's name",
        )
        for key in unknown
    )
    return Checked(inputs, failures)
