"""The settings file: what is read, what is refused, and that nothing is ever lost."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tomlkit import TOMLDocument

from tests.tray.tunings import CHOSEN, TUNED
from tray.errors import SettingsError
from tray.migrations import MIGRATIONS
from tray.options import Choices, Tuning, merge
from tray.preferences import Preferences
from tray.settings import LoadedSettings, list_changes, load_settings, save_settings, write_atomically
from tray.targets import name_own

TODAY = date(2026, 11, 22)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "settings.toml"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def test_no_file_means_no_choices(file: Path) -> None:
    assert load_settings(file, TODAY) == LoadedSettings(Choices())


def test_what_is_saved_is_loaded(file: Path) -> None:
    save_settings(file, list_changes(CHOSEN, "m"))
    loaded = load_settings(file, TODAY)
    assert loaded == LoadedSettings(loaded.choices, models={"m": TUNED})
    assert loaded.under().options == replace(merge(CHOSEN), api_key=None)
    assert file.read_text().startswith("schema = 1\n")


def test_what_the_app_does_is_saved_and_loaded_too(file: Path) -> None:
    save_settings(file, {"app.notifications": False, "app.keep_running": True, "models.folders": ("~/a", "/b")})
    expected = Preferences(notifications=False, keep_running=True, folders=("~/a", "/b"))
    assert load_settings(file, TODAY).preferences == expected


def test_a_key_can_be_taken_out_again(file: Path) -> None:
    write(file, "[endpoint]\nctx_size = 4096 # small\nport = 8002\n")
    save_settings(file, {"endpoint.ctx_size": None, "endpoint.threads": None})
    assert load_settings(file, TODAY).choices == Choices(port=8002)


def test_saving_keeps_comments_and_keys_it_does_not_know(file: Path) -> None:
    write(file, '# mine\n[endpoint]\nport = 8002 # the IDE knows this\nlater = "x"\n')
    save_settings(file, {"endpoint.model": "/m.gguf"})
    text = file.read_text()
    assert "# mine" in text
    assert "port = 8002 # the IDE knows this" in text
    assert 'later = "x"' in text
    assert load_settings(file, TODAY).choices == Choices(port=8002, model="/m.gguf")


MODELS = """\
[model."owner/name"]
ctx_size = 4096 # short
threads = 2

[model.starter]
temperature = 1
"""


def test_settings_of_one_model_are_read_from_a_table_of_its_name(file: Path) -> None:
    write(file, MODELS)
    expected = {"owner/name": Tuning(ctx_size=4096, threads=2), "starter": Tuning(temperature=1.0)}
    assert load_settings(file, TODAY).models == expected


def test_a_models_table_goes_with_its_last_key(file: Path) -> None:
    write(file, MODELS)
    save_settings(file, {'model."owner/name".threads': None, 'model."starter".temperature': None})
    assert file.read_text().rstrip() == 'schema = 1\n\n[model."owner/name"]\nctx_size = 4096 # short'
    save_settings(file, {'model."owner/name".ctx_size': None})
    assert "model" not in file.read_text()


def test_a_new_models_table_is_named_as_the_model_whatever_that_is(file: Path) -> None:
    name = 'C:\\a "b"\x7f\n.gguf'
    save_settings(file, {name_own(name, "kv_type"): "q8_0"})
    assert load_settings(file, TODAY).models == {name: Tuning(kv_type="q8_0")}


def test_a_table_within_braces_is_added_to(file: Path) -> None:
    write(file, 'model = {"a" = {ctx_size = 5}}\n')
    save_settings(file, {'model."a".kv_type': "q8_0", 'model."b".threads': 2})
    expected = {"a": Tuning(ctx_size=5, kv_type="q8_0"), "b": Tuning(threads=2)}
    assert load_settings(file, TODAY).models == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = 3", "model must be a table ([model]), not 3"),
        ("[model]\nctx_size = 3", 'model."ctx_size" must be a table ([model."ctx_size"]), not 3'),
        ("[model.m]\nctx_size = 'x'", 'model."m".ctx_size must be a whole number'),
    ],
)
def test_a_mistake_about_one_model_is_named(file: Path, text: str, said: str) -> None:
    write(file, text)
    with pytest.raises(SettingsError, match=re.escape(said)):
        load_settings(file, TODAY)


def test_what_can_not_be_said_for_one_model_alone_is_ignored_and_named(file: Path) -> None:
    write(file, "[model.m]\nport = 3\n")
    loaded = load_settings(file, TODAY)
    assert (loaded.models, loaded.notes) == ({"m": Tuning()}, (f'{file}: unknown key model."m".port, ignored',))


def test_an_api_key_is_never_saved_here(file: Path) -> None:
    save_settings(file, list_changes(Choices(api_key="secret", port=1), "m"))
    assert "secret" not in file.read_text()


def test_unknown_keys_are_named_and_ignored(file: Path) -> None:
    write(file, 'colour = "red"\n[endpoint]\nprot = 8002\n')
    loaded = load_settings(file, TODAY)
    assert loaded.choices == Choices()
    assert loaded.notes == (f"{file}: unknown key colour, ignored", f"{file}: unknown key endpoint.prot, ignored")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("port = 99999", "endpoint.port must be a whole number from 0 to 65535"),
        ('port = "8001"', "endpoint.port must be a whole number"),
        ("port = true", "endpoint.port must be a whole number"),
        ("ctx_size = -1", "endpoint.ctx_size must be a whole number of at least 0 (0: as memory allows), not -1"),
        ("temperature = true", "endpoint.temperature must be a number from 0 to 2, not True"),
        ("model = 3", "endpoint.model must be a text"),
        ('host = " "', "endpoint.host must be a text"),
        ('provider = "vllm"', "endpoint.provider must be one of llamacpp"),
        ("[app]\nnotifications = 1", "app.notifications must be true or false, not 1"),
        ('[models]\nfolders = "a"', "models.folders must be a list of folders, not 'a'"),
    ],
)
def test_a_wrong_value_is_named_with_file_key_and_what_is_allowed(file: Path, line: str, said: str) -> None:
    write(file, f"[endpoint]\n{line}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(file, TODAY)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"port = = 3", b"\xff\xfe\x00", b"[endpoint\n", b"a = " + b"9" * 5000, b"a = " + b"[" * 5000]
)
def test_a_broken_file_is_kept_aside_and_named(file: Path, content: bytes) -> None:
    write(file, "")
    file.write_bytes(content)
    loaded = load_settings(file, TODAY)
    kept = file.with_name("settings.toml.broken-2026-11-22")
    assert loaded.choices == Choices()
    assert str(kept) in loaded.notes[0]
    assert kept.read_bytes() == content
    assert not file.exists()


def test_an_older_broken_file_is_not_overwritten(file: Path) -> None:
    for content in ("= 1", "= 2", "= 3"):
        write(file, content)
        load_settings(file, TODAY)
    assert sorted(p.name for p in file.parent.iterdir()) == [
        "settings.toml.broken-2026-11-22",
        "settings.toml.broken-2026-11-22-2",
        "settings.toml.broken-2026-11-22-3",
    ]


def test_a_newer_schema_is_refused_and_the_file_left_alone(file: Path) -> None:
    write(file, "schema = 99\n")
    with pytest.raises(SettingsError, match="has schema 99, but this version"):
        load_settings(file, TODAY)
    assert file.read_text() == "schema = 99\n"


@pytest.mark.parametrize("schema", ['"1"', "true", "-1", "1.5"])
def test_a_schema_that_is_no_number_is_refused(file: Path, schema: str) -> None:
    write(file, f"schema = {schema}\n")
    with pytest.raises(SettingsError, match="schema must be a whole number"):
        load_settings(file, TODAY)


def test_migrations_run_in_order_and_leave_a_backup(file: Path) -> None:
    def rename(document: TOMLDocument) -> None:
        document["endpoint"]["port"] = document["endpoint"].pop("prot")

    def add_one(document: TOMLDocument) -> None:
        document["endpoint"]["port"] += 1

    before = "# mine\nschema = 1\n[endpoint]\nprot = 8001\n"
    write(file, before)
    loaded = load_settings(file, TODAY, (*MIGRATIONS, rename, add_one))
    assert loaded.choices == Choices(port=8002)
    assert file.with_name("settings.toml.bak").read_text() == before
    assert "# mine\nschema = 3\n" in file.read_text()


def test_a_migration_that_fails_leaves_the_file_as_it_was(file: Path) -> None:
    def explode(document: TOMLDocument) -> None:
        raise RuntimeError("bug")

    write(file, "schema = 1\n")
    with pytest.raises(RuntimeError):
        load_settings(file, TODAY, (*MIGRATIONS, explode))
    assert file.read_text() == "schema = 1\n"


def test_a_write_that_fails_halfway_leaves_the_old_file_and_no_litter(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(file, "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsError, match="can't be written: No space left"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_in_the_files_place_is_explained(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings(file, TODAY)


def test_a_section_that_is_no_table_is_explained(file: Path) -> None:
    write(file, "endpoint = 3\n")
    with pytest.raises(SettingsError, match="endpoint must be a table"):
        load_settings(file, TODAY)


@pytest.mark.skipif(os.name == "nt", reason="making links takes a right there")
def test_settings_that_are_kept_elsewhere_stay_linked(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles.toml"
    kept.write_text("# mine\n")
    file.parent.mkdir()
    file.symlink_to(kept)
    save_settings(file, {"endpoint.port": 8002})
    assert file.is_symlink()
    assert kept.read_text().startswith("# mine\n")
    assert load_settings(file, TODAY).choices.port == 8002


def test_half_a_letter_is_refused_and_the_file_stays(file: Path) -> None:
    save_settings(file, {"endpoint.port": 8002})
    with pytest.raises(SettingsError, match="can't be written as UTF-8"):
        save_settings(file, {"endpoint.model": "a\udcff.gguf"})
    assert load_settings(file, TODAY).choices == Choices(port=8002)
