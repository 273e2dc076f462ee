"""A chat template that the user gives: what can't be used is told in one line, with the file and the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.errors import LoadError
from endpoint.text.template_file import read_template

GOOD = "{% for message in messages %}{{ message.content }}{% endfor %}\n"


def test_its_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_bytes(("Grüße {# é #}" + GOOD).encode())
    assert read_template(path) == "Grüße {# é #}" + GOOD


def test_an_editors_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.jinja"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_template(path) == GOOD


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"one\ntwo {% for %}\n", "is broken in line 2: Expected an expression"),
        (b"{{ messages }}\n\n{% if messages %}", "is broken in line 3"),
        (b"{{ messages | nosuch }}", "is broken in line 1: No filter named 'nosuch'"),
        (b"one\ntwo \xff", "is not UTF-8 text in line 2"),
        (b"x" * 300_000, "can't be used: it has 300,000 characters"),
        (b"x" * ((1 << 20) + 1), "is larger than 1 MiB"),
        (b"{{ " + b"(" * 100_000 + b" }}", "can't be used"),
    ],
    ids=["empty", "blank", "syntax", "unclosed", "filter", "latin", "too long", "too large", "nested for ever"],
)
def test_what_can_not_be_used_is_told_in_one_line(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "mine.jinja"
    path.write_bytes(content)
    with pytest.raises(LoadError) as caught:
        read_template(path)
    told = str(caught.value)
    assert str(path) in told
    assert why in told
    assert "--chat-template" in told
    assert "\n" not in told


@pytest.mark.parametrize("name", ["missing.jinja", "", "/dev/zero"])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadError, match=r"There is no file .* to read a chat template from"):
        read_template(tmp_path / name)
