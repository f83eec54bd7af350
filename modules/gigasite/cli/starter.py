"""What `gigasite init` writes."""

from __future__ import annotations

from typing import Final

PROJECT_NAME: Final = "sites"

PROJECT_FILE: Final = """\
name: sites
description: AI factory sites, one stack each
runtime: python
main: stacks
stackConfigDir: stacks
backend:
  url: file://.state?create_dir=true
"""

PROGRAM: Final = '''\
"""The program of every site: one stack is one site, described by its site file."""

import pulumi

from gigasite.components import Site

stack = pulumi.get_stack()
file = pulumi.Config("sites").get("site") or f"{stack}/site.yaml"
site = Site(stack, {"site_file": file})

for name in ("gpu_count", "node_count", "rack_count", "it_kw", "utility_kw", "margins", "pools", "fabrics"):
    value = getattr(site, name)
    if value is not None:
        pulumi.export(name, value)
'''

IGNORED: Final = """\
.venv/
.build/
.state/
.gigasite/
__pycache__/
"""

_SITE: Final = """\
# The site file of {name}: what its author decided. Everything else follows from it, from the reference
# architecture of the pool's system, or from stated assumptions: `gigasite design {name} --explain` says which.
# Numbers carry their unit in the key; a value may also be written with one, such as `2 MW`.
schema_version: 1
name: {name}

pools:
  - {{name: train, purpose: training, system: {system}, scalable_units: {scalable_units}}}

# These decide a site. `gigasite up` refuses while they are assumed: put in what you know and remove the `#`.
# location: {{grid: ercot, altitude_m: 300, extreme_dry_bulb_c: 43, extreme_wet_bulb_c: 27}}
# standards: {{electrical: nec, frequency_hz: 60, availability: concurrently-maintainable}}
# power:
#   utility: {{voltage_kv: 34.5, circuits: 2, available_mw: 5}}
#   blocks: {{topology: 4N3R, unit_kw: 1500, rack_voltage_v: 415}}
# network:
#   supernets: {{compute: 10.64.0.0/14, storage: 10.68.0.0/14, inband: 10.36.0.0/14, oob: 10.32.0.0/14}}
#   reserved: []                  # networks that exist already

# halls: {{count: 1, rack_positions: 112, it_mw: 2, floor_kpa: 20, max_rack_kg: 1800}}
# cooling: {{rejection: [dry-cooler, trim-chiller], loop: {{supply_c: 40, fluid: pg25, redundancy: N+1}}}}
"""


def site_file(name: str, system: str, scalable_units: int) -> str:
    """A first site file with comments."""
    return _SITE.format(name=name, system=system, scalable_units=scalable_units)


def stack_file(project: str, name: str) -> str:
    """The stack file that points to the site file."""
    return f"config:\n  {project}:site: {name}/site.yaml\n"
