"""What one part of a site file says about another, and about the catalog; told beside everything else.

These look at the file as it was read, not at the model, so that a mistake in one pool hides none in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from gigasite.errors import Finding, Severity
from gigasite.spec.messages import near, place_of
from gigasite.spec.pools import Role
from gigasite.spec.yamlmarks import Marked, Path_, dotted, shown

NAME_TWICE: Final = "SPC110"
UNKNOWN_NAME: Final = "SPC111"
NO_COMPUTE_ROLE: Final = "SPC112"
NAME_TOO_LONG: Final = "SPC113"
UNKNOWN_PRODUCT: Final = "SPC120"
CLOUD_ONLY: Final = "SPC121"
OTHER_ARCHITECTURE: Final = "SPC122"
CAP_ABOVE_MAXIMUM: Final = "SPC123"
UNKNOWN_PROFILE: Final = "SPC124"

# A DNS label has 63 characters (RFC 1035, 2.3.4); what follows prefix and pool takes up to this many of them.
_LONGEST_TAIL: Final = "-su20000-r999-n64-bmc"
MAX_NAME_STEM: Final = 63 - len(_LONGEST_TAIL)

_POOL_PRODUCTS: Final = {"system": "system", "reference_architecture": "reference-architecture"}
_POOL_COOLING_PRODUCTS: Final = {"rear_door": "rear-door", "immersion": "immersion-tank"}
_FABRIC_PRODUCTS: Final = {"switch": "switch", "spine_switch": "switch", "core_switch": "switch"}
_SITE_PRODUCTS: Final[Mapping[Path_, str]] = {
    ("location", "grid"): "grid",
    ("location", "climate"): "climate",
    ("cooling", "loop", "fluid"): "fluid",
    ("cooling", "loop", "cdu"): "cdu",
    ("cooling", "air", "unit"): "air-unit",
    ("cooling", "facility", "fluid"): "fluid",
    ("cooling", "facility", "pump"): "pump",
    ("racks", "feed"): "rack-feed",
    ("power", "transformers", "main_product"): "transformer",
    ("power", "transformers", "block_product"): "transformer",
    ("power", "ups", "product"): "ups",
    ("power", "generators", "product"): "generator",
    ("power", "distribution", "product"): "conductor-run",
    ("power", "distribution", "shelf_product"): "power-shelf",
    ("power", "bess", "product"): "bess",
    ("halls", "layout"): "hall-layout",
}


class ProductNames(Protocol):
    """What the loader asks of a catalog: which names it knows, and a few facts of systems."""

    def has(self, kind: str, name: str) -> bool: ...
    def keys(self, kind: str) -> tuple[str, ...]: ...
    def system(self, name: str) -> Any: ...
    def reference_architecture(self, name: str) -> Any: ...


def cross_findings(root: Marked, catalog: ProductNames | None) -> Iterator[tuple[Path_, Finding]]:
    """Names given twice or pointing nowhere, names too long, and what the catalog does not hold."""
    pools = tuple(_entries(root, "pools"))
    tenants = tuple(_entries(root, "tenants"))
    yield from _twice(root, pools, "pools")
    yield from _twice(root, tenants, "tenants")
    yield from _twice(root, tuple(_entries(root, "interconnects")), "interconnects")
    yield from _tenants(root, pools, tenants)
    yield from _fabrics(root, pools)
    yield from _supernets(root, pools)
    yield from _long_names(root, pools)
    if catalog is not None:
        yield from _products(root, pools, catalog)


def _entries(root: Marked, section: str) -> Iterator[tuple[Path_, Mapping[str, Marked]]]:
    listed = root.child(section)
    if listed is not None and isinstance(listed.value, list):
        for index, item in enumerate(listed.value):
            if isinstance(item.value, dict):
                yield (section, index), item.value


def _text(entry: Mapping[str, Marked], key: str) -> str | None:
    marked = entry.get(key)
    return marked.value if marked is not None and isinstance(marked.value, str) else None


_Entries = tuple[tuple[Path_, Mapping[str, Marked]], ...]
_Found = Iterator[tuple[Path_, Finding]]


def _twice(root: Marked, entries: _Entries, section: str) -> _Found:
    first: dict[str, Path_] = {}
    for path, entry in entries:
        name = _text(entry, "name")
        if name is None:
            continue
        if name in first:
            line = place_of(root, (*first[name], "name")).line
            message = f"two {section} are called {shown(name)}"
            hint = f"the first is in line {line}; give another name"
            yield _error(NAME_TWICE, root, (*path, "name"), message, hint)
        else:
            first[name] = path


def _tenants(root: Marked, pools: _Entries, tenants: _Entries) -> _Found:
    names = {name for _, entry in pools if (name := _text(entry, "name"))}
    for path, entry in tenants:
        pool = _text(entry, "pool")
        if pool is not None and pool not in names:
            message = f"there is no pool {shown(pool)}"
            yield _error(UNKNOWN_NAME, root, (*path, "pool"), message, near(pool, names, "pools"))


def _fabrics(root: Marked, pools: _Entries) -> _Found:
    fabrics = _section(root, "fabrics")
    if not fabrics:
        return
    roles = {name: _roles(fabric) for name, fabric in fabrics.items()}
    for path, entry in pools:
        fabric = _text(entry, "fabric")
        where = (*path, "fabric")
        if fabric is None:
            continue
        if fabric not in fabrics:
            message = f"there is no fabric {shown(fabric)}"
            yield _error(UNKNOWN_NAME, root, where, message, near(fabric, fabrics, "fabrics"))
        elif (found := roles[fabric]) is not None and Role.COMPUTE not in found:
            able = [name for name, has in roles.items() if has and Role.COMPUTE in has]
            hint = f"with that role: {', '.join(able)}" if able else f"add compute to the roles of {fabric}"
            message = f"the fabric {shown(fabric)} does not have the role compute that a pool's fabric needs"
            yield _error(NO_COMPUTE_ROLE, root, where, message, hint)


def _roles(fabric: Marked) -> frozenset[str] | None:
    listed = fabric.child("roles")
    if listed is None or not isinstance(listed.value, list):
        return None
    return frozenset(item.value for item in listed.value if isinstance(item.value, str))


def _supernets(root: Marked, pools: _Entries) -> _Found:
    network = root.child("network")
    supernets = network.child("supernets") if network else None
    if supernets is None or not isinstance(supernets.value, dict):
        return
    known = {role.value for role in Role} | set(_section(root, "fabrics"))
    known |= {name for _, entry in pools if (name := _text(entry, "fabric"))}
    for name in supernets.value:
        if name not in known:
            path = ("network", "supernets", name)
            message = f"a supernet belongs to a fabric or a role, and {shown(name)} is neither"
            yield _error(UNKNOWN_NAME, root, path, message, near(name, known), of_key=True)


def _long_names(root: Marked, pools: _Entries) -> _Found:
    naming = root.child("naming")
    site = root.child("name")
    prefix = naming.child("prefix") if naming else None
    stem = prefix.value if prefix is not None and isinstance(prefix.value, str) else None
    if stem is None and site is not None and isinstance(site.value, str):
        stem = site.value.replace("-", "")[:12]
    for path, entry in pools:
        name = _text(entry, "name")
        if name is None or stem is None or len(name) > 32 or len(stem) > 12:
            continue
        too_many = len(f"{stem}-{name}") - MAX_NAME_STEM
        if too_many > 0:
            message = f"hostnames that begin with '{stem}-{name}' are longer than DNS allows"
            hint = f"make the pool's name or naming.prefix {too_many} characters shorter"
            yield _error(NAME_TOO_LONG, root, (*path, "name"), message, hint)


def _products(root: Marked, pools: _Entries, catalog: ProductNames) -> _Found:
    for where, kind in _SITE_PRODUCTS.items():
        yield from _known(root, where, kind, catalog)
    power = root.child("power")
    generation = power.child("generation") if power is not None else None
    for index, _ in generation.children() if generation is not None else ():
        yield from _known(root, ("power", "generation", index, "product"), "generation-unit", catalog)
    for name in _section(root, "fabrics"):
        for key, kind in _FABRIC_PRODUCTS.items():
            yield from _known(root, ("fabrics", name, key), kind, catalog)
        yield from _known(root, ("fabrics", name, "optical", "switch"), "optical-switch", catalog)
        yield from _known(root, ("fabrics", name, "qos", "profile"), "roce-profile", catalog)
    for path, _ in _entries(root, "interconnects"):
        yield from _known(root, (*path, "border_switch"), "switch", catalog)
    for path, entry in pools:
        for key, kind in _POOL_PRODUCTS.items():
            yield from _known(root, (*path, key), kind, catalog)
        for key, kind in _POOL_COOLING_PRODUCTS.items():
            yield from _known(root, (*path, "cooling", key), kind, catalog)
        system = _text(entry, "system")
        if system is not None and catalog.has("system", system):
            yield from _system(root, path, entry, catalog.system(system), catalog)


def _known(root: Marked, path: Path_, kind: str, catalog: ProductNames) -> _Found:
    here: Marked | None = root
    for step in path:
        here = here.child(step) if here else None
    if here is None or not isinstance(here.value, str) or catalog.has(kind, here.value):
        return
    message = f"the catalog has no {kind.replace('-', ' ')} {shown(here.value)}"
    hint = near(here.value, catalog.keys(kind)) or "add it in the site's own catalog folder"
    yield _error(UNKNOWN_PRODUCT, root, path, message, hint)


def _system(root: Marked, path: Path_, entry: Mapping[str, Marked], system: Any, catalog: ProductNames) -> _Found:
    if system.form == "cloud":
        message = f"{system.title} is a system that only clouds have: no site can rack it"
        hint = "rent it from its cloud, or choose a system that can be bought"
        yield _error(CLOUD_ONLY, root, (*path, "system"), message, hint)
        return
    named = _text(entry, "reference_architecture")
    if named is not None and catalog.has("reference-architecture", named):
        architecture = catalog.reference_architecture(named)
        made_for = architecture.systems
        listed = {catalog.system(key).key if catalog.has("system", key) else key for key in made_for}
        if system.key not in listed:
            where = (*path, "reference_architecture")
            message = f"{architecture.key} is not made for {system.key}"
            yield _error(OTHER_ARCHITECTURE, root, where, message, f"it is for {', '.join(sorted(listed))}")
    yield from _profile(root, path, entry, system)
    cap = entry.get("power_cap_kw")
    value = cap.value if cap is not None else None
    if not isinstance(value, int | float) or isinstance(value, bool) or not system.max_kw:
        return
    if value > system.max_kw:
        where = (*path, "power_cap_kw")
        message = f"a cap of {value:g} kW is above what {system.key} draws at most, {system.max_kw:g} kW"
        yield _error(CAP_ABOVE_MAXIMUM, root, where, message, "lower the cap, or leave it out")


def _profile(root: Marked, path: Path_, entry: Mapping[str, Marked], system: Any) -> _Found:
    load = entry.get("load")
    named = load.child("profile") if load is not None else None
    if named is None or not isinstance(named.value, str) or named.value in system.power_profiles_kw:
        return
    message = f"the sheet of {system.key} gives no power profile {shown(named.value)}"
    hint = near(named.value, system.power_profiles_kw, "profiles") or "it gives none at all: write power_cap_kw"
    yield _error(UNKNOWN_PROFILE, root, (*path, "load", "profile"), message, hint)


def _section(root: Marked, key: str) -> Mapping[str, Marked]:
    section = root.child(key)
    return section.value if section is not None and isinstance(section.value, dict) else {}


def _error(
    code: str, root: Marked, path: Path_, message: str, hint: str, *, of_key: bool = False
) -> tuple[Path_, Finding]:
    place = place_of(root, path, of_key=of_key)
    return path, Finding(code, Severity.ERROR, message, hint, dotted(path), place)
