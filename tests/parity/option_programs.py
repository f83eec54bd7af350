"""Programs with resource options, in their successive versions."""

from __future__ import annotations

from typing import Final

_OPTIONS: Final = "Options = pulumi.ResourceOptions\n"

_GROUP: Final = """
class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("sites:index:Group", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.tree = Tree(f"{name}-tree", ".build/group", {"a": "1"}, inside)
        Tree("inner", ".build/inner", {"a": "1"}, pulumi.ResourceOptions(parent=self.tree))
        self.register_outputs({"digest": self.tree.digest})
"""

_TRANSFORMS: Final = """
def looking(args):
    return None

def changing(args):
    opts = Options.merge(args.opts, Options(replace_on_changes=["files"], additional_secret_outputs=["digest"]))
    return pulumi.ResourceTransformResult({**args.props}, opts)

def ignoring(args):
    if args.type_ == "gigasite:files:Tree":
        return pulumi.ResourceTransformResult(args.props, Options.merge(args.opts, Options(ignore_changes=["files"])))
"""

_HOOKS: Final = (
    _GROUP
    + """
told = lambda args: None
goes = pulumi.ResourceHook("goes", told)
after = pulumi.ResourceHook("after", told)
binding = pulumi.ResourceHookBinding(
    before_create=[told], after_create=[after], after_update=[after], before_delete=[goes], after_delete=[goes]
)
"""
)


def _versions(*programs: str) -> tuple[str, ...]:
    return tuple(_OPTIONS + program for program in programs)


OPTION_PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "ignore-changes": _versions(
        'Tree("t", ".build/t", {"a.csv": "1", "b": "1"})\nTree("u", ".build/u", {"a": "1"})',
        """
Tree("t", ".build/t", {"a.csv": "2", "b": "2"}, Options(ignore_changes=['files["a.csv"]']))
Tree("u", ".build/v", {"a": "2", "b": "2"}, Options(ignore_changes=["files.*", "folder"]))
""",
        'Tree("t", ".build/t", {"c": "2"}, Options(ignore_changes=["files"]))\nTree("u", ".build/u", {"a": "3"})',
    ),
    "replace-on-changes": _versions(
        'Tree("t", ".build/t", {"a": "1"}, Options(replace_on_changes=["files"]))',
        'Tree("t", ".build/t", {"a": "2"}, Options(replace_on_changes=["files"]))',
        'Tree("t", ".build/t", {"a": "3"}, Options(replace_on_changes=["folder", "*"]))',
        'Tree("t", ".build/t", {"a": "4"}, Options(replace_on_changes=["folder"]))',
    ),
    "aliases": _versions(
        'Tree("a", ".build/t", {"a": "1"})',
        'Tree("b", ".build/t", {"a": "1"}, Options(aliases=[pulumi.Alias(name="a")]))',
        """
Tree("c", ".build/t", {"a": "2"}, Options(aliases=["urn:pulumi:dev::sites::gigasite:files:Tree::b"]))
""",
        'Tree("d", ".build/moved", {"a": "2"}, Options(aliases=[pulumi.Alias(name="c")]))',
        'Tree("d", ".build/moved", {"a": "2"})',
    ),
    "aliases-of-parents": _versions(
        _GROUP + 'Group("old")',
        _GROUP + 'Group("new", Options(aliases=[pulumi.Alias(name="old")]))',
        _GROUP + 'outer = pulumi.ComponentResource("sites:index:Outer", "outer")\n'
        'Group("new", Options(parent=outer, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))',
        _GROUP + 'Group("new", Options(aliases=[pulumi.Alias('
        'parent="urn:pulumi:dev::sites::sites:index:Outer::outer")]))',
    ),
    "import": _versions(
        'for n in "tu": Tree(n, f".build/{n}", {"a": "1"}, Options(retain_on_delete=True))',
        "",
        'Tree("i", ".build/t", {"a": "1"}, Options(import_=".build/t"))\n'
        'Tree("j", ".build/u", {"a": "2"}, Options(import_=".build/u"))',
        'Tree("i", ".build/t", {"a": "1"})\nTree("j", ".build/u", {"a": "3"}, Options(import_=".build/u"))',
    ),
    "import-replacement": _versions(
        'Tree("t", ".build/t", {"a": "1"}, Options(retain_on_delete=True))\nTree("i", ".build/i", {"a": "1"})',
        'Tree("i", ".build/t", {"a": "1"}, Options(import_=".build/t"))',
    ),
    "custom-timeouts": _versions(
        'Tree("t", ".build/t", {"a": "1"}, Options(custom_timeouts=pulumi.CustomTimeouts(create="1m30s")))',
        'Tree("t", ".build/t", {"a": "1"}, '
        'Options(custom_timeouts=pulumi.CustomTimeouts(create="0", update="1.5h", delete="250ms")))',
        'Tree("t", ".build/t", {"a": "1"})',
    ),
    "replacement-trigger": _versions(
        'Tree("t", ".build/t", {"a": "1"})',
        'Tree("t", ".build/t", {"a": "1"}, Options(replacement_trigger="one"))',
        'Tree("t", ".build/t", {"a": "1"}, Options(replacement_trigger="two"))',
        'Tree("t", ".build/t", {"a": "1"}, Options(replacement_trigger=pulumi.Output.secret({"b": [1, 2.5]})))',
        'Tree("t", ".build/t", {"a": "1"})',
    ),
    "hide-diffs": _versions(
        'Tree("t", ".build/t", {"a.csv": "1"}, Options(hide_diffs=["files", "folder"]))',
        """Tree("t", ".build/t", {"a.csv": "2"}, Options(hide_diffs=['files["a.csv"]']))""",
    ),
    "replace-with": _versions(
        """
a = Tree("a", ".build/a1", {"a": "1"}, Options(delete_before_replace=False))
Tree("b", ".build/b", {"a": "1"}, Options(replace_with=[a]))
""",
        """
a = Tree("a", ".build/a2", {"a": "1"}, Options(delete_before_replace=False))
Tree("b", ".build/b", {"a": "1"}, Options(replace_with=[a]))
""",
        """
a = Tree("a", ".build/a3", {"a": "1"})
Tree("b", ".build/b", {"a": "1"}, Options(replace_with=[a]))
""",
    ),
    "deleted-with": _versions(
        """
a = Tree("a", ".build/a1", {"a": "1"})
Tree("b", ".build/a1/b", {"a": "1"}, Options(deleted_with=a, parent=a))
Tree("c", ".build/c", {"a": "1"}, Options(deleted_with=a))
""",
        """
a = Tree("a", ".build/a2", {"a": "1"})
Tree("b", ".build/a1/b", {"a": "1"}, Options(deleted_with=a, parent=a))
Tree("c", ".build/c", {"a": "1"}, Options(deleted_with=a))
""",
    ),
    "read-and-own": _versions(
        'Tree("t", ".build/t", {"a": "1"}, Options(retain_on_delete=True))',
        'Tree("t", ".build/t", {"a": "1"}, Options(id=".build/t"))',
        'Tree("t", ".build/t", {"a": "1"})',
    ),
    "transforms": _versions(
        _TRANSFORMS
        + """
pulumi.runtime.register_resource_transform(ignoring)
a = Tree("a", ".build/a", {"a": "1"})
Tree("b", a.folder.apply(lambda folder: f"{folder}-b"), {"a": "1"}, Options(transforms=[looking]))
Tree("c", a.folder.apply(lambda folder: f"{folder}-c"), {"a": "1"}, Options(transforms=[changing]))
Tree("d", pulumi.Output.secret(".build/d"), {"a": "1"}, Options(transforms=[looking, changing]))
""",
        _TRANSFORMS
        + """
a = Tree("a", ".build/a", {"a": "2"}, Options(transforms=[looking, ignoring]))
Tree("b", ".build/a-b", {"a": "2"}, Options(parent=a))
""",
    ),
    "hooks": _versions(
        _HOOKS + 'Tree("t", ".build/t", {"a": "1"}, Options(hooks=binding))\nGroup("g", Options(hooks=binding))',
        _HOOKS + 'Tree("t", ".build/t", {"a": "2"}, Options(hooks=binding))\nGroup("g")',
        _HOOKS,
    ),
    "aliases-of-providers": _versions(
        """
p = pulumi.ProviderResource("gigasite", "p", {})
Tree("t", ".build/t", {"a": "1"}, Options(provider=p, ignore_changes=["files"]))
""",
        """
p = pulumi.ProviderResource("gigasite", "q", {}, Options(aliases=[pulumi.Alias(name="p")]))
t = Tree("t", ".build/t", {"a": "2"}, Options(provider=p, ignore_changes=["files"]))
Tree("u", ".build/u", {"a": "1"}, Options(parent=t, deleted_with=t))
""",
        """
p = pulumi.ProviderResource("gigasite", "q", {})
t = Tree("t", ".build/moved", {"a": "2"}, Options(provider=p, ignore_changes=["files"]))
Tree("u", ".build/u", {"a": "1"}, Options(parent=t, deleted_with=t))
""",
    ),
}
