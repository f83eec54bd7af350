"""The program of every site: one stack is one site, described by its site file.

`sites:site` names the file, relative to this folder; without it the file is `<stack>/site.yaml`. `sites:push` says,
fabric by fabric, how switches get their configurations; `sites:pushPassword`, a secret, is their password.
"""

import pulumi

from gigasite.components import Site

FIGURES = ("gpu_count", "node_count", "rack_count", "it_kw", "utility_kw", "margins", "pools", "fabrics")

stack = pulumi.get_stack()
config = pulumi.Config("sites")
push = config.get_object("push") or {}
password = config.get_secret("pushPassword")
if password is not None:
    push = {fabric: {"password": password, **told} for fabric, told in push.items()}
site = Site(stack, {"site_file": config.get("site") or f"{stack}/site.yaml", "push": push})

for name in (*FIGURES, "build_folder"):
    value = getattr(site, name)
    if value is not None:
        pulumi.export(name, value)
