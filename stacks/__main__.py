"""The program of every site: one stack is one site, described by its site file.

`sites:site` names the file, relative to this folder; without it the file is `<stack>/site.yaml`.
"""

import pulumi

from gigasite.components import Site

FIGURES = ("gpu_count", "node_count", "rack_count", "it_kw", "utility_kw", "margins", "pools", "fabrics")

stack = pulumi.get_stack()
file = pulumi.Config("sites").get("site") or f"{stack}/site.yaml"
site = Site(stack, {"site_file": file})

for name in (*FIGURES, "build_folder"):
    value = getattr(site, name)
    if value is not None:
        pulumi.export(name, value)
