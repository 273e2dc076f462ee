"""Models as a table for a terminal, and as JSON. Pure: values in, text out.

The names come from files of strangers: what isn't printable is shown as a question mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tray.models.fit import Fit, FitKind, explain_fit, list_ways_out
from tray.models.model import TITLES, FoundModel
from tray.models.sizes import format_bytes, format_tokens
from tray.printable import make_printable

_GAP = "  "
_SHORTEST_NAME = 16
_HEADINGS = ("name", "size", "bits", "context", "fit", "can do")
_RIGHT = (1, 3)
"""Columns of numbers."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model, how it fits (None: it has a problem), and whether the settings name it."""

    model: FoundModel
    fit: Fit | None
    is_chosen: bool


def draw_table(listed: Sequence[Listed], width: int) -> str:
    """The models by place, one a line of at most `width` cells; the chosen one has a star."""
    rows = [_make_row(each) for each in listed]
    columns = _measure([_HEADINGS, *rows], width)
    lines = [_join(_HEADINGS, columns, "  ", width)]
    pairs = zip(listed, rows, strict=True)
    for place, group in groupby(pairs, key=lambda pair: pair[0].model.place):
        lines += ["", _cut(TITLES[place], width)]
        lines += [_draw_line(each, row, columns, width) for each, row in group]
    return "\n".join([*lines, *_draw_remarks(listed)])


def describe(listed: Listed) -> dict[str, Any]:
    """One model for --json. The keys stay; more may come."""
    model, fit = listed.model, listed.fit
    return {
        "provider": model.ref.provider,
        "model": model.ref.model,
        "name": model.name,
        "place": model.place,
        "chosen": listed.is_chosen,
        "problem": model.problem or None,
        "size_bytes": model.size_bytes,
        "modified": int(model.modified),
        "family": model.family,
        "parameters": model.parameters,
        "quantisation": model.quantisation,
        "context": model.n_ctx,
        "attention": model.attention,
        "capabilities": list(model.capabilities),
        "fit": None if fit is None else _describe_fit(fit),
    }


def _describe_fit(fit: Fit) -> dict[str, Any]:
    return {
        "kind": fit.kind,
        "context": fit.n_ctx,
        "needed_bytes": fit.needed_bytes,
        "free_bytes": fit.free_bytes,
        "weights_bytes": fit.weights_bytes,
        "context_bytes": fit.context_bytes,
        "buffers_bytes": fit.buffers_bytes,
        "largest_context": fit.largest_n_ctx,
        "ways_out": list(list_ways_out(fit)) if fit.kind is FitKind.TOO_BIG else [],
    }


def _make_row(listed: Listed) -> tuple[str, ...]:
    model, fit = listed.model, listed.fit
    if fit is None:
        return (make_printable(model.name), format_bytes(model.size_bytes) if model.size_bytes else "")
    context = format_tokens(model.n_ctx)
    able = " ".join(model.capabilities)
    cells = (model.name, format_bytes(model.size_bytes), model.quantisation, context, fit.kind, able)
    return tuple(make_printable(cell) for cell in cells)


def _measure(rows: Iterable[tuple[str, ...]], width: int) -> list[int]:
    """Widths of the columns: the name's gives way, the last one takes what is left."""
    columns = [0] * len(_HEADINGS)
    for row in rows:
        for index, cell in enumerate(row):
            columns[index] = max(columns[index], _count_cells(cell))
    others = sum(columns[1:]) + len(_GAP) * len(columns)
    columns[0] = max(min(columns[0], width - others), min(columns[0], _SHORTEST_NAME))
    return columns


def _draw_line(listed: Listed, row: tuple[str, ...], columns: list[int], width: int) -> str:
    mark = "* " if listed.is_chosen else "  "
    if listed.fit is None:
        row = (*row, make_printable(listed.model.problem))
    return _join(row, columns, mark, width)


def _join(row: tuple[str, ...], columns: list[int], mark: str, width: int) -> str:
    """A row with a problem in place of its last columns runs on to the end of the line."""
    cells = [_cut_middle(row[0], columns[0]), *row[1:]]
    padded = [_pad(cell, columns[index], right=index in _RIGHT) for index, cell in enumerate(cells)]
    return _cut((mark + _GAP.join(padded)).rstrip(), width)


def _draw_remarks(listed: Sequence[Listed]) -> list[str]:
    """Of the chosen model, when it can't be started: why, and what can be done."""
    lines: list[str] = []
    for each in listed:
        if each.is_chosen and each.fit and each.fit.kind is FitKind.TOO_BIG:
            ways = [f"  - {way}." for way in list_ways_out(each.fit)]
            lines += ["", f"{make_printable(explain_fit(each.model, each.fit))}.", *ways]
    return lines


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _count_cells(text))
    return space + text if right else text + space


def _cut(text: str, width: int) -> str:
    """The beginning that fits."""
    if _count_cells(text) <= width:
        return text
    while text and _count_cells(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _cut_middle(text: str, width: int) -> str:
    """Both ends: what tells models of a family apart is mostly at the end."""
    if _count_cells(text) <= width:
        return text
    head, tail = text, text
    while _count_cells(head) > width // 2:
        head = head[:-1]
    while _count_cells(tail) > width - 1 - _count_cells(head):
        tail = tail[1:]
    return f"{head}…{tail}"


def _count_cells(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)
