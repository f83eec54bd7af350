"""Mistakes in a simulated fabric that OpenSM manages: `verify cabling` reads what ibnetdiscover prints of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gigasite.cli.app import app
from gigasite.design.infiniband.guids import known_guids
from gigasite.design.infiniband.subnets import subnets
from gigasite.render.infiniband.files import infiniband_files
from gigasite.render.infiniband.ibsim import ibsim_net
from tests.infiniband.sites import inventory, inventory_text, superpod
from tests.realparts.debian import need
from tests.realparts.ibsim import PACKAGES, IbSim

from .plugged import NODE, OTHER_NODE, leaf

pytestmark = pytest.mark.xdist_group("ibsim-verify")  # what it starts is started once

SITE = superpod(1)
SITE_FILE = "name: demo\npools:\n  - {name: train, system: dgx-h100, scalable_units: 1}\n"


def replugged(net: str, exchanges: dict[str, str]) -> str:
    """A net file in which pairs of switch ports, as `name port`, have each other's cables."""
    for one, other in exchanges.items():
        net = _exchange_switch_ports(net, one, other)
    return net


def _exchange_switch_ports(net: str, one: str, other: str) -> str:
    """Whatever is plugged into one switch port, into the other, and the other way round."""
    (first, p), (second, q) = (re.fullmatch(r"(\S+) (\d+)", text).groups() for text in (one, other))  # type: ignore[union-attr]
    lines = net.splitlines()
    at: dict[str, int] = {}
    name = ""
    for number, line in enumerate(lines):
        head = re.fullmatch(r'(?:Hca|Switch)\t\d+ "(.*)"', line)
        name = head[1] if head else name
        for device, port in ((first, p), (second, q)):
            if name == device and line.startswith(f"[{port}]\t"):
                at[f"{device} {port}"] = number
    peers = {key: lines[number].partition("\t")[2] for key, number in at.items()}
    lines[at[one]], lines[at[other]] = f"[{p}]\t{peers[other]}", f"[{q}]\t{peers[one]}"
    text = "\n".join(lines) + "\n"
    swap = {f'"{first}"[{p}]': f'"{second}"[{q}]', f'"{second}"[{q}]': f'"{first}"[{p}]'}
    return re.sub("|".join(map(re.escape, swap)), lambda match: swap[match[0]], text)


def unplugged(net: str, switch: str, port: int) -> str:
    """Without the cable at a port of a switch."""
    text = re.sub(rf'(Switch\t64 "{switch}"\n(?:\[.*\n)*?)\[{port}\]\t.*\n', r"\1", net)
    return re.sub(rf'\[\d+\]\t"{switch}"\[{port}\]\n', "", text)


@pytest.fixture(scope="module")
def net() -> str:
    (subnet,) = subnets(SITE.design, SITE.catalog, "compute")
    return ibsim_net(subnet, known_guids(subnet, inventory(SITE)))


def discovered(net: str, folder: Path) -> str:
    """What ibnetdiscover prints of a net, managed by OpenSM as its files say."""
    need(*PACKAGES)
    files = infiniband_files(SITE.design, SITE.catalog, inventory(SITE), "compute", installed_at=str(folder))[0]
    for name, text in files.files.items():
        (folder / files.name / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / files.name / name).write_text(text)
    simulator = IbSim(folder, net)
    try:
        simulator.start()
        simulator.manage(folder / files.name / "managers/demo-compute-ufm01/opensm.conf")
        return simulator.ask("ibnetdiscover")
    finally:
        simulator.close()


def verified(folder: Path, text: str, *, by_guid: bool = False) -> tuple[int, str]:
    """Exit code and output of the command line for such output."""
    (folder / "site.yaml").write_text(SITE_FILE)
    (folder / "found.txt").write_text(re.sub(r'# "[^"]*"', '# "unnamed"', text) if by_guid else text)
    if by_guid:
        (folder / "guids.csv").write_text(inventory_text(SITE.design, SITE.catalog))
    arguments = ["verify", "cabling", str(folder / "site.yaml"), "--ibnetdiscover", str(folder / "found.txt")]
    done = CliRunner().invoke(app, [*arguments, "--no-speed"])
    return done.exit_code, done.stdout


def test_a_subnet_that_is_plugged_as_designed_has_no_error(net: str, tmp_path: Path) -> None:
    text = discovered(net, tmp_path)
    for by_guid in (False, True):
        code, said = verified(tmp_path, text, by_guid=by_guid)
        assert code == 0
        assert "508 of 508 cables that were looked at lead where they should; 1 info" in said


def test_swapped_rails_a_missing_and_a_wrong_cable_are_found_and_named(net: str, tmp_path: Path) -> None:
    wrong = replugged(
        net,
        {
            f"{leaf(1)} 1": f"{leaf(2)} 1",  # the first node's rails 1 to 3 go round
            f"{leaf(2)} 1": f"{leaf(3)} 1",
            f"{leaf(8)} 5": f"{leaf(8)} 6",  # two nodes' eighth rails are exchanged
        },
    )
    wrong = unplugged(wrong, leaf(5), 7)
    wrong = unplugged(wrong, leaf(6), 7)
    text = discovered(wrong, tmp_path)
    for by_guid in (False, True):
        code, said = verified(tmp_path, text, by_guid=by_guid)
        assert code == 1
        told = re.findall(r"^  (DEP11\d) error: (.*)$", said, re.MULTILINE)
        assert sorted(code for code, _ in told) == ["DEP111", "DEP111", "DEP113", "DEP114"]
        by_code = dict(told)
        assert by_code["DEP114"].startswith(
            f"{NODE} (hall 1, row 1, position 3, rack demo-train-su001-r01 U1): 3 of its"
        )
        assert f"no cable between {OTHER_NODE} rail6 " in by_code["DEP111"]
        assert f"swap the plugs at {leaf(8)} port 6 and {leaf(8)} port 5" in said
        assert "501 of 508 cables" in said


def test_a_cable_in_a_port_of_another_leaf_is_found_and_named(net: str, tmp_path: Path) -> None:
    wrong = net.replace(f'"{leaf(3)}"[2]', f'"{leaf(8)}"[32]')
    line = re.search(rf'(Switch\t64 "{leaf(3)}"\n(?:\[.*\n)*?)\[2\](\t.*\n)', wrong)
    assert line
    wrong = wrong.replace(line[0], line[1]).replace(
        f'Switch\t64 "{leaf(8)}"\n', f'Switch\t64 "{leaf(8)}"\n[32]{line[2]}'
    )
    code, said = verified(tmp_path, discovered(wrong, tmp_path))
    assert code == 1
    (told,) = re.findall(r"^  (DEP\d+ error: .*)$", said, re.MULTILINE)
    assert told.startswith("DEP112 error: demo-train-su001-r01-n02 rail3 ")
    assert f"goes to {leaf(8)} port 32 " in told
    assert f"move its end from {leaf(8)} port 32 to {leaf(3)} port 2" in said
