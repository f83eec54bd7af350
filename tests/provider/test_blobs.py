"""The store of contents, and where it is."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigasite.errors import GigasiteError
from gigasite.provider.blobs import BlobStore
from gigasite.provider.filediff import file_diff
from gigasite.provider.location import blob_folder, project_root
from gigasite.provider.resources import store_contents


def test_what_was_put_is_got_under_its_sha256(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    sha = store.put(b"racks")
    assert sha == hashlib.sha256(b"racks").hexdigest()
    assert store.get(sha) == b"racks"
    assert store.get("0" * 64) is None


def test_blobs_are_for_their_user_alone(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / ".gigasite" / "blobs")
    path = store.path(store.put(b"racks"))
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (path.parent, store.folder, store.folder.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_putting_again_changes_nothing(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    path = store.path(store.put(b"racks"))
    before = path.stat()
    store.put(b"racks")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_a_truncated_blob_is_written_again(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha = store.put(b"racks")
    store.path(sha).write_bytes(b"ra")
    store.put(b"racks")
    assert store.get(sha) == b"racks"


def test_a_damaged_blob_is_reported(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha = store.put(b"racks")
    store.path(sha).write_bytes(b"wrong")
    with pytest.raises(GigasiteError, match="damaged"):
        store.get(sha)


def test_writers_side_by_side_leave_whole_blobs_and_nothing_else(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    contents = [str(n).encode() * 50 for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        lists = list(pool.map(lambda _: store.put_all(contents), range(8)))
    assert len(set(lists)) == 1
    files = [path for path in store.folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == sorted(lists[0])
    assert [store.get(sha) for sha in lists[0]] == contents


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64])
def test_only_hashes_name_blobs(tmp_path: Path, name: str) -> None:
    with pytest.raises(GigasiteError, match="not a SHA-256"):
        BlobStore(tmp_path).get(name)


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file")
    with pytest.raises(GigasiteError, match="cannot store file contents"):
        BlobStore(tmp_path / "blobs").put(b"racks")


def test_contents_are_text_or_bytes_only(project: Path) -> None:
    with pytest.raises(GigasiteError, match=r"a\.csv: .*not dict"):
        store_contents({"a.csv": {}})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("backend", "variable", "expected"),
    [
        ("file://.state?create_dir=true", None, ".state/.gigasite/blobs"),
        ("file://./.state", None, ".state/.gigasite/blobs"),
        ("file:///var/lib/state", None, "/var/lib/state/.gigasite/blobs"),
        ("s3://bucket", None, ".gigasite/blobs"),
        (None, None, ".gigasite/blobs"),
        ("s3://bucket", "file://.other", ".other/.gigasite/blobs"),
        ("file://.state", "https://api.pulumi.com", ".gigasite/blobs"),
    ],
)
def test_blobs_lie_beside_the_state(
    project: Path, monkeypatch: pytest.MonkeyPatch, backend: str | None, variable: str | None, expected: str
) -> None:
    lines = ["name: sites", "runtime: python", *([f"backend: {{url: '{backend}'}}"] if backend else [])]
    (project / "Pulumi.yaml").write_text("\n".join(lines))
    if variable:
        monkeypatch.setenv("PULUMI_BACKEND_URL", variable)
    assert blob_folder(project_root()) == project / expected


def test_gigasite_blobs_overrides_the_place(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGASITE_BLOBS", "elsewhere")
    assert blob_folder(project_root()) == project / "elsewhere"


def test_the_project_is_found_from_a_folder_below(project: Path) -> None:
    below = project / "stacks" / "plugin"
    below.mkdir(parents=True)
    assert project_root(below) == project


def test_without_a_project_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(GigasiteError, match=r"no Pulumi\.yaml here or above.*hint"):
        project_root(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def test_a_text_diff_shows_the_lines_that_change(store: BlobStore) -> None:
    old, new = store.put_all([b"rack,kw\nr1,40\nr2,40\n", b"rack,kw\nr1,40\nr2,132\n"])
    text = file_diff(store, "racks.csv", old, new)
    assert text.splitlines()[:2] == ["--- racks.csv", "+++ racks.csv"]
    assert "-r2,40\n+r2,132\n" in text


def test_a_new_file_and_a_removed_one_stand_against_nothing(store: BlobStore) -> None:
    sha = store.put(b"a\n")
    assert file_diff(store, "a", None, sha).startswith("--- /dev/null\n+++ a\n")
    assert file_diff(store, "a", sha, None).endswith("-a\n")
    assert file_diff(store, "a", sha, sha) == ""


def test_a_missing_end_of_line_is_shown(store: BlobStore) -> None:
    old, new = store.put_all([b"a\n", b"a"])
    assert r"\ No newline at end of file" in file_diff(store, "a", old, new)


def test_contents_that_are_no_text_are_described_by_size(store: BlobStore) -> None:
    old, new = store.put_all([b"\0\1", b"\xff\xfe\xfd"])
    assert file_diff(store, "a.bin", old, new) == "a.bin: 2 bytes -> 3 bytes\n"
    assert file_diff(store, "a.bin", None, new) == "a.bin: absent -> 3 bytes\n"


def test_a_missing_content_is_named_not_guessed(store: BlobStore) -> None:
    assert file_diff(store, "a", "0" * 64, store.put(b"a\n")) == "a: content 000000000000… is not stored here\n"


@given(st.integers(1, 60), st.integers(2, 30))
def test_a_diff_never_has_more_lines_than_asked(lines: int, limit: int) -> None:
    class Stored(BlobStore):
        def get(self, sha: str) -> bytes:
            return b"".join(b"%s%d\n" % (sha.encode(), n) for n in range(lines))

    text = file_diff(Stored(Path()), "a", "x", "y", limit_lines=limit)
    assert len(text.splitlines()) <= limit
