"""Which single losses cut management switches off, against taking each away in turn."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from gigasite.checks.management import cuts_of

Links = list[tuple[str, str]]


def leaf_spine(leaves: int, spines: int) -> Links:
    return [(f"leaf{n}", f"spine{s}") for n in range(leaves) for s in range(spines)]


def cuts(links: Links, racks: dict[str, list[str]] | None = None) -> set[tuple[str, str]]:
    switches = sorted({switch for link in links for switch in link})
    return {(cut.kind, cut.lost) for cut in cuts_of(switches, links, racks or {})}


def test_two_uplinks_to_two_spines_survive_any_loss() -> None:
    assert not cuts(leaf_spine(6, 2))


def test_a_leaf_with_one_uplink_is_cut_off_by_it() -> None:
    links = [*leaf_spine(3, 2), ("leaf9", "spine0")]
    assert cuts(links) == {("switch", "spine0"), ("link", "spine0 to leaf9")}


def test_a_doubled_link_survives_the_loss_of_one_but_not_of_its_switch() -> None:
    links = [*leaf_spine(3, 2), ("leaf9", "spine0"), ("leaf9", "spine0")]
    assert cuts(links) == {("switch", "spine0")}


def test_both_spines_in_one_rack_are_lost_together() -> None:
    links = leaf_spine(3, 2)
    assert cuts(links, {"r1": ["spine0", "spine1"]}) == {("rack", "r1")}
    assert not cuts(links, {"r1": ["spine0"], "r2": ["spine1"], "r3": ["leaf0", "leaf1"]})


def test_switches_that_never_hung_together_are_named() -> None:
    found = tuple(cuts_of(["a", "b", "c"], [("a", "b")], {}))
    assert [(cut.kind, cut.stranded) for cut in found] == [("network", ("c",))]


def test_a_single_switch_has_nothing_to_lose() -> None:
    assert not tuple(cuts_of(["a"], [], {"r1": ["a"]}))
    assert not tuple(cuts_of([], [], {}))


def components(switches: set[str], links: Links) -> int:
    parent = {switch: switch for switch in switches}

    def root(switch: str) -> str:
        while parent[switch] != switch:
            switch = parent[switch]
        return switch

    for a, b in links:
        if a in switches and b in switches:
            parent[root(a)] = root(b)
    return sum(parent[switch] == switch for switch in switches)


def by_trial(switches: list[str], links: Links, racks: dict[str, list[str]]) -> set[str]:
    """Kinds of single losses after which more than one group remains, each tried."""
    found = set()
    if any(components(set(switches) - {switch}, links) > 1 for switch in switches):
        found.add("switch")
    for index in range(len(links)):
        if components(set(switches), links[:index] + links[index + 1 :]) > 1:
            found.add("link")
    if any(components(set(switches) - set(rack), links) > 1 for rack in racks.values() if len(rack) > 1):
        found.add("rack")
    return found


names = st.sampled_from("abcdefg")


@given(st.lists(st.tuples(names, names), min_size=1, max_size=14), st.data())
def test_the_same_losses_are_found_as_by_trying_each(links: Links, data: st.DataObject) -> None:
    links = [link for link in links if link[0] != link[1]]
    switches = sorted({switch for link in links for switch in link})
    racks: dict[str, list[str]] = defaultdict(list)
    for switch in switches:
        racks[data.draw(st.sampled_from(["r1", "r2", "r3"]))].append(switch)
    kinds = {cut.kind for cut in cuts_of(switches, links, racks)}
    if components(set(switches), links) > 1:
        assert kinds == {"network"}
    else:
        assert kinds == by_trial(switches, links, racks)
