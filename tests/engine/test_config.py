"""Stack files: what a program gets, and edits that leave the rest of the file alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gigasite.engine.config import StackConfig
from gigasite.engine.config_file import scalar
from gigasite.engine.project import Project
from gigasite.errors import GigasiteError, UsageError

FILE = """\
# what this stack is
config:
  # where it is
  sites:region: west  # not east
  sites:count: 1.50
  sites:flag: yes
  sites:map:
    list: [1, two, true]
  gigasite:endpoint: https://x
  # the end
other: kept
"""


@pytest.fixture
def project(project_root: Path) -> Project:
    return Project.load(project_root)


def config(project: Project, text: str) -> StackConfig:
    project.stack_file("dev").write_text(text)
    return StackConfig.load(project, "dev")


def test_scalars_keep_the_spelling_of_the_file_and_structures_become_json(project: Project) -> None:
    texts, secrets = config(project, FILE).resolved()
    assert texts == {
        "sites:region": "west",
        "sites:count": "1.50",
        "sites:flag": "yes",
        "sites:map": '{"list":[1,"two",true]}',
        "gigasite:endpoint": "https://x",
    }
    assert secrets == frozenset()


def test_a_key_without_namespace_belongs_to_the_project(project: Project) -> None:
    settings_ = config(project, "config:\n  region: west\n")
    assert settings_.get("sites:region") == settings_.get("region") == "west"
    assert settings_.get("gigasite:region") is None


def test_edits_touch_only_their_own_lines(project: Project) -> None:
    settings_ = config(project, FILE)
    settings_.set("region", "east")
    settings_.set("new", "value: with colon")
    assert settings_.remove("count")
    assert not settings_.remove("count")
    settings_.save()
    assert project.stack_file("dev").read_text() == (
        FILE.replace("west  # not", "east  # not")
        .replace("  sites:count: 1.50\n", "")
        .replace("https://x\n", "https://x\n  sites:new: 'value: with colon'\n")
    )


def test_structures_are_replaced_as_a_whole(project: Project) -> None:
    settings_ = config(project, FILE)
    settings_.set("map", "flat")
    assert "list" not in settings_.text
    assert settings_.text.count("sites:map") == 1
    settings_.set_secret("map", "s")
    settings_.save()
    assert StackConfig.load(project, "dev").get("map") == "s"
    assert "# the end" in settings_.text


def test_a_file_is_made_where_there_is_none(project: Project) -> None:
    settings_ = StackConfig.load(project, "fresh")
    settings_.set("region", "west")
    settings_.save()
    assert project.stack_file("fresh").read_text() == "config:\n  sites:region: west\n"
    settings_.remove("region")
    assert settings_.text == "config: {}\n"
    settings_.set("region", "back")
    assert yaml.safe_load(settings_.text) == {"config": {"sites:region": "back"}}


def test_flow_style_is_written_anew_as_a_block(project: Project) -> None:
    settings_ = config(project, "a: 1\nconfig: {region: west, 'sites:b': [1, 2]}\nz: 2\n")
    settings_.set("c", "3")
    assert yaml.safe_load(settings_.text) == {
        "a": 1,
        "config": {"region": "west", "sites:b": [1, 2], "sites:c": "3"},
        "z": 2,
    }


def test_listing_hides_secrets_unless_they_are_asked_for(project: Project) -> None:
    settings_ = config(project, FILE)
    settings_.set_secret("password", "hunter2")
    listed = {key: (text, secret) for key, text, secret in settings_.items()}
    assert listed["sites:password"] == ("[secret]", True)
    assert listed["sites:region"] == ("west", False)
    shown = {key: text for key, text, _ in settings_.items(show_secrets=True)}
    assert shown["sites:password"] == "hunter2"
    assert "hunter2" not in settings_.text


def test_secrets_inside_structures_are_decrypted_and_make_the_key_secret(project: Project) -> None:
    first = config(project, "")
    cipher = first.vault().encrypt("hunter2")
    first.save()
    salt = f"encryptionsalt: {first.salt_text}\n"
    settings_ = config(project, salt + f"config:\n  sites:db:\n    user: me\n    password:\n      secure: {cipher}\n")
    texts, secrets = settings_.resolved()
    assert texts == {"sites:db": '{"password":"hunter2","user":"me"}'}
    assert secrets == {"sites:db"}


def test_the_projects_own_defaults_count_where_the_stack_says_nothing(project_root: Path) -> None:
    file = project_root / "Pulumi.yaml"
    file.write_text(
        file.read_text()
        + "config:\n  size: 4\n  flag: {type: boolean, default: true}\n"
        + "  region: {value: east}\n  open: {type: string}\n"
    )
    settings_ = config(Project.load(project_root), "config:\n  sites:region: west\n")
    assert settings_.resolved()[0] == {"sites:size": "4", "sites:flag": "true", "sites:region": "west"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("environment: [prod]\n", "environments"),
        ("secretsprovider: awskms://alias/x\nencryptedkey: abc\n", "key management|awskms"),
        ("secretsprovider: gcpkms://x\n", "gcpkms"),
        ("config: [1]\n", "not a mapping"),
        ("- 1\n", "not a mapping"),
        ("config: {a: }b\n", "not YAML"),
    ],
)
def test_what_it_does_not_do_is_refused_by_name(project: Project, text: str, message: str) -> None:
    with pytest.raises(GigasiteError, match=message):
        config(project, text)


@pytest.mark.parametrize("key", ["", " a", "a b", "a\nb", "a:b:c:d"])
def test_what_is_no_key_is_refused(project: Project, key: str) -> None:
    with pytest.raises(UsageError, match="no configuration key"):
        config(project, FILE).set(key, "x")


def test_a_folder_in_place_of_the_file_is_named(project: Project) -> None:
    project.stack_file("dev").mkdir()
    with pytest.raises(GigasiteError, match="cannot be read"):
        StackConfig.load(project, "dev")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40)


@given(TEXTS)
def test_any_text_reads_back_as_itself(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}\n") == {"a": text}
    assert "\n" not in scalar(text)


KEYS = st.sampled_from(["a", "b", "sites:c", "gigasite:d", "map"])
EDITS = st.lists(st.tuples(KEYS, st.one_of(st.none(), TEXTS)), max_size=8)


@given(EDITS)
@settings(deadline=None, max_examples=60)
def test_edits_in_any_order_come_to_what_they_say(tmp_path_factory: pytest.TempPathFactory, edits: list) -> None:  # type: ignore[type-arg]
    root = tmp_path_factory.mktemp("p")
    (root / "Pulumi.yaml").write_text("name: sites\nruntime: python\n")
    project = Project.load(root)
    settings_ = config(project, FILE)
    expected = dict(settings_.resolved()[0])
    for key, value in edits:
        full = key if ":" in key else f"sites:{key}"
        if value is None:
            settings_.remove(key)
            expected.pop(full, None)
        else:
            settings_.set(key, value)
            expected[full] = value
    settings_.save()
    assert StackConfig.load(project, "dev").resolved()[0] == expected
    assert "other: kept" in settings_.text
    assert "# what this stack is" in settings_.text
