"""`gigasite:files:Tree`: files below one folder of the project, known by the SHA-256 of their contents.

A tree owns the files that its state lists, by name; whatever else lies in the folder stays untouched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import BlobStore, is_sha256
from gigasite.provider.handler import (
    UNKNOWN,
    Checked,
    Created,
    Diff,
    DiffKind,
    Failure,
    Handler,
    PartialFailure,
    Props,
    resource,
)
from gigasite.provider.location import blob_folder, project_root
from gigasite.provider.paths import clashes, overlap, why_unsafe
from gigasite.provider.treefolder import TreeFolder

TREE_KIND = "gigasite:files:Tree"
_NAMED_LIMIT = 5

_INPUTS = {
    "folder": {
        "type": "string",
        "description": "Relative to the folder of Pulumi.yaml.",
        "willReplaceOnChanges": True,
    },
    "files": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "SHA-256 of each file's content by its path, which is relative to `folder`.",
    },
}


def tree_digest(files: Mapping[str, str]) -> str:
    """One SHA-256 for a whole tree: of its sorted lines `<sha256>  <path>`, as sha256sum prints them."""
    listing = "".join(f"{sha}  {path}\n" for path, sha in sorted(files.items()))
    return hashlib.sha256(listing.encode()).hexdigest()


@resource(TREE_KIND)
class TreeHandler(Handler):
    """Inputs: `folder`, relative to the folder of Pulumi.yaml; `files`, {relative path: SHA-256}.

    Outputs: the same, and `digest`. The identity is the folder.
    """

    schema: ClassVar[Mapping[str, Any]] = {
        "description": "Files below one folder, known by the SHA-256 of their contents.",
        "inputProperties": _INPUTS,
        "requiredInputs": ["folder", "files"],
        "properties": {
            **_INPUTS,
            "digest": {"type": "string", "description": "One SHA-256 for the whole tree."},
        },
        "required": ["folder", "files", "digest"],
    }

    def check(self, urn: str, old_inputs: Props | None, new_inputs: Props) -> Checked:
        """Refuses unsafe paths, paths that cannot stand together, and what is no SHA-256."""
        failures = [
            Failure(name, "is no property of a tree; it has `folder` and `files`")
            for name in new_inputs
            if name not in ("folder", "files")
        ]
        folder = new_inputs.get("folder")
        if folder is not UNKNOWN and (reason := why_unsafe(folder)):
            failures.append(Failure("folder", reason if folder is not None else "is missing"))
        files = new_inputs.get("files")
        if files is not UNKNOWN:
            failures.extend(_wrong_files(files))
        return Checked({"folder": folder, "files": files}, tuple(failures))

    def diff(self, urn: str, id: str, old_inputs: Props, old_outputs: Props, new_inputs: Props) -> Diff:  # noqa: A002
        """Compares with what was last seen in the folder, so what a refresh saw changed comes back."""
        old_folder, new_folder = old_inputs.get("folder", id), new_inputs["folder"]
        details: dict[str, DiffKind] = {}
        if old_folder != new_folder:
            details["folder"] = DiffKind.UPDATE_REPLACE
        details.update(
            _file_changes(_files(old_outputs if "files" in old_outputs else old_inputs), new_inputs["files"])
        )
        return Diff(details, delete_before_replace=new_folder is not UNKNOWN and overlap(old_folder, new_folder))

    def create(self, urn: str, inputs: Props, *, preview: bool) -> Created:
        """Writes the files. Those that are there already with the right content are left as they are."""
        if inputs["folder"] is UNKNOWN:
            return Created("", {**inputs, "digest": UNKNOWN})
        return Created(inputs["folder"], self._write(inputs["folder"], {}, inputs, preview=preview))

    def read(self, urn: str, id: str, inputs: Props, outputs: Props) -> Created | None:  # noqa: A002
        """The hashes of the tree's files as they are on disk; without a state, of all files there."""
        tree = _tree_folder(id)
        if not tree.exists():
            return None
        known = _files(outputs) or _files(inputs)
        seen = tree.hashes(known if outputs or inputs else tree.listing())
        if known and not seen:
            return None
        return Created(id, _outputs(id, seen))

    def update(
        self,
        urn: str,
        id: str,  # noqa: A002
        old_inputs: Props,
        old_outputs: Props,
        new_inputs: Props,
        *,
        preview: bool,
    ) -> Props:
        """Writes what differs on disk from the wanted, and removes the files that left the tree."""
        return self._write(id, {**_files(old_inputs), **_files(old_outputs)}, new_inputs, preview=preview)

    def delete(self, urn: str, id: str, inputs: Props, outputs: Props) -> None:  # noqa: A002
        """Removes the tree's files, and folders that are empty then."""
        tree = _tree_folder(id)
        try:
            tree.remove({**_files(inputs), **_files(outputs)})
            tree.remove_if_empty()
        except OSError as error:
            raise GigasiteError(_reason(error), path=id, hint="make the folder writable and run again") from error

    def _write(self, folder: str, old: Mapping[str, str], inputs: Props, *, preview: bool) -> dict[str, Any]:
        files = inputs["files"]
        if files is UNKNOWN or UNKNOWN in files.values():
            return {"folder": folder, "files": files, "digest": UNKNOWN}
        tree, store = _tree_folder(folder), BlobStore(blob_folder(project_root()))
        seen = tree.hashes(files)
        wanted = {path: sha for path, sha in files.items() if seen.get(path) != sha}
        _refuse_missing(folder, {path: sha for path, sha in wanted.items() if not store.has(sha)})
        if preview:
            return _outputs(folder, files)
        try:
            tree.make()
            tree.remove(path for path in old if path not in files)
            tree.write(wanted, store)
        except (OSError, GigasiteError) as error:
            left = tree.hashes({**old, **files})
            if not left and not old:
                raise GigasiteError(_reason(error), path=folder) from error
            raise PartialFailure(folder, _outputs(folder, left), (_reason(error),)) from error
        return _outputs(folder, files)


def _outputs(folder: str, files: Mapping[str, str]) -> dict[str, Any]:
    return {"folder": folder, "files": dict(files), "digest": tree_digest(files)}


def _tree_folder(folder: str) -> TreeFolder:
    return TreeFolder(project_root(), folder)


def _files(props: Props | None) -> dict[str, str]:
    files = (props or {}).get("files")
    return dict(files) if isinstance(files, Mapping) else {}


def _wrong_files(files: object) -> list[Failure]:
    if not isinstance(files, Mapping):
        return [Failure("files", "is missing" if files is None else "must map relative paths to SHA-256 hashes")]
    failures = []
    for path, sha in files.items():
        if reason := why_unsafe(path):
            failures.append(Failure("files", f"{path!r:.120} {reason}"))
        elif sha is not UNKNOWN and not is_sha256(sha):
            failures.append(Failure(f'files["{path}"]', "must be a SHA-256 of 64 lower-case hexadecimal digits"))
    if not failures:
        failures = [Failure(f'files["{path}"]', reason) for path, reason in clashes(files)]
    return failures


def _file_changes(old: Mapping[str, str], new: object) -> dict[str, DiffKind]:
    if not isinstance(new, Mapping):
        return {"files": DiffKind.UPDATE}
    changes = {}
    for path in sorted({*old, *new}):
        if path not in new:
            changes[f'files["{path}"]'] = DiffKind.DELETE
        elif path not in old:
            changes[f'files["{path}"]'] = DiffKind.ADD
        elif old[path] != new[path]:
            changes[f'files["{path}"]'] = DiffKind.UPDATE
    return changes


def _refuse_missing(folder: str, missing: Mapping[str, str]) -> None:
    if not missing:
        return
    named = [f"{path} ({sha:.12}…)" for path, sha in sorted(missing.items())]
    more = f" and {len(named) - _NAMED_LIMIT} more" if len(named) > _NAMED_LIMIT else ""
    raise GigasiteError(
        f"no stored content for {', '.join(named[:_NAMED_LIMIT])}{more}",
        path=folder,
        hint="the program stores contents before it registers trees; looked in "
        f"{blob_folder(project_root())} (set GIGASITE_BLOBS where they are elsewhere)",
    )


def _reason(error: OSError | GigasiteError) -> str:
    """What went wrong, with paths relative to the project: it may end in the state, which clones share."""
    text = str(error)
    if isinstance(error, OSError):
        text = f"{error.filename or 'the folder'}: {error.strerror or error}"
    return text.replace(f"{project_root()}{os.sep}", "")
