"""Which methods of plain values a template may call, and how the few that can grow their input are bounded. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedFormatter

from endpoint.text.sandbox.ledger import Ledger

if TYPE_CHECKING:
    from jinja2 import Environment

_TEXT_METHODS = frozenset(
    {
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isdecimal",
        "isdigit",
        "islower",
        "isnumeric",
        "isspace",
        "istitle",
        "isupper",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
    }
)
_ALLOWED: tuple[tuple[type | tuple[type, ...], frozenset[str]], ...] = (
    (str, _TEXT_METHODS),
    (dict, frozenset({"get", "items", "keys", "values"})),
    ((list, tuple, range), frozenset({"count", "index"})),
    ((int, float, bytes, type), frozenset()),
)
_RISKY_FIELD = re.compile(r"\d{4}|\{[^{}]*\{")
"""A width of four digits or more, or one that is taken from an argument ("{:{}}")."""


def is_allowed(value: object, name: str) -> bool | None:
    """Whether a template may use that attribute of a plain value; None when `value` is no plain value."""
    for kind, names in _ALLOWED:
        if isinstance(value, kind):
            return name in names
    return None


class FormatMethod:
    """`str.format` of one string, to be called through `format_text` only."""

    __slots__ = ("template",)

    def __init__(self, template: str) -> None:
        self.template = template


def format_text(
    ledger: Ledger, environment: Environment, template: str, args: Sequence[object], named: Mapping[str, object]
) -> str:
    """`template.format(*args, **named)`, refused when a field is very wide or the result would be too long."""
    if _RISKY_FIELD.search(template.replace("{{", "")):
        raise SecurityError("a field of a format string is too wide")
    plain = [_plain(ledger, value) for value in args]
    plain_named = {name: _plain(ledger, value) for name, value in named.items()}
    longest = max((ledger.size(value) for value in (*plain, *plain_named.values())), default=0)
    ledger.check_size(len(template) + template.count("{") * (longest + 999))
    return SandboxedFormatter(environment).vformat(template, plain, plain_named)


def join_text(ledger: Ledger, glue: str, items: Sequence[object]) -> str:
    """The items as text with `glue` between them."""
    texts = [ledger.text(item) for item in items]
    ledger.step(len(texts))
    ledger.check_size(sum(map(len, texts)) + len(glue) * len(texts))
    return glue.join(texts)


def replace_text(ledger: Ledger, text: str, old: str, new: str, count: int = -1) -> str:
    """`text.replace(old, new, count)`."""
    found = text.count(old)
    found = found if count < 0 else min(found, count)
    ledger.check_size(len(text) + found * max(0, len(new) - len(old)))
    return text.replace(old, new, count)


def call_join(ledger: Ledger, text: str, items: object) -> str:
    """The method `join`: strings only, as in Python."""
    listed = list(items)  # type: ignore[call-overload]  # what can't be iterated is the template's TypeError
    if not all(isinstance(item, str) for item in listed):
        raise TypeError("join needs strings")
    return join_text(ledger, text, listed)


GUARDED: Mapping[str, Callable[..., str]] = {"join": call_join, "replace": replace_text}
"""Methods of str whose result may be much longer than the string: called as f(ledger, string, *args)."""


def _plain(ledger: Ledger, value: object) -> object:
    return value if isinstance(value, int | float) else ledger.text(value)
