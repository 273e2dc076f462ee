"""Texts of strangers, names of files above all, made fit to be shown. Pure."""

from __future__ import annotations

NOT_UTF8 = "its name is not UTF-8: rename it"


def make_printable(text: str) -> str:
    """The text with a question mark for each character that terminals would obey, or toolkits refuse."""
    return "".join(each if each.isprintable() else "?" for each in text)


def is_utf8(text: str) -> bool:
    """Whether it can be written down at all. Bytes of a file's name that are no UTF-8 become halves of letters in
    Python, which no toolkit, settings file or HTTP answer takes.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
