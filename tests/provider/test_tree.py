"""The tree kind: what is on disk after each step of its life."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigasite.errors import GigasiteError
from gigasite.provider.files import TreeHandler
from gigasite.provider.handler import UNKNOWN, DiffKind, PartialFailure
from gigasite.provider.location import blob_folder, project_root, working_in
from gigasite.provider.paths import clashes
from gigasite.provider.resources import store_contents

URN = "urn:pulumi:llano::sites::gigasite:files:Tree::inventory"
FOLDER = ".build/llano/inventory"
TREE = TreeHandler()


def wanted(contents: Mapping[str, str | bytes], folder: str = FOLDER) -> dict[str, Any]:
    return {"folder": folder, "files": store_contents(contents)}


def on_disk(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


class Life:
    """One tree through its life, as an engine drives it."""

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}
        self.outputs: Mapping[str, Any] = {}

    def apply(self, contents: Mapping[str, str | bytes]) -> None:
        inputs = wanted(contents)
        assert not TREE.check(URN, self.inputs or None, inputs).failures
        if self.inputs:
            self.outputs = TREE.update(URN, FOLDER, self.inputs, self.outputs, inputs, preview=False)
        else:
            self.outputs = TREE.create(URN, inputs, preview=False).outputs
        self.inputs = inputs

    def refresh(self) -> None:
        seen = TREE.read(URN, FOLDER, self.inputs, self.outputs)
        assert seen is not None
        self.outputs = seen.outputs

    def diff(self, contents: Mapping[str, str | bytes]) -> Mapping[str, DiffKind]:
        return TREE.diff(URN, FOLDER, self.inputs, self.outputs, wanted(contents)).details

    def delete(self) -> None:
        TREE.delete(URN, FOLDER, self.inputs, self.outputs)


names = st.sampled_from(["a", "b", "c.csv", "d", "ü", "..x", "with space", "-"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
trees = st.dictionaries(paths, st.binary(max_size=20), max_size=6).filter(lambda files: not list(clashes(files)))


@contextmanager
def fresh_project() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Pulumi.yaml").write_text("name: sites\nruntime: python\n")
        with working_in(Path(folder)):
            yield Path(folder)


@given(st.lists(trees, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_every_step_the_folder_holds_exactly_the_tree_and_nothing_is_left_after_delete(
    steps: list[dict[str, bytes]],
) -> None:
    with fresh_project() as root:
        life = Life()
        for contents in steps:
            life.apply(contents)
            assert on_disk(root / FOLDER) == contents
            assert not life.diff(contents)
            life.refresh()
            assert not life.diff(contents)
        life.delete()
        assert not (root / ".build").exists()


@given(trees, trees)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_diff_names_exactly_the_files_that_change(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    with fresh_project():
        life = Life()
        life.apply(old)
        expected = {f'files["{path}"]': DiffKind.ADD for path in new.keys() - old.keys()}
        expected |= {f'files["{path}"]': DiffKind.DELETE for path in old.keys() - new.keys()}
        expected |= {f'files["{path}"]': DiffKind.UPDATE for path in old.keys() & new.keys() if old[path] != new[path]}
        assert life.diff(new) == expected


@given(trees)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_repeated_create_finds_what_the_first_one_made(contents: dict[str, bytes]) -> None:
    with fresh_project() as root:
        first = TREE.create(URN, wanted(contents), preview=False)
        assert TREE.create(URN, wanted(contents), preview=False) == first
        assert on_disk(root / FOLDER) == contents


def test_files_of_others_stay(project: Path) -> None:
    life = Life()
    life.apply({"a.csv": "1", "sub/b.csv": "2"})
    (project / FOLDER / "sub/mine.txt").write_text("mine")
    life.apply({"a.csv": "1"})
    life.delete()
    assert on_disk(project / FOLDER) == {"sub/mine.txt": b"mine"}


def test_a_file_changed_by_hand_is_seen_by_a_refresh_and_brought_back(project: Path) -> None:
    life = Life()
    contents = {"a.csv": "1", "b.csv": "2", "c.csv": "3"}
    life.apply(contents)
    (project / FOLDER / "a.csv").write_text("edited")
    (project / FOLDER / "b.csv").unlink()
    life.refresh()
    assert life.diff(contents) == {'files["a.csv"]': DiffKind.UPDATE, 'files["b.csv"]': DiffKind.ADD}
    life.apply(contents)
    assert on_disk(project / FOLDER) == {path: text.encode() for path, text in contents.items()}


def test_a_tree_whose_files_all_went_is_gone(project: Path) -> None:
    life = Life()
    life.apply({"a.csv": "1"})
    (project / FOLDER / "a.csv").unlink()
    assert TREE.read(URN, FOLDER, life.inputs, life.outputs) is None


def test_an_import_reads_every_file_of_the_folder(project: Path) -> None:
    (project / FOLDER).mkdir(parents=True)
    (project / FOLDER / "a.csv").write_text("1")
    seen = TREE.read(URN, FOLDER, {}, {})
    assert seen is not None
    assert seen.outputs["files"] == store_contents({"a.csv": "1"})


def test_another_folder_replaces_the_tree(project: Path) -> None:
    life = Life()
    life.apply({"a.csv": "1"})
    moved = TREE.diff(URN, FOLDER, life.inputs, life.outputs, wanted({"a.csv": "1"}, ".build/other"))
    assert moved.replaces == ("folder",)
    assert not moved.delete_before_replace


def test_a_folder_inside_the_old_one_is_emptied_before_it_is_filled(project: Path) -> None:
    life = Life()
    life.apply({"b/c.csv": "1"})
    moved = TREE.diff(URN, FOLDER, life.inputs, life.outputs, wanted({"c.csv": "1"}, f"{FOLDER}/b"))
    assert moved.delete_before_replace


def test_previews_touch_nothing_and_pass_unknown_values(project: Path) -> None:
    inputs = wanted({"a.csv": "1"})
    assert TREE.create(URN, inputs, preview=True).outputs == TREE.create(URN, inputs, preview=False).outputs
    unknown_files = {"folder": FOLDER, "files": {"a.csv": UNKNOWN}}
    assert not TREE.check(URN, None, unknown_files).failures
    assert TREE.create(URN, unknown_files, preview=True).outputs["digest"] is UNKNOWN
    unknown_folder = {"folder": UNKNOWN, "files": inputs["files"]}
    assert not TREE.check(URN, None, unknown_folder).failures
    assert TREE.create(URN, unknown_folder, preview=True).outputs["folder"] is UNKNOWN
    assert TREE.diff(URN, FOLDER, inputs, inputs, unknown_folder).replaces == ("folder",)
    assert TREE.diff(URN, FOLDER, inputs, inputs, {"folder": FOLDER, "files": UNKNOWN}).changed


def test_a_preview_of_a_create_leaves_no_folder(project: Path) -> None:
    TREE.create(URN, wanted({"a.csv": "1"}), preview=True)
    assert not (project / ".build").exists()


@pytest.mark.parametrize("preview", [True, False])
def test_a_missing_content_is_named_and_nothing_is_written(project: Path, preview: bool) -> None:
    inputs = wanted({"a.csv": "1", "b.csv": "2"})
    sha = inputs["files"]["b.csv"]
    (blob_folder(project_root()) / sha[:2] / sha).unlink()
    with pytest.raises(GigasiteError, match=rf"no stored content for b.csv \({sha[:12]}"):
        TREE.create(URN, inputs, preview=preview)
    assert not (project / FOLDER).exists()


def test_a_content_that_is_on_disk_already_is_not_asked_of_the_store(project: Path) -> None:
    life = Life()
    life.apply({"a.csv": "1"})
    sha = life.inputs["files"]["a.csv"]
    (blob_folder(project_root()) / sha[:2] / sha).unlink()
    assert TREE.create(URN, life.inputs, preview=False).outputs == life.outputs


def test_an_update_that_fails_half_way_says_what_is_there(project: Path) -> None:
    life = Life()
    life.apply({"a.csv": "1"})
    (project / FOLDER / "b.csv/inside").mkdir(parents=True)
    with pytest.raises(PartialFailure, match="a folder is in the way") as failure:
        life.apply({"a.csv": "new", "b.csv": "2"})
    assert failure.value.id == FOLDER
    assert "b.csv" not in failure.value.outputs["files"]
    (project / FOLDER / "b.csv/inside").rmdir()
    (project / FOLDER / "b.csv").rmdir()
    life.outputs = failure.value.outputs
    life.apply({"a.csv": "new", "b.csv": "2"})
    assert on_disk(project / FOLDER) == {"a.csv": b"new", "b.csv": b"2"}


@pytest.mark.parametrize("names", [("a.csv", "b.csv", "c/d.csv"), ("c/d.csv", "b.csv", "a.csv")])
def test_what_can_be_written_is_written_whatever_order_the_files_come_in(project: Path, names: tuple[str, ...]) -> None:
    (project / FOLDER / "b.csv/inside").mkdir(parents=True)
    files = wanted(dict.fromkeys(names, "1"))
    with pytest.raises(PartialFailure, match=r"b\.csv: a folder is in the way") as failure:
        TREE.create(URN, files, preview=False)
    assert set(failure.value.outputs["files"]) == set(on_disk(project / FOLDER)) == {"a.csv", "c/d.csv"}


HOSTILE = [
    "/etc/passwd",
    "../out",
    "a/../../out",
    "a/..",
    ".",
    "",
    "a//b",
    "a/",
    "a\nb",
    "a\x00b",
    "a\x1b[31m",
    "a\u2028b",
    "\ud800",
    "C:/x",
    "a\\b",
    'a"]b',
    ".git/hooks/post-checkout",
    "x/.GIT/config",
    ".pulumi/stacks",
    "n" * 256,
    "a/" * 600 + "b",
    7,
    None,
]


@pytest.mark.parametrize("path", HOSTILE, ids=repr)
def test_hostile_paths_are_refused(project: Path, path: Any) -> None:
    sha = "0" * 64
    assert TREE.check(URN, None, {"folder": path, "files": {}}).failures
    if path is not None:
        assert TREE.check(URN, None, {"folder": "x", "files": {path: sha}}).failures
    if isinstance(path, str):
        with pytest.raises((GigasiteError, PartialFailure)):
            TREE.create(URN, {"folder": "x", "files": {path: store_contents({"a": "1"})["a"]}}, preview=False)
        with pytest.raises(GigasiteError):
            TREE.delete(URN, path, {"files": {"passwd": sha}}, {})


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": "0" * 63}, "SHA-256"),
        ({"a": "A" * 64}, "SHA-256"),
        ({"a": None}, "SHA-256"),
        ({"a": "0" * 64, "A": "0" * 64}, "only in case"),
        ({"a": "0" * 64, "a/b": "0" * 64}, "where `a` is a file"),
        ([], "must map"),
        (None, "missing"),
    ],
)
def test_trees_that_cannot_be_are_refused(project: Path, files: object, reason: str) -> None:
    failures = TREE.check(URN, None, {"folder": "x", "files": files}).failures
    assert reason in failures[0].reason


def test_properties_that_a_tree_does_not_have_are_refused(project: Path) -> None:
    failures = TREE.check(URN, None, {"folder": "x", "files": {}, "path": "y"}).failures
    assert [failure.property for failure in failures] == ["path"]


@pytest.mark.parametrize("link", [".build", ".build/llano", FOLDER, f"{FOLDER}/sub"])
def test_a_link_that_leads_out_of_the_project_is_not_followed(project: Path, tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.csv").write_text("precious")
    (project / link).parent.mkdir(parents=True, exist_ok=True)
    (project / link).symlink_to(outside)
    inputs = wanted({"b.csv": "1", "sub/b.csv": "1"})
    with pytest.raises((GigasiteError, PartialFailure), match="symbolic link"):
        TREE.create(URN, inputs, preview=False)
    with pytest.raises(GigasiteError, match="symbolic link"):
        TREE.delete(URN, FOLDER, inputs, inputs)
    assert on_disk(outside) == {"b.csv": b"precious"}


def test_a_link_to_another_folder_of_the_tree_is_followed(project: Path) -> None:
    (project / FOLDER / "other").mkdir(parents=True)
    (project / FOLDER / "sub").symlink_to("other")
    Life().apply({"sub/a/b.csv": "1", "sub/a/c.csv": "2"})
    assert on_disk(project / FOLDER / "other") == {"a/b.csv": b"1", "a/c.csv": b"2"}


def test_a_link_in_place_of_a_file_is_replaced_not_followed(project: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (project / FOLDER).mkdir(parents=True)
    (project / FOLDER / "a.csv").symlink_to(victim)
    Life().apply({"a.csv": "1"})
    assert victim.read_text() == "precious"
    assert on_disk(project / FOLDER) == {"a.csv": b"1"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_write_permission_is_said_plainly(project: Path) -> None:
    (project / ".build").mkdir(mode=0o500)
    with pytest.raises(GigasiteError, match="Permission denied"):
        TREE.create(URN, wanted({"a.csv": "1"}), preview=False)
