"""Cumulus Linux: files are held against NVIDIA's own description of NVUE, and the strict schema of what we print."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pydantic
import pytest
import yaml

from gigasite.render.switch.nvue_outline import outline
from gigasite.render.switch.render import configurations, rendered
from gigasite.render.switch.validate import problems
from tests.switches.fabrics import design_of
from tests.switches.variants import everything, leaf_and_spine, without_hosts_addresses

LEAF, SPINE = "test-compute-train-su001-leaf01", "test-compute-spine001"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    design, catalog = design_of("nvue")
    return {name: files["startup.yaml"] for name, files in configurations(design, catalog, "compute").items()}


@pytest.fixture(scope="module", params=["v5_15", "v5_18"])
def published(request: pytest.FixtureRequest) -> type[pydantic.BaseModel]:
    """NVIDIA's object model of one release, made strict: a key that it does not know is an error."""
    module = importlib.import_module(f"nvueschema.models.{request.param}")
    models = [m for m in vars(module).values() if inspect.isclass(m) and issubclass(m, pydantic.BaseModel)]
    own = [model for model in models if model.__module__ == module.__name__]
    for model in own:
        model.model_config["extra"] = "forbid"
    for model in own:
        model.model_rebuild(force=True)
    config: type[pydantic.BaseModel] = module.NvueConfig
    return config


def config_of(text: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(text)[1]["set"]
    return config


def test_files_follow_the_published_model(texts, published) -> None:
    for name in (LEAF, SPINE):
        published.model_validate(config_of(texts[name]))


def test_the_published_model_refuses_what_it_does_not_know(texts, published) -> None:
    config = config_of(texts[LEAF])
    config["interface"]["swp1s0"]["link"]["mtoo"] = 9000
    with pytest.raises(pydantic.ValidationError):
        published.model_validate(config)


def test_ports_are_split_addressed_and_marked_as_designed(texts) -> None:
    config = config_of(texts[LEAF])
    interfaces = config["interface"]
    assert interfaces["swp1"]["link"]["breakout"] == {"2x": {}}
    assert interfaces["swp1s0"]["ipv4"]["address"] == {"10.64.0.0/31": {}}
    assert "router" not in interfaces["swp1s0"]  # adaptive routing chooses among ways up, not among hosts
    assert interfaces["swp33s0"]["router"]["adaptive-routing"]["state"] == "enabled"
    assert config["qos"]["roce"] == {"mode": "lossless", "state": "enabled"}
    assert config["qos"]["mapping"]["default-global"]["dscp"]["26"] == {"switch-priority": 3}
    bgp = config["vrf"]["default"]["router"]["bgp"]
    assert bgp["address-family"]["ipv4-unicast"]["multipaths"]["ebgp"] == len(bgp["neighbor"]) == 32


@pytest.mark.parametrize(
    ("good", "broken", "problem"),
    [
        ("link: {mtu: 9000}", "link: {mtu: 9999}", "mtu"),
        ("link: {mtu: 9000}", "link: {mtoo: 9000}", "mtoo"),
        ("ebgp: 32", "ebgp: 300", "ebgp"),
        ("mode: lossless", "mode: losless", "mode"),
        (
            "route-map: OWN\n                    state",
            "route-map: MINE\n                    state",
            "no route-map MINE",
        ),
        ("ip-prefix-list: OWN", "ip-prefix-list: MINE", "no prefix-list MINE"),
        ("peer-group: UP", "peer-group: DOWN", "no peer-group DOWN"),
        ("swp1: {link: {breakout: {2x: {}}}, type: swp}", "swp99: {type: swp}", "swp1 is not split so"),
        ("10.64.0.0/31: {}", "10.64.0.0/33: {}", "address"),
        ("- set:", "- set: [", "no YAML"),
    ],
)
def test_a_broken_file_is_refused(texts, good, broken, problem) -> None:
    text = texts[LEAF]
    assert problems("nvue", text) == ()
    assert good in text
    found = problems("nvue", text.replace(good, broken, 1))
    assert any(problem in line for line in found)


def test_a_switch_with_everything_follows_both_descriptions(published) -> None:
    switch = everything("nvue")
    text = rendered(switch)["startup.yaml"]
    assert problems("nvue", text) == ()
    published.model_validate(config_of(text))


def test_a_switch_without_addresses_has_no_routing(published) -> None:
    text = rendered(without_hosts_addresses(leaf_and_spine("nvue")[0]))["startup.yaml"]
    assert problems("nvue", text) == ()
    config = config_of(text)
    published.model_validate(config)
    assert "bgp" not in config["router"]
    assert "vrf" not in config


BREAKS = [
    ("        description: ", "        description: x: "),
    ("        description: ", "        description: ["),
    ("        description: ", f"        description: {'x' * 260}"),
    ("        description: ", "        describe: "),
    ("        link: {mtu: 9000}", "        link: {mtu: 9000"),
    ("        link: {mtu: 9000}", "      link: {mtu: 9000}"),
    ("        type: swp", "        type: swap"),
    ("        type: swp", "        vlan: 7\n        type: swp"),
    ("        type: swp", "        vrf: other\n        type: swp"),
    ("10.64.0.0/31", "10.64.0.256/31"),
    ("{10.64.0.0/31: {}}", "{10.64.0.0/31: []}"),
    ("    interface:\n", "    interface:\n      swp33s0: {type: swp}\n"),
    ("    router:\n", "    router:\n      bfd: {state: enabled}\n"),
    ("    system:\n", "    system:\n      hostname: a\n    system:\n"),
    ("    system:\n", "  system:\n"),
    ("- set:\n", "- set: |\n"),
    ("- header:\n", "- header: |\n"),
    ("version: Cumulus", "version: 'Cumulus"),
]


@pytest.mark.parametrize(("good", "broken"), BREAKS)
def test_what_ports_have_in_common_hides_no_break(texts, good, broken) -> None:
    for name in (LEAF, SPINE):
        assert problems("nvue", texts[name]) == ()
    assert good in texts[LEAF]
    assert problems("nvue", texts[LEAF].replace(good, broken, 1)) != ()


def test_an_outline_says_what_the_file_says_but_for_descriptions_and_addresses(texts) -> None:
    for text in (texts[LEAF], texts[SPINE], rendered(everything("nvue"))["startup.yaml"]):
        short = outline(text)
        assert short is not None
        config = config_of(text)
        for name, port in config["interface"].items():
            if name.startswith("swp") and "description" in port:
                port["description"] = "peer port"
                for family, sample in (("ipv4", "192.0.2.1/32"), ("ipv6", "2001:db8::/64")):
                    if family in port:
                        port[family] = {"address": {sample: {}}}
            if name.startswith("vlan"):
                port |= {
                    "ipv4": short[1]["set"]["interface"][name]["ipv4"],
                    "ipv6": short[1]["set"]["interface"][name]["ipv6"],
                }
        assert short[1]["set"] == config


def test_a_file_printed_otherwise_is_read_as_a_whole(texts) -> None:
    text = yaml.safe_dump(yaml.safe_load(texts[LEAF]), default_flow_style=True)
    assert outline(text) is None
    assert problems("nvue", text) == ()
