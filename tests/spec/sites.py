"""Small site files for the loader's tests."""

from __future__ import annotations

from gigasite.catalog.load import load_catalog
from gigasite.errors import Finding, FindingsError
from gigasite.spec.loader import LoadedSite, load_text

GOOD = "name: lab\npools: [{name: a, system: dgx-h100, nodes: 8}]\n"


def load(text: str | bytes) -> LoadedSite:
    """The site of a text, names looked up in the built-in catalog."""
    return load_text(text, "site.yaml", load_catalog())


def findings(text: str | bytes) -> tuple[Finding, ...]:
    """What is wrong with a text; nothing where it is a good site."""
    try:
        load(text)
    except FindingsError as error:
        return error.findings
    return ()


def line(finding: Finding) -> str:
    """`line:column code message (hint)`."""
    assert finding.place is not None
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.place.line}:{finding.place.column} {finding.code} {finding.message}{hint}"
