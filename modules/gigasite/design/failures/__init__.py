"""What every loss leaves: single losses, common causes, pairs, and how available the racks are."""

from gigasite.design.failures.effect import Effect, Overload, PoolEffect, Shortage, lose, lose_target
from gigasite.design.failures.pairs import PairReport
from gigasite.design.failures.report import FailureReport, analyse
from gigasite.design.failures.site_availability import CutSet, RackAvailability, site_availability
from gigasite.design.failures.targets import Target, known_names, targets

__all__ = [
    "CutSet",
    "Effect",
    "FailureReport",
    "Overload",
    "PairReport",
    "PoolEffect",
    "RackAvailability",
    "Shortage",
    "Target",
    "analyse",
    "known_names",
    "lose",
    "lose_target",
    "site_availability",
    "targets",
]
