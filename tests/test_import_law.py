"""Imports go one way, so that whoever reads a module knows what it can depend on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "modules" / "gigasite"

EVERYBODY = {"errors", "units", "assets"}

# Each part, and the parts that it may import beside itself and those of EVERYBODY.
LAW: dict[str, set[str]] = {
    "errors": set(),
    "units": set(),
    "assets": set(),
    "spec": set(),
    "catalog": {"spec"},
    "design": {"spec", "catalog"},
    "economics": {"spec", "catalog", "design"},
    "checks": {"spec", "catalog", "design", "economics"},
    "render": {"spec", "catalog", "design"},
    "exports": {"spec", "catalog", "design"},
    "verify": {"spec", "catalog", "design", "checks", "render"},
    "provider": set(),
    "engine": {"provider"},
    "components": {"spec", "catalog", "design", "checks", "economics", "render", "exports", "provider"},
    "preview": {
        "spec",
        "catalog",
        "design",
        "checks",
        "economics",
        "render",
        "exports",
        "components",
        "engine",
    },
    "cli": {
        *("spec", "catalog", "design", "checks", "economics", "render", "exports"),
        *("components", "preview", "provider", "engine", "verify"),
    },
}
MAY_IMPORT_PULUMI = {"components", "provider", "engine"}


def _modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def _imported(path: Path) -> Iterator[str]:
    """Dotted names that a module imports anywhere, imports for type checkers included."""
    package = ["gigasite", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            if module == "gigasite":
                yield from (f"gigasite.{alias.name}" for alias in node.names)


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_before_it(path: Path) -> None:
    part = _part(path)
    if part == "__init__":
        return
    assert part in LAW, f"{part} is a new part: say in LAW what it may import"
    allowed = LAW[part] | EVERYBODY | {part}
    for module in _imported(path):
        if module.startswith("gigasite."):
            other = module.split(".")[1]
            assert other in allowed or other == "__version__", f"imports {module}"
        if module.split(".")[0].startswith("pulumi"):
            assert part in MAY_IMPORT_PULUMI, f"imports {module}"


def test_units_needs_nothing_but_pydantic() -> None:
    outside = {module.split(".")[0] for module in _imported(PACKAGE / "units.py")}
    assert outside <= {"__future__", "re", "typing", "pydantic"}


def test_the_law_itself_has_no_way_back() -> None:
    """No part may import, by however many steps, a part that may import it."""
    reach = {part: set(others) for part, others in LAW.items()}
    for _ in LAW:
        for part in reach:
            reach[part] |= {far for near in reach[part] for far in reach[near]}
    assert not [part for part, others in reach.items() if part in others]
