"""The built-in list is in order, and a hostile one does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.hub_contract import CATALOGUE_LIMIT
from tray.models.catalogue import MOST_MODELS, Form, load_catalogue, parse_catalogue

GOOD = 'name = "A"\nrepo = "owner/a"\nform = "gguf"\nsize_gb = 1.5\nmemory_gb = 2\n'


def parse(*rows: str) -> tuple[int, tuple[str, ...]]:
    """How many entries are taken, and what is said of the others."""
    found = parse_catalogue(("schema = 1\n" + "".join(f"[[models]]\n{row}" for row in rows)).encode())
    return len(found.entries), found.notes


def test_the_built_in_list_is_read_whole() -> None:
    built_in = load_catalogue(None)
    assert not built_in.notes
    assert len({entry.wanted for entry in built_in.entries}) == len(built_in.entries) > 20
    assert {entry.form for entry in built_in.entries} == set(Form)
    assert all(entry.active_bytes <= entry.size_bytes < entry.memory_bytes for entry in built_in.entries)


def test_each_model_tells_its_licence_but_the_ones_nobody_here_knows() -> None:
    unknown = {entry.repo for entry in load_catalogue(None).entries if not entry.licence}
    assert unknown == {"unsloth/Qwen3.8-27B-GGUF", "mlx-community/Qwen3.8-27B-4bit"}


def test_unknown_fields_are_accepted_and_missing_ones_have_defaults() -> None:
    [entry] = parse_catalogue(f'schema = 1\n[[models]]\n{GOOD}colour = "red"\n'.encode()).entries
    assert (entry.size_bytes, entry.active_bytes, entry.quality) == (1_500_000_000, 1_500_000_000, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repo", '"../../etc/passwd"'),
        ("repo", '"owner/.."'),
        ("repo", '"--help/x y"'),
        ("repo", "7"),
        ("what", '"../secret.gguf"'),
        ("what", '"/etc/passwd"'),
        ("what", '"-rf"'),
        ("name", '"\\u001b[2Jgone"'),
        ("name", '"' + "x" * 200 + '"'),
        ("form", '"exe"'),
        ("kind", '"virus"'),
        ("size_gb", "nan"),
        ("size_gb", "-1"),
        ("memory_gb", "1e300"),
        ("memory_gb", "true"),
        ("quality", "1000"),
        ("licence", '"\\u0000"'),
    ],
)
def test_an_entry_that_makes_no_sense_is_left_out_and_told(field: str, value: str) -> None:
    kept = "".join(line + "\n" for line in GOOD.splitlines() if not line.startswith(field))
    count, notes = parse(GOOD, f"{kept}{field} = {value}\n")
    assert count == 1
    assert len(notes) == 1
    assert notes[0].startswith("model 2 of the list: ")
    assert notes[0].isprintable()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"schema = 2",
        b"schema = 1\nmodels = 7",
        b"schema = 1\nmodels = [7, [], 'x']",
        b"x" * (CATALOGUE_LIMIT + 1),
        b"a = " + b"[" * 5000,
    ],
)
def test_what_is_no_list_has_no_models_and_raises_nothing(data: bytes) -> None:
    assert parse_catalogue(data).entries == ()


def test_only_so_many_models_are_read() -> None:
    count, notes = parse(*[GOOD] * (MOST_MODELS + 5))
    assert count == MOST_MODELS
    assert len(notes) == 1


def test_the_users_list_is_shown_in_place_of_the_built_in_one(tmp_path: Path) -> None:
    own = tmp_path / "catalogue.toml"
    own.write_text(f"schema = 1\n[[models]]\n{GOOD}")
    assert load_catalogue(own).is_own
    assert [entry.wanted for entry in load_catalogue(own).entries] == ["owner/a"]


@pytest.mark.parametrize("content", [None, "nonsense", "schema = 1"])
def test_without_a_list_that_can_be_used_the_built_in_one_is_shown(tmp_path: Path, content: str | None) -> None:
    own = tmp_path / "catalogue.toml"
    if content is not None:
        own.write_text(content)
    found = load_catalogue(own)
    assert not found.is_own
    assert found.notes
    assert len(found.entries) > 20
