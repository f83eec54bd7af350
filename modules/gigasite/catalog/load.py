"""Loads the catalog: the built-in products, and over them a site's own folder.

A kind's files are read when its first product is asked for; what a site's folder changes is read at once,
so that all that is wrong in it is said together. The built-in part is read once a process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from gigasite.assets import asset_folder
from gigasite.catalog import models, roce_products
from gigasite.catalog.drafts import Draft, Findings, near, place_faults, read_draft, strictly
from gigasite.catalog.kinds import FOLDERS, KIND_OF, MODELS
from gigasite.errors import FindingsError, GigasiteError, Place
from gigasite.spec.yamlmarks import MAX_BYTES, Marked

P = TypeVar("P", bound=models.Product)
_SUFFIXES: Final = (".yaml", ".yml")


class UnknownProduct(GigasiteError):  # noqa: N818  (reads as what it is)
    """The catalog has no product of that kind and name; the hint says which names are near."""


@dataclass(frozen=True, slots=True)
class _File:
    """A catalog file's content; `name` is how findings call it."""

    path: Path
    name: str
    data: bytes


class Catalog:
    """All products by kind, key and alias. Immutable; kinds are read from their files as they are needed."""

    def __init__(
        self, files: dict[str, tuple[_File, ...]], below: Catalog | None = None, pinned: str | None = None
    ) -> None:
        self.pinned: str | None = pinned or (below.pinned if below else None)
        """The Gigasite whose catalog a site is pinned to; None: the installed one."""
        self._files = files
        self._below = below
        self._drafts: dict[str, dict[str, Draft]] = {}
        self._products: dict[str, dict[str, models.Product]] = {}
        self._names: dict[str, dict[str, str]] = {}

    def system(self, name: str) -> models.System:
        """The system of that key or alias; raises UnknownProduct, like all of its siblings below."""
        return self._get("system", models.System, name)

    def reference_architecture(self, name: str) -> models.ReferenceArchitecture:
        return self._get("reference-architecture", models.ReferenceArchitecture, name)

    def switch(self, name: str) -> models.Switch:
        return self._get("switch", models.Switch, name)

    def cable(self, name: str) -> models.CableKind:
        return self._get("cable", models.CableKind, name)

    def roce_profile(self, name: str) -> roce_products.RoceProfile:
        return self._get("roce-profile", roce_products.RoceProfile, name)

    def cdu(self, name: str) -> models.Cdu:
        return self._get("cdu", models.Cdu, name)

    def fluid(self, name: str) -> models.Fluid:
        return self._get("fluid", models.Fluid, name)

    def grid(self, name: str) -> models.Grid:
        return self._get("grid", models.Grid, name)

    def power_stage(self, name: str) -> models.PowerStage:
        return self._get("power-stage", models.PowerStage, name)

    def rack_feed(self, name: str) -> models.RackFeed:
        return self._get("rack-feed", models.RackFeed, name)

    def heat_rejection(self, name: str) -> models.HeatRejection:
        return self._get("heat-rejection", models.HeatRejection, name)

    def air_unit(self, name: str) -> models.AirUnit:
        return self._get("air-unit", models.AirUnit, name)

    def of(self, model: type[P], name: str) -> P:
        """A product by its model and its key or alias. Raises UnknownProduct."""
        return self._get(KIND_OF[model], model, name)

    def all_of(self, model: type[P]) -> tuple[P, ...]:
        """All products of a model, sorted by key."""
        return tuple(product for product in self.products(KIND_OF[model]) if isinstance(product, model))

    @property
    def cables(self) -> tuple[models.CableKind, ...]:
        """All link media, the preferred first."""
        kinds = (p for p in self.products("cable") if isinstance(p, models.CableKind))
        return tuple(sorted(kinds, key=lambda cable: (cable.preference, cable.key)))

    @property
    def reference_architectures(self) -> tuple[models.ReferenceArchitecture, ...]:
        """All reference architectures, sorted by key."""
        kind = self.products("reference-architecture")
        return tuple(p for p in kind if isinstance(p, models.ReferenceArchitecture))

    def products(self, kind: str) -> tuple[models.Product, ...]:
        """All products of a kind, sorted by key."""
        return tuple(self._load(kind).values())

    def keys(self, kind: str) -> tuple[str, ...]:
        """The keys of all products of a kind, sorted; aliases are left out."""
        return tuple(self._load(kind))

    def has(self, kind: str, name: str) -> bool:
        """Whether a kind has a product of that key or alias."""
        self._load(kind)
        return name in self._names[kind]

    @staticmethod
    def origin(product: models.Product, field: str) -> models.Source | None:
        """Where a product's value is from; None where the catalog does not state it."""
        return product.origins.get(field)

    @staticmethod
    def unknown_facts(product: models.Product, fields: Iterable[str]) -> tuple[str, ...]:
        """Those of the fields that no source gives for this product."""
        return unknown_facts(product, fields)

    @property
    def base(self) -> Catalog:
        """The catalog below a site's own folder: the built-in one, or that to which the site is pinned."""
        return self._below.base if self._below else self

    @property
    def digest(self) -> str:
        """SHA-256 over the content of all files: equal catalogs have equal digests on any machine."""
        total = hashlib.sha256(self._below.digest.encode() if self._below else b"")
        for kind in sorted(self._files):
            for file in self._files[kind]:
                content = hashlib.sha256(file.data).hexdigest()
                total.update(f"{kind}/{file.path.name}\0{content}\n".encode())
        return total.hexdigest()

    def _get(self, kind: str, model: type[P], name: str) -> P:
        product = self._load(kind).get(self._names[kind].get(name, ""))
        if not isinstance(product, model):
            title = kind.replace("-", " ")
            raise UnknownProduct(f"the catalog has no {title} {name!r}", hint=near(name, tuple(self._names[kind])))
        return product

    def _load(self, kind: str) -> dict[str, models.Product]:
        """The products of a kind by key; raises FindingsError with all that is wrong in its files."""
        if kind not in FOLDERS:
            raise UnknownProduct(f"the catalog has no kind {kind!r}", hint=near(kind, tuple(FOLDERS)))
        if kind not in self._products:
            if self._below is not None and not self._files.get(kind):
                products = self._below._load(kind)
                self._names[kind] = self._below._names[kind]
                self._products[kind] = products
                return products
            findings = Findings()
            drafts = self._read(kind, findings)
            built = {key: _build(draft, findings) for key, draft in sorted(drafts.items())}
            names = _names(drafts, findings)
            if findings.found:
                raise FindingsError(findings.found)
            self._names[kind] = names  # first: whoever sees the products, on any thread, finds their names
            self._products[kind] = {key: product for key, product in built.items() if product is not None}
        return self._products[kind]

    def _read(self, kind: str, findings: Findings) -> dict[str, Draft]:
        """The drafts of a kind, this catalog's laid over those of the catalog below."""
        if kind not in self._drafts:
            known_fault_count = len(findings.found)
            drafts = dict(self._below._read(kind, findings)) if self._below else {}
            own: dict[str, Place] = {}
            for file in self._files.get(kind, ()):
                draft = read_draft(file.data, file.name, kind, findings)
                if draft is None:
                    continue
                if draft.key != file.path.stem:
                    hint = f"a product's file carries its key: {draft.key}.yaml"
                    findings.error(draft.place, f"the key {draft.key!r} is not the file's name", hint)
                elif draft.key in own:
                    hint = f"the other is {own[draft.key].file}"
                    findings.error(draft.place, f"{draft.key!r} has two files", hint)
                else:
                    own[draft.key] = draft.place
                    drafts[draft.key] = _laid_over(drafts.get(draft.key), draft, findings)
            if len(findings.found) > known_fault_count:
                return drafts
            self._drafts[kind] = drafts
        return self._drafts[kind]


def load_catalog(overlay: Path | None = None, base: Catalog | None = None) -> Catalog:
    """The built-in catalog, with the products and facts of a site's own folder over it where one is given.

    `base` is the catalog that a site is pinned to, instead of the built-in one.
    Raises FindingsError with every fault of the overlay's files, GigasiteError where there is no such folder.
    """
    built_in = base or _built_in()
    if overlay is None:
        return built_in
    if not overlay.is_dir():
        hint = "a catalog folder has the folders " + ", ".join(FOLDERS.values())
        raise GigasiteError("there is no such catalog folder", path=str(overlay), hint=hint)
    findings = Findings()
    try:
        files = _files_of(overlay, findings, str(overlay))
        _find_strays(overlay, findings)
    except OSError as error:
        hint = "give yourself the right to read it"
        raise GigasiteError(f"cannot be read: {error.strerror}", path=str(error.filename), hint=hint) from None
    catalog = Catalog(files, built_in)
    for kind in FOLDERS:
        if files.get(kind):
            try:
                catalog._load(kind)
            except FindingsError as fault:
                findings.found.extend(fault.findings)
    if findings.found:
        raise FindingsError(findings.found)
    return catalog


def built_in_texts() -> dict[str, str]:
    """The files of the built-in catalog by `folder/key.yaml`."""
    files = _built_in()._files
    return {f"{FOLDERS[kind]}/{file.path.name}": file.data.decode() for kind in files for file in files[kind]}


def catalog_of_texts(texts: Mapping[str, str], name: str, pinned: str) -> Catalog:
    """A catalog from such files; what is in no folder of a kind is left out. `name` is what findings call it."""
    kinds = {folder: kind for kind, folder in FOLDERS.items()}
    files: dict[str, list[_File]] = {}
    for path, text in sorted(texts.items()):
        folder, _, leaf = path.partition("/")
        if folder in kinds:
            files.setdefault(kinds[folder], []).append(_File(Path(leaf), f"{name}/{path}", text.encode()))
    return Catalog({kind: tuple(found) for kind, found in files.items()}, pinned=pinned)


def unknown_facts(product: models.Product, fields: Iterable[str]) -> tuple[str, ...]:
    """Those of the fields that no source gives for this product (their value is None)."""
    return tuple(field for field in fields if getattr(product, field) is None)


@cache
def _built_in() -> Catalog:
    findings = Findings()
    files = _files_of(asset_folder("catalog"), findings, "catalog")
    if findings.found:
        raise FindingsError(findings.found)
    return Catalog(files)


def _files_of(root: Path, findings: Findings, name: str) -> dict[str, tuple[_File, ...]]:
    """The files of every kind, sorted by name."""
    files: dict[str, tuple[_File, ...]] = {}
    for kind, folder in FOLDERS.items():
        here = root / folder
        if here.is_dir():
            files[kind] = tuple(_read_files(here, findings, f"{name}/{folder}"))
    return files


def _find_strays(root: Path, findings: Findings) -> None:
    """Findings for folders and YAML files that the catalog would pass over without a word."""
    for entry in sorted(root.iterdir()):
        if entry.name.startswith(".") or (entry.is_dir() and entry.name in FOLDERS.values()):
            continue
        if entry.is_dir() or entry.suffix in _SUFFIXES:
            hint = near(entry.name, tuple(FOLDERS.values()))
            findings.error(Place(str(entry)), "this is not a folder of the catalog", hint)


def _read_files(folder: Path, findings: Findings, name: str) -> Iterable[_File]:
    for path in sorted(folder.iterdir()):
        if path.suffix not in _SUFFIXES or path.name.startswith("."):
            continue
        called = f"{name}/{path.name}"
        data = _read_file(path, called, findings)
        if data is not None:
            yield _File(path, called, data)


def _read_file(path: Path, name: str, findings: Findings) -> bytes | None:
    """The bytes of a regular file of at most 1 MiB; None, with a finding, for anything else."""
    if not path.is_file():
        findings.error(Place(name), "this is not a file", "a catalog folder holds one YAML file a product")
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        findings.error(Place(name), f"cannot be read: {error.strerror}")
        return None
    if len(data) > MAX_BYTES:
        findings.error(Place(name), "the file is larger than 1 MiB", "write one product a file")
        return None
    return data


def _laid_over(below: Draft | None, draft: Draft, findings: Findings) -> Draft:
    """The upper draft's statements win one by one; title and aliases come from below where it has none."""
    if below is None:
        if draft.title is None:
            findings.error(draft.place, "'title' is missing", f"no {draft.kind} {draft.key!r} is built in")
        return draft
    aliases = tuple(dict.fromkeys((*below.aliases, *draft.aliases)))
    title = draft.title or below.title
    return Draft(draft.kind, draft.key, title, aliases, {**below.facts, **draft.facts}, draft.place)


def _build(draft: Draft, findings: Findings) -> models.Product | None:
    """The typed product of a draft, with the origin of each of its facts."""
    values: dict[str, Marked] = {name: stated.value for name, stated in draft.facts.items()}
    plain = {name: marked.plain() for name, marked in values.items()}
    identity = {"kind": draft.kind, "key": draft.key, "title": draft.title or "?", "aliases": draft.aliases}
    keys = {name: stated.key_place for name, stated in draft.facts.items()}
    try:
        product = strictly(MODELS[draft.kind], {**identity, **plain})
    except ValidationError as fault:
        place_faults(fault, Marked(dict(values), draft.place, keys), findings)
        return None
    return product.model_copy(update={"origins": {name: stated.source for name, stated in draft.facts.items()}})


def _names(drafts: dict[str, Draft], findings: Findings) -> dict[str, str]:
    """Key of each name; a name that two products of a kind claim is a finding."""
    names = {key: key for key in sorted(drafts)}
    for key, draft in sorted(drafts.items()):
        for alias in draft.aliases:
            if names.setdefault(alias, key) != key:
                owner = names[alias]
                findings.error(draft.place, f"the alias {alias!r} already names {owner!r}", "choose another")
    return names
