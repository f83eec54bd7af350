"""What the loader's codes mean, for `gigasite explain`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LoaderCode:
    """One kind of mistake in a site file."""

    title: str
    why: str
    bad: str
    good: str


LOADER_CODES: Final[Mapping[str, LoaderCode]] = {
    "SPC100": LoaderCode(
        "The file can be read",
        "A site file is a regular UTF-8 file of at most 1 MiB. Folders, pipes, devices, NUL characters and other "
        "encodings are refused before anything is parsed.",
        "gigasite check /dev/zero",
        "gigasite check stacks/llano/site.yaml",
    ),
    "SPC101": LoaderCode(
        "Every key is known",
        "A misspelt key would silently leave its default in force. Numbers carry their unit in the key, so a key "
        "without its unit is unknown too.",
        "power: {utility: {voltage: 138}}",
        "power: {utility: {voltage_kv: 138}}",
    ),
    "SPC102": LoaderCode(
        "No key is missing",
        "A site has at least a name and one pool, a pool a name and a system; a section that is begun has the keys "
        "that nothing can stand in for.",
        "pools: [{name: train, nodes: 32}]",
        "pools: [{name: train, system: dgx-h100, nodes: 32}]",
    ),
    "SPC103": LoaderCode(
        "Every value is of its kind",
        "Numbers are numbers, or a number with a unit that fits the key; only true and false are true and false. "
        "`yes`, `1:30`, `010` and `0x10` are text, as YAML 1.2 has it.",
        "cooling: {loop: {pumps_on_ups: yes, supply_c: warm}}",
        "cooling: {loop: {pumps_on_ups: true, supply_c: 40}}",
    ),
    "SPC104": LoaderCode(
        "Every value is possible",
        "Values outside of what can exist (no nodes, a thousand million nodes, a share above 1, a topology without "
        "a spare block) are typing mistakes, not sites.",
        "pools: [{name: train, system: dgx-h100, nodes: 0}]",
        "pools: [{name: train, system: dgx-h100, nodes: 32}]",
    ),
    "SPC105": LoaderCode(
        "The file is plain YAML",
        "One document of keys and values. Tags can construct objects, aliases can expand without bound, and a key "
        "given twice says two things at once: none of them is read.",
        "halls: &h {count: 2}\nracks: *h",
        "halls: {count: 2}",
    ),
    "SPC106": LoaderCode(
        "The file's version is known",
        "`schema_version` says in which version of this format a file is written; without it, in the first. Older ones "
        "are read as they were meant, and `gigasite upgrade --write` rewrites them; a later one may mean other things.",
        "schema_version: 99",
        "schema_version: 1",
    ),
    "SPC110": LoaderCode(
        "Names are given once",
        "Names of pools and tenants end up in hostnames and file names; two of one name would share them.",
        "pools: [{name: a, system: dgx-h100, nodes: 8}, {name: a, system: dgx-b200, nodes: 8}]",
        "pools: [{name: a, system: dgx-h100, nodes: 8}, {name: b, system: dgx-b200, nodes: 8}]",
    ),
    "SPC111": LoaderCode(
        "Names point to something",
        "A tenant's pool is one of the pools, a pool's fabric one of the fabrics where the file lists fabrics, a "
        "supernet's name a fabric or a role.",
        "tenants: [{name: lab, pool: trian, share: 0.5}]",
        "tenants: [{name: lab, pool: train, share: 0.5}]",
    ),
    "SPC112": LoaderCode(
        "A pool's fabric carries compute",
        "`fabric` of a pool names its compute fabric. Storage and inband networks follow from the roles of the "
        "site's fabrics.",
        "fabrics: {blue: {roles: [storage]}}\npools: [{name: a, system: dgx-h100, nodes: 8, fabric: blue}]",
        "fabrics: {blue: {roles: [compute, storage]}}\npools: [{name: a, system: dgx-h100, nodes: 8, fabric: blue}]",
    ),
    "SPC113": LoaderCode(
        "Hostnames fit into DNS",
        "A DNS label has at most 63 characters (RFC 1035, section 2.3.4). Hostnames begin with the prefix and the "
        "pool's name; unit, rack and node take the rest.",
        "naming: {prefix: verylongsite}  # and a pool name of 32 characters",
        "naming: {prefix: vls1}",
    ),
    "SPC120": LoaderCode(
        "Products are in the catalog",
        "Systems, switches, CDUs, fluids, grids, feeds and reference architectures are looked up by key or alias. "
        "A `catalog` folder beside the site file adds products of one's own.",
        "pools: [{name: a, system: gb300-nvl27, scalable_units: 1}]",
        "pools: [{name: a, system: gb300-nvl72, scalable_units: 1}]",
    ),
    "SPC121": LoaderCode(
        "Systems can be bought",
        "TPU and Trainium systems exist only in their makers' clouds; nobody publishes what racking them would take.",
        "pools: [{name: a, system: tpu-v5p, nodes: 64}]",
        "pools: [{name: a, system: dgx-b200, nodes: 64}]",
    ),
    "SPC122": LoaderCode(
        "A reference architecture is made for its system",
        "Scalable unit, switches and rails were published for certain systems; around another one they mean nothing.",
        "pools: [{name: a, system: dgx-h100, nodes: 8, reference_architecture: dgx-superpod-gb200}]",
        "pools: [{name: a, system: dgx-h100, nodes: 8, reference_architecture: dgx-superpod-h100}]",
    ),
    "SPC123": LoaderCode(
        "A power cap is below the maximum",
        "A cap that lies above what the system draws at most limits nothing, and is most often meant for another unit.",
        "pools: [{name: a, system: dgx-h100, nodes: 8, power_cap_kw: 102}]",
        "pools: [{name: a, system: dgx-h100, nodes: 8, power_cap_kw: 8.5}]",
    ),
    "SPC124": LoaderCode(
        "A power profile is one of its system's sheet",
        "A profile stands for a number of kilowatts; one that the sheet does not give would cap nothing.",
        "pools: [{name: a, system: vera-rubin-nvl72, scalable_units: 1, load: {profile: max-w}}]",
        "pools: [{name: a, system: vera-rubin-nvl72, scalable_units: 1, load: {profile: max-q}}]",
    ),
    "SPC190": LoaderCode(
        "Files of the site's catalog are as they should be",
        "A `catalog` folder beside the site file holds products of one's own, or single facts that differ. Every "
        "fact stands with its source, a file carries the name of its product, nothing is stated twice.",
        "kind: fluid\nkey: pg30\nvalues: {density_kg_m3: 1021}",
        "kind: fluid\nkey: pg30\ntitle: Propylene glycol, 30 %\nfacts:\n  - source: {doc: data sheet, tier: primary, "
        "confidence: verified}\n    values: {at_c: 30, density_kg_m3: 1021, specific_heat_kj_kgk: 3.8}",
    ),
}


_DO: Final = "Follow the hint of the message. `gigasite schema --format markdown` lists every key and what it may hold."


def loader_page(code: str) -> str | None:
    """The page of a code of the loader, in Markdown, with the headings of every code's page; None for others."""
    known = LOADER_CODES.get(code)
    if known is None:
        return None
    language = "sh" if known.bad.startswith("gigasite ") else "yaml"
    sections = {
        "What it says": f"{known.title}.",
        "Why it matters": known.why,
        "How it is computed": "The file is read once; every mistake is told at its own line and column.",
        "Bad": f"```{language}\n{known.bad}\n```",
        "Good": f"```{language}\n{known.good}\n```",
        "What to do": _DO,
        "Source": "Gigasite's site file, schema version 1.",
    }
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())
    return f"# {code}: {known.title}\n\n{body}\n"
