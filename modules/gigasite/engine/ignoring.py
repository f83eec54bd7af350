"""`ignore_changes` and `replace_on_changes`: inputs kept as they were, changes that become replacements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from gigasite.engine.paths import contains, parts
from gigasite.engine.values import Secret
from gigasite.provider.handler import Diff, DiffKind

INIT_ERROR: Final = "#initerror"  # Pulumi's name for "was left half done" among the properties
_ANY: Final = "*"
_REPLACING: Final = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}

Path: TypeAlias = tuple[str | int, ...]


def with_replacements(diff: Diff, paths: Iterable[str], *, half_done: bool) -> Diff:
    """`diff` with what lies below one of `paths` replacing the resource; `half_done`: it has init errors."""
    forced = [tuple(parts(path)) for path in paths]
    if not forced or not (diff.changed or half_done):
        return diff
    details = {
        path: _REPLACING.get(kind, kind) if any(contains(above, tuple(parts(path))) for above in forced) else kind
        for path, kind in diff.details.items()
    }
    if half_done and any(contains(above, (INIT_ERROR,)) for above in forced):
        details[INIT_ERROR] = DiffKind.UPDATE_REPLACE
    return Diff(details, diff.delete_before_replace)


def without_ignored(
    new: Mapping[str, Any], old: Mapping[str, Any], paths: Iterable[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """`new` with what `paths` name as it is in `old`, and the paths that cannot be reset.

    A path into a list cannot add or remove an element, and a path through something that only one side has
    leads nowhere.
    """
    kept = _copied(new)
    bad = tuple(path for path in paths if not _reset(tuple(parts(path)), old, kept, False))
    return kept, bad


def _copied(value: Any) -> Any:
    """A copy whose objects and lists may be changed; secrets are opened where a path may lead into them."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return Secret(_copied(value.value)) if isinstance(value, Secret) else value


def _reset(path: Path, old: Any, new: Any, secret: bool) -> bool:
    """Resets one path in `new`; `secret`: what comes from `old` was secret there and is not in `new`."""
    if not path:
        return False
    while isinstance(old, Secret):
        old, secret = old.value, True
    while isinstance(new, Secret):
        new, secret = new.value, False
    key, rest = path[0], path[1:]
    if key == _ANY:
        return _reset_all(rest, old, new, secret)
    if isinstance(key, int):
        return _reset_item(key, rest, old, new, secret)
    return _reset_key(key, rest, old, new, secret)


def _reset_item(index: int, rest: Path, old: Any, new: Any, secret: bool) -> bool:
    lists = [isinstance(side, list | tuple) for side in (old, new)]
    if index < 0 or not all(lists):
        return index >= 0 and not any(lists)
    inside = [index < len(side) for side in (old, new)]
    if rest:
        return all(inside) and _reset(rest, old[index], new[index], secret)
    if all(inside):
        new[index] = Secret(old[index]) if secret else old[index]
    return all(inside) or not any(inside)


def _reset_key(key: str, rest: Path, old: Any, new: Any, secret: bool) -> bool:
    objects = [isinstance(side, Mapping) for side in (old, new)]
    has = [is_object and key in side for is_object, side in zip(objects, (old, new), strict=True)]
    if not rest:
        if has[0] and not objects[1]:
            return False
        if has[0]:
            new[key] = Secret(old[key]) if secret else old[key]
        elif has[1]:
            del new[key]
        return True
    if not all(objects):
        return not any(objects)
    if all(has):
        return _reset(rest, old[key], new[key], secret)
    return not has[0] and (not has[1] or _reset(rest, None, new[key], secret))


def _reset_all(rest: Path, old: Any, new: Any, secret: bool) -> bool:
    if isinstance(new, Mapping):
        if not isinstance(old, Mapping):
            return not rest
        if rest:
            return all(key in new and _reset(rest, old[key], new[key], secret) for key in old)
        for key in [key for key in new if key not in old]:
            del new[key]  # type: ignore[attr-defined]
        for key in old:
            new[key] = Secret(old[key]) if secret else old[key]  # type: ignore[index]
        return True
    if not isinstance(new, list):
        return False
    if not isinstance(old, list | tuple):
        return not rest
    done = [
        _reset(rest, old[at], new[at], secret) if rest else _reset_item(at, (), old, new, secret)
        for at in range(min(len(old), len(new)))
    ]
    return all(done) and len(old) == len(new)
