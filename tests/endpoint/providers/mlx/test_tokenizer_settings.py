"""What a folder says of its start, its end and its template, in the files of several generations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.providers.mlx.tokenizer_settings import read_chat_template, read_settings


def write(folder: Path, **files: object) -> Path:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_a_token_is_named_plainly_or_described(tmp_path: Path) -> None:
    own = {"bos_token": {"content": "<s>", "lstrip": False}, "eos_token": "</s>", "add_bos_token": True}
    settings = read_settings(write(tmp_path, tokenizer_config=own))
    assert (settings.start, settings.end, settings.adds_start, settings.adds_end) == ("<s>", "</s>", True, None)


def test_names_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    files = {"special_tokens_map": {"bos_token": "<b>", "eos_token": "<e>"}, "tokenizer_config": {"eos_token": "<x>"}}
    settings = read_settings(write(tmp_path, **files))
    assert (settings.start, settings.end) == ("<b>", "<x>")


def test_a_start_that_is_said_not_to_exist_is_not_looked_up_by_number(tmp_path: Path) -> None:
    write(tmp_path, config={"bos_token_id": 7, "eos_token_id": 8}, tokenizer_config={"bos_token": None})
    settings = read_settings(tmp_path)
    assert (settings.start, settings.starts, settings.ends) == (None, (), (8,))
    assert read_settings(write(tmp_path, tokenizer_config={})).starts == (7,)


def test_ends_are_collected_from_all_files_the_generation_s_first(tmp_path: Path) -> None:
    config = {"eos_token_id": [3, 5], "text_config": {"eos_token_id": 9}}
    write(tmp_path, generation_config={"eos_token_id": [5, 4, -1, True, "x", 2.5]}, config=config)
    assert read_settings(tmp_path).ends == (5, 4, 3, 9)


def test_a_folder_that_says_nothing_has_nothing(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert (settings.start, settings.end, settings.starts, settings.ends) == (None, None, (), ())
    assert read_chat_template(tmp_path) is None


def test_a_template_of_its_own_goes_before_one_in_the_settings(tmp_path: Path) -> None:
    write(tmp_path, tokenizer_config={"chat_template": "settings"})
    assert read_chat_template(tmp_path) == "settings"
    write(tmp_path, chat_template={"chat_template": "json"})
    assert read_chat_template(tmp_path) == "json"
    (tmp_path / "chat_template.jinja").write_text("Grüße {{ jinja }}", encoding="utf-8")
    assert read_chat_template(tmp_path) == "Grüße {{ jinja }}"


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        ([{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}], "d"),
        ([{"name": "tool_use", "template": "t"}], "t"),
        ([], None),
        ([3, {"name": "default"}], None),
        (17, None),
    ],
)
def test_of_several_templates_the_default_one_is_taken(templates: object, expected: str | None, tmp_path: Path) -> None:
    assert read_chat_template(write(tmp_path, tokenizer_config={"chat_template": templates})) == expected


def test_a_template_that_is_no_text_or_far_too_long_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff\xfe{{")
    with pytest.raises(LoadError, match=r"chat_template\.jinja is not UTF-8"):
        read_chat_template(tmp_path)
    (tmp_path / "chat_template.jinja").write_bytes(b"x" * 2_000_001)
    with pytest.raises(LoadError, match="larger than 2 MB"):
        read_chat_template(tmp_path)


def test_broken_settings_are_told_with_their_path(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text("{")
    with pytest.raises(LoadError, match=r"tokenizer_config\.json is not valid JSON"):
        read_settings(tmp_path)
