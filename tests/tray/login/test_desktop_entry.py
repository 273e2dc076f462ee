from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray.login.desktop_entry import escape, join_command, read_flag, read_key, set_key, split_command

TEXT = """\
# mine
[Desktop Entry]
Name=Traypoint
Name[de]=Ablage

[Desktop Action Other]
Name=Other
"""


def test_a_key_is_read_from_its_group_only() -> None:
    assert read_key(TEXT, "Name") == "Traypoint"
    assert read_key(TEXT.replace("Name=Traypoint\n", ""), "Name") is None


def test_setting_a_key_changes_its_line_and_nothing_else() -> None:
    assert set_key(TEXT, "Name", "Mine") == TEXT.replace("Name=Traypoint", "Name=Mine")


def test_a_new_key_goes_to_the_end_of_the_group() -> None:
    assert set_key(TEXT, "Hidden", "true") == TEXT.replace("Ablage\n", "Ablage\nHidden=true\n")


def test_a_key_can_be_taken_away() -> None:
    assert set_key(TEXT, "Name", None) == TEXT.replace("Name=Traypoint\n", "")


def test_a_file_without_the_group_gets_one() -> None:
    assert set_key("", "Hidden", "true") == "[Desktop Entry]\nHidden=true\n"


@pytest.mark.parametrize(("value", "flag"), [("true", True), ("false", False), ("True", True), ("1", None)])
def test_a_flag_is_true_or_false_or_unknown(value: str, flag: bool | None) -> None:
    assert read_flag(f"[Desktop Entry]\nHidden = {value}\n", "Hidden") is flag


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("/opt/traypoint", "/opt/traypoint"),
        ("/opt/my apps/traypoint", '"/opt/my apps/traypoint"'),
        ('a"b', r'"a\"b"'),
        ("a$b`c", r'"a\$b\`c"'),
        (r"a\b", r'"a\\b"'),
        ("100%", "100%%"),
        ("", '""'),
    ],
)
def test_words_are_quoted_as_the_specification_says(word: str, quoted: str) -> None:
    assert join_command((word,)) == quoted


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"])), min_size=1))
def test_a_command_comes_back_from_the_file_as_it_was(words: list[str]) -> None:
    text = set_key("", "Exec", join_command(words))
    assert split_command(read_key(text, "Exec") or "") == tuple(words)


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_a_value_survives_its_escapes(value: str) -> None:
    value = value.strip()
    assert (read_key(f"[Desktop Entry]\nKey={escape(value)}\n", "Key") or "") == value
