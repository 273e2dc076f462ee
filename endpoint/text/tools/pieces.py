"""Rendered turns cut into marks, words and sentinels, so that what two of them share never ends inside a mark. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from endpoint.text.tools.probes import SENTINELS

_PIECE = re.compile(
    rf"[{SENTINELS}]"
    rf"|<[^<>\n{SENTINELS}]*>?"
    r"|\[/?[A-Z_]+(?: [A-Z_]+)*\]"
    r"|\s"
    r"|[\"':=>,(){}\[\]]"
    rf"|[^\s<\"':=>,(){{}}\[\]{SENTINELS}]+"
)
_MARK = re.compile(r"<[^<>\n]+>|\[/?[A-Z_]+(?: [A-Z_]+)*\]")


def cut(text: str) -> list[str]:
    """All of the text, in pieces."""
    return _PIECE.findall(text)


def is_mark(piece: str) -> bool:
    """Whether it looks like markup by itself: `<tool_call>`, `[TOOL_CALLS]`."""
    return _MARK.fullmatch(piece) is not None


def marks_in(text: str) -> list[str]:
    """The pieces that look like markup."""
    return [piece for piece in cut(text) if is_mark(piece)]


def shared_start(first: str, second: str) -> str:
    """What both begin with, in whole pieces."""
    return "".join(_shared(cut(first), cut(second)))


def shared_end(first: str, second: str) -> str:
    """What both end with, in whole pieces."""
    return "".join(reversed(_shared(cut(first)[::-1], cut(second)[::-1])))


def _shared(first: Sequence[str], second: Sequence[str]) -> list[str]:
    count = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        count += 1
    return list(first[:count])


def first_and_last(text: str) -> tuple[str, str]:
    """The first and the last piece, blanks around them left out; one piece is both; "" for none."""
    pieces = cut(text.strip())
    return (pieces[0], pieces[-1]) if pieces else ("", "")


def between(text: str, before: str, after: str) -> str:
    """What stands between the first `before` and the next `after`; the rest when there is no `after`."""
    rest = text.partition(before)[2]
    return rest.partition(after)[0] if after else rest
