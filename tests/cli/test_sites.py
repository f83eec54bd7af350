"""SITE is a stack's name, a site file, or its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from gigasite.cli.sites import any_stack, find_site, find_stack, known_stacks
from gigasite.errors import GigasiteError, UsageError

from .conftest import SITE, Run

FILE = Path("stacks/lab/site.yaml")


@pytest.mark.parametrize("word", ["lab", "stacks/lab", "stacks/lab/", "stacks/lab/site.yaml", "./stacks/lab/site.yaml"])
def test_all_ways_to_name_a_site_lead_to_its_file_and_stack(project: Path, word: str) -> None:
    assert find_site(word) == FILE
    found = find_stack(word)
    assert found.name == "lab"
    assert found.site_file.resolve() == (project / FILE).resolve()


def test_a_site_is_found_from_inside_its_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "stacks" / "lab")
    assert find_site(".") == Path("site.yaml")
    assert find_stack("site.yaml").name == "lab"
    assert find_stack("lab").name == "lab"


def test_a_site_outside_of_the_working_directory_is_found(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert find_stack(str(project / FILE)).project.root == project.resolve()


def test_the_stack_file_says_where_the_site_file_is(project: Path) -> None:
    (project / "stacks" / "elsewhere.yaml").write_text(SITE)
    (project / "stacks" / "Pulumi.two.yaml").write_text("config:\n  sites:site: elsewhere.yaml\n")
    assert find_site("two") == Path("stacks/elsewhere.yaml")
    assert find_stack("stacks/elsewhere.yaml").name == "two"


def test_a_folder_with_a_site_file_needs_no_stack_file(project: Path) -> None:
    (project / "stacks" / "Pulumi.lab.yaml").unlink()
    assert find_stack("lab").name == "lab"
    assert known_stacks(find_stack("lab").project) == ["lab"]


def test_a_near_name_is_offered(project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_site("lap")
    assert caught.value.hint == "did you mean lab?"


def test_a_site_file_without_a_stack_can_be_designed_but_not_brought_up(project: Path) -> None:
    (project / "other.yaml").write_text(SITE)
    assert find_site("other.yaml") == Path("other.yaml")
    with pytest.raises(UsageError, match="no stack has this site file"):
        find_stack("other.yaml")


def test_outside_of_a_project_only_files_are_sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text(SITE)
    assert find_site("site.yaml") == Path("site.yaml")
    assert find_site(".") == Path("site.yaml")
    with pytest.raises(UsageError, match="no project"):
        find_site("lab")


def test_a_any_stack_needs_a_name_that_files_can_have(project: Path) -> None:
    assert any_stack("fresh").name == "fresh"
    for word in ("a b", "-x", "x" * 200, "a\nb"):
        with pytest.raises(UsageError):
            any_stack(word)


def test_a_stack_file_that_is_no_yaml_is_named(project: Path) -> None:
    (project / "stacks" / "Pulumi.lab.yaml").write_text("config: [")
    with pytest.raises(GigasiteError) as caught:
        find_site("lab")
    assert caught.value.path.endswith("Pulumi.lab.yaml")


@pytest.mark.parametrize("word", ["a\0b", "x" * 5000 + "/y", "\ud800/x"])
def test_words_that_no_file_can_have_are_refused(run: Run, word: str) -> None:
    assert run("check", word).exit_code == 2


def test_a_pipe_in_place_of_a_file_is_refused(run: Run, project: Path) -> None:
    import os

    os.mkfifo(project / "pipe.yaml")
    ended = run("check", "pipe.yaml")
    assert ended.exit_code == 1
    assert "SPC100" in ended.stdout
