"""Labels: one line that every toolkit draws, whatever was in the text."""

from __future__ import annotations

import pytest

from tray.menu.items import MAX_LABEL, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("● Ready · llama.cpp", "● Ready · llama.cpp"),
        ("two\n lines", "two lines"),
        ("half a letter \udcff", "half a letter ?"),
        ("backwards \u202egpj.exe", "backwards ?gpj.exe"),
        ("x" * 200, "x" * (MAX_LABEL - 1) + "…"),
    ],
)
def test_a_label_is_one_line_of_what_can_be_drawn(text: str, shown: str) -> None:
    assert shorten(text) == shown
