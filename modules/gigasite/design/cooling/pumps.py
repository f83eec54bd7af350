"""Pumps: what they deliver at a head, what they draw, and how both move with speed.

Affinity laws of centrifugal machines: V̇ ∝ n, Δp ∝ n², P ∝ n³. Hydraulic power is V̇·Δp.
"""

from __future__ import annotations

import math

SHUTOFF_HEAD_RATIO = 1.2
"""Head of a centrifugal pump without flow over that at its duty point: 1.1 to 1.25 for flat curves."""

_LPM_KPA_IN_KW = 60_000.0


def hydraulic_kw(flow_lpm: float, head_kpa: float) -> float:
    """Power in the flow: V̇·Δp."""
    return flow_lpm * head_kpa / _LPM_KPA_IN_KW


def pump_kw(flow_lpm: float, head_kpa: float, efficiency_ratio: float) -> float:
    """Electric power of a pump: V̇·Δp / η, with η from wire to water."""
    return hydraulic_kw(flow_lpm, head_kpa) / efficiency_ratio


def flow_at_head_lpm(rated_lpm: float, rated_kpa: float, head_kpa: float) -> float:
    """The most that a pump at full speed is counted for at a head.

    Below its rated head it is counted for its rated flow. Above, the flow falls along the parabola
    H = H₀ − (H₀ − H_r)·(V̇/V̇_r)² through the rating point and the shutoff head H₀; at and above H₀ there is none.
    """
    if head_kpa <= rated_kpa:
        return rated_lpm
    shutoff_kpa = SHUTOFF_HEAD_RATIO * rated_kpa
    if head_kpa >= shutoff_kpa:
        return 0.0
    return rated_lpm * math.sqrt((shutoff_kpa - head_kpa) / (shutoff_kpa - rated_kpa))


def affinity_kw(rated_kw: float, flow_ratio: float) -> float:
    """Power of a pump or fan whose speed follows the flow of an unchanged system: P = P_r·(V̇/V̇_r)³."""
    return rated_kw * flow_ratio**3


def head_at_flow_kpa(head_kpa: float, flow_ratio: float) -> float:
    """Pressure that an unchanged system asks for at another flow: Δp ∝ V̇²."""
    return head_kpa * flow_ratio**2
