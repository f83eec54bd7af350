"""Programs in their successive versions; each version is brought up after the one before."""

from __future__ import annotations

from typing import Final

from .option_programs import OPTION_PROGRAMS

COMPONENT: Final = """
class Hall(pulumi.ComponentResource):
    def __init__(self, name, racks, opts=None):
        super().__init__("sites:index:Hall", name, {"racks": racks}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.tree = Tree(name, f".build/{name}", {"racks.csv": "rack\\n" * racks}, inside)
        below = pulumi.ResourceOptions(parent=self.tree)
        Tree(f"{name}-docs", f".build/{name}-docs", {"a.md": "# hall"}, below)
        self.register_outputs({"digest": self.tree.digest})
"""

PROGRAMS: Final[dict[str, tuple[str, ...]]] = {
    "tree": (
        'Tree("t", ".build/t", {"a.csv": "1", "b/c.csv": "2"})',
        'Tree("t", ".build/t", {"a.csv": "3", "d.csv": "4"})',
        'Tree("t", ".build/moved", {"a.csv": "3", "d.csv": "4"})\npulumi.export("is", "moved")',
        'pulumi.export("is", "gone")',
    ),
    "component": (
        COMPONENT + 'hall = Hall("h1", 2)\npulumi.export("digest", hall.tree.digest)',
        COMPONENT + 'Hall("h1", 3)\nHall("h2", 1)',
        COMPONENT + 'Hall("h2", 1)',
    ),
    "secrets": (
        """
        t = Tree("t", pulumi.Output.secret(".build/t"), {"a": "1"})
        u = Tree("u", ".build/u", {"a": "1"}, pulumi.ResourceOptions(additional_secret_outputs=["digest"]))
        pulumi.export("folder", t.folder)
        pulumi.export("digest", u.digest)
        pulumi.export("nested", {"open": 1, "hidden": pulumi.Output.secret([1, "two", None, {"three": 3.5}])})
        """,
        """
        t = Tree("t", pulumi.Output.secret(".build/t"), {"a": "2"})
        u = Tree("u", ".build/u", {"a": "2"})
        pulumi.export("digest", u.digest)
        """,
    ),
    "depends-on": (
        """
        a = Tree("a", ".build/a", {"a": "1"})
        b = Tree("b", ".build/b", {"b": "1"}, pulumi.ResourceOptions(depends_on=[a]))
        last = pulumi.ResourceOptions(depends_on=[b])
        c = Tree("c", a.digest.apply(lambda digest: ".build/c"), {"c": "1"}, last)
        """,
        """
        a = Tree("a", ".build/a", {"a": "2"})
        b = Tree("b", ".build/b", {"b": "1"})
        """,
        "",
    ),
    "outputs": (
        """
        pulumi.export("texts", ["ü", "", "line\\nline"])
        pulumi.export("numbers", {"whole": 3, "half": 0.5, "big": 1e21, "minus": -1})
        pulumi.export("flags", [True, False])
        pulumi.export("nothing", None)
        pulumi.export("deep", {"a": [{"b": {}}, []]})
        """,
    ),
    "kept": (
        """
        Tree("t", ".build/t", {"a": "1"}, pulumi.ResourceOptions(retain_on_delete=True))
        d = Tree("d", ".build/d", {"a": "1"})
        Tree("e", ".build/e", {"a": "1"}, pulumi.ResourceOptions(deleted_with=d))
        """,
        "",
    ),
    "replaced-in-turn": (
        """
        a = Tree("a", ".build/a1", {"a": "1"}, pulumi.ResourceOptions(delete_before_replace=False))
        b = Tree("b", a.folder.apply(lambda folder: f"{folder}-b"), {"b": "1"})
        """,
        """
        a = Tree("a", ".build/a2", {"a": "1"}, pulumi.ResourceOptions(delete_before_replace=False))
        b = Tree("b", a.folder.apply(lambda folder: f"{folder}-b"), {"b": "1"})
        """,
        """
        a = Tree("a", ".build/a3", {"a": "1"})
        b = Tree("b", a.folder.apply(lambda folder: f"{folder}-b"), {"b": "1"})
        """,
    ),
    **OPTION_PROGRAMS,
}
