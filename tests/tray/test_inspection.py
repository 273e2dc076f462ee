"""What is wrong with a settings file, on which line, and that looking changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tray.errors import SettingsError
from tray.inspection import Inspection, Mistake, inspect_file, inspect_text


def test_no_file_is_an_empty_one(tmp_path: Path) -> None:
    assert inspect_file(tmp_path / "none.toml") == Inspection({})


def test_values_have_the_keys_whole_names() -> None:
    found = inspect_text('[endpoint]\nport = 8002\n[models]\nfolders = ["~/a"]\n')
    assert found == Inspection({"endpoint.port": 8002, "models.folders": ("~/a",)})
    assert found.obstacle is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[app]\nx = 1\n[endpoint]\n# port\nport = 99999\n", 5),
        ("endpoint.port = 99999\n", 1),
        ('[ endpoint ]\n"port" = 99999', 2),
        ("endpoint = {port = 99999}\n", None),
    ],
)
def test_a_wrong_value_is_told_with_its_key_and_line(text: str, line: int | None) -> None:
    (mistake,) = inspect_text(text).mistakes
    assert (mistake.line, mistake.key) == (line, "endpoint.port")
    assert mistake.told.startswith("endpoint.port must be a whole number")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[model."owner/name.gguf"]\nctx_size = 512\n[model."a b"]\nthreads = 0\n', 4),
        ("[model . 'a b']\n\n'threads' = 0", 3),
        ('model."a b".threads = 0\n', 1),
        ('[model]\n"a b" = {threads = 0}\n', None),
    ],
)
def test_a_wrong_value_for_one_model_is_told_with_its_line(text: str, line: int | None) -> None:
    (mistake,) = inspect_text(text).mistakes
    assert (mistake.line, mistake.key) == (line, 'model."a b".threads')


def test_what_may_be_said_for_one_model_has_a_whole_name_and_what_may_not_is_unknown() -> None:
    found = inspect_text("[model.m]\nctx_size = 512\nport = 1\n")
    assert (found.values, found.unknown) == ({'model."m".ctx_size': 512}, ('model."m".port',))


@pytest.mark.parametrize(("text", "line"), [("model = 3\n", 1), ("[model]\nctx_size = 3\n", 2)])
def test_a_table_of_models_that_is_none_is_an_obstacle(text: str, line: int) -> None:
    obstacle = inspect_text(text).obstacle
    assert obstacle is not None
    assert obstacle.line == line


def test_a_wrong_value_leaves_the_others_readable() -> None:
    found = inspect_text("[endpoint]\nport = 0\nthreads = 0\n")
    assert found.values == {"endpoint.port": 0}
    assert found.obstacle is None


def test_what_is_no_toml_is_told_with_its_line() -> None:
    found = inspect_text("# mine\nport = = 3\n")
    assert found.obstacle == Mistake("not valid TOML: Invalid value", 2, "port = = 3")
    assert str(found.obstacle) == "line 2: not valid TOML: Invalid value"


def test_a_text_that_ends_too_early_is_told_too() -> None:
    assert inspect_text("port =").obstacle == Mistake("not valid TOML: Invalid value (at end of document)")


@pytest.mark.parametrize("schema", ["99", '"1"', "true", "-1"])
def test_a_schema_that_is_not_known_is_an_obstacle(schema: str) -> None:
    obstacle = inspect_text(f"schema = {schema}\n").obstacle
    assert obstacle is not None
    assert obstacle.line == 1


def test_a_section_that_is_no_table_is_an_obstacle() -> None:
    obstacle = inspect_text("endpoint = 3\n").obstacle
    assert obstacle == Mistake("endpoint must be a table ([endpoint]), not 3", 1, "endpoint = 3")


def test_unknown_keys_are_named() -> None:
    assert inspect_text("colour = 1\n[endpoint]\nprot = 2\n").unknown == ("colour", "endpoint.prot")


def test_bytes_that_are_no_text_are_an_obstacle_and_stay(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in str(inspect_file(file).obstacle)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        inspect_file(tmp_path)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000], ids=["digits", "brackets"])
def test_what_python_cannot_take_in_is_a_mistake_too(text: str) -> None:
    obstacle = inspect_text(text).obstacle
    assert obstacle is not None
    assert obstacle.told.startswith("not valid TOML")
