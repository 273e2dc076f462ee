"""Finds how a template writes tool calls, from turns with one call and with two. Pure.

What stands before the first name, between the calls and after the last tells the marks of a call from those of the
whole section; what stands around names, keys and values tells the style. Text here is cut at sentinels (`probes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from endpoint.text.tools.formats import CallStyle, ToolFormat
from endpoint.text.tools.pieces import cut, first_and_last, is_mark, shared_end, shared_start
from endpoint.text.tools.probes import ID, ID_2, KEY, KEY_2, NAME, NAME_2, VALUE, VALUE_2

_JSON_ARGUMENTS = re.compile(
    rf"\{{\s*\"{KEY}\"\s*:\s*\"{VALUE}\"\s*,\s*\"{KEY_2}\"\s*:\s*\"{VALUE_2}\"\s*\}}", re.DOTALL
)
_NAME_KEY = re.compile(r"\"(\w+)\"\s*:\s*\"$")
_ARGUMENTS_KEY = re.compile(r"\"(\w+)\"\s*:\s*$")
_LIST = " \t\r\n[,"
_PREFIXED = "\ue0ff"


@dataclass(frozen=True, slots=True)
class Calls:
    """One or two calls as rendered: before the first name, from a name to its arguments' end, and the rest."""

    before: str
    first: str  # from after the name to the end of the arguments, all included
    between: str | None  # up to the second name; None when the template takes one call only
    after: str


@dataclass(frozen=True, slots=True)
class _Style:
    """A style, recognised by what stands between the name and the end of its arguments."""

    style: CallStyle
    ends: Callable[[str], int]
    """Where the arguments end in the text after a name; -1 when they aren't written in this style."""


def infer_calls(one: str, two: str | None, turn_end: str) -> ToolFormat | None:
    """The format; `one` and `two` are turns without header and reasoning. None when no call is to be seen."""
    for style in _STYLES:
        calls = _split(one, two, style.ends)
        if calls is not None:
            return _fill(style.style, calls, turn_end)
    return None


def _split(one: str, two: str | None, ends: Callable[[str], int]) -> Calls | None:
    before, found, rest = one.partition(NAME)
    end = ends(rest) if found else -1
    if end < 0:
        return None
    if two is None or NAME_2 not in two:
        return Calls(before, rest[:end], None, rest[end:])
    start, _, rest_of_two = two.partition(NAME)
    first_end = ends(rest_of_two)
    between, found, last = rest_of_two[first_end:].rpartition(NAME_2)
    last_end = ends(last)
    if not found or first_end < 0 or last_end < 0:
        return Calls(before, rest[:end], None, rest[end:])
    return Calls(start, rest_of_two[:first_end], between.replace(ID_2, ID), last[last_end:])


def _fill(style: CallStyle, calls: Calls, turn_end: str) -> ToolFormat:
    form = ToolFormat(style)
    if style is CallStyle.OBJECT:
        form, calls = _read_object(form, calls)
    elif style is CallStyle.TAGGED:
        name_end, head_end = first_and_last(_JSON_ARGUMENTS.split(calls.first)[0])
        form = replace(form, name_end=name_end or "\n", head_end=head_end or "\n")
    elif style is CallStyle.PARAMETERS:
        form, calls = _read_parameters(form, calls)
    elif style is CallStyle.ELEMENTS:
        form, calls = _read_elements(form, calls)
        return _add_prefixed_marks(form, calls, turn_end)
    elif style is CallStyle.BARE_KEYS:
        form = replace(form, name_end="{", head_end="{")
    return _add_marks(form, calls, turn_end)


def _read_object(form: ToolFormat, calls: Calls) -> tuple[ToolFormat, Calls]:
    """The keys; the object's brackets belong to the call, so they aren't marks."""
    name_key = _NAME_KEY.search(calls.before)
    arguments_key = _ARGUMENTS_KEY.search(_JSON_ARGUMENTS.split(calls.first)[0])
    form = replace(
        form,
        name_key=name_key.group(1) if name_key else "",
        arguments_key=arguments_key.group(1) if arguments_key else "",
    )
    between = None if calls.between is None else _up_to_object(calls.between.partition("}")[2])
    return form, Calls(_up_to_object(calls.before), calls.first, between, calls.after.partition("}")[2])


def _up_to_object(text: str) -> str:
    return text.rpartition("{")[0]


def _read_parameters(form: ToolFormat, calls: Calls) -> tuple[ToolFormat, Calls]:
    head, _, rest = calls.first.partition(KEY)
    to_value, _, rest = rest.partition(VALUE)
    to_key, _, rest = rest.partition(KEY_2)
    tail = rest.partition(VALUE_2)[2] + calls.after  # from the last value on
    key_start = shared_end(head, to_key).strip()
    value_end = shared_start(to_key, tail).strip()
    head = head.rpartition(key_start)[0] if key_start else head
    name_end, head_end = first_and_last(head)
    key_end, value_start = first_and_last(to_value)
    form = replace(
        form,
        name_end=name_end,
        head_end=head_end,
        key_start=key_start,
        key_end=key_end,
        value_start=value_start if len(cut(to_value.strip())) > 1 else "",
        value_end=value_end,
        value_lines=to_value.endswith("\n"),
    )
    after = calls.after.partition(value_end)[2]
    between = None if calls.between is None else calls.between.partition(value_end)[2]
    return form, Calls(calls.before, calls.first, between, after)


def _read_elements(form: ToolFormat, calls: Calls) -> tuple[ToolFormat, Calls]:
    head, _, rest = calls.first.partition(f"<{KEY}>")
    prefix = rest.partition(VALUE)[2].partition(f"</{KEY}>")[0]
    name_end, head_end = first_and_last(head.removesuffix(prefix))
    return replace(form, prefix=prefix, name_end=name_end, head_end=head_end), calls


def _add_marks(form: ToolFormat, calls: Calls, turn_end: str) -> ToolFormat:
    """The marks of a call and of the section."""
    after = calls.after.partition(turn_end)[0] if turn_end else calls.after
    if calls.between is None:
        section, start, call_end, rest = "", calls.before, _section_end(after), ""
    else:
        start = shared_end(calls.before, calls.between)
        start = "" if not start.strip(_LIST) else start
        section = calls.before.removesuffix(start)
        call_end = shared_start(calls.between.removesuffix(start), after) if start else ""
        rest = after.removeprefix(call_end)
    start, has_id, name_start = start.rpartition(ID) if ID in start else (start, "", "")
    start, section = _strip_list(start), _strip_list(section)
    form = replace(
        form,
        section_start=section,
        section_end=_section_end(rest) if section else "",
        call_starts=(start,) if start else (),
        call_end=call_end.strip().removeprefix("]").strip(),
        name_start=name_start.strip() if has_id else "",
        known_names=not section and not start,
    )
    return _split_wrapper(form)


def _add_prefixed_marks(form: ToolFormat, calls: Calls, turn_end: str) -> ToolFormat:
    """As above where a prefix stands before each mark: both count as one piece."""

    def join(text: str) -> str:
        return text.replace(form.prefix + "<", "<" + _PREFIXED)

    def part(text: str) -> str:
        return text.replace("<" + _PREFIXED, form.prefix + "<")

    between = None if calls.between is None else join(calls.between)
    found = _add_marks(form, Calls(join(calls.before), "", between, join(calls.after)), turn_end)
    return replace(
        found,
        section_start=part(found.section_start),
        section_end=part(found.section_end),
        call_starts=tuple(map(part, found.call_starts)),
        call_end=part(found.call_end),
    )


def _section_end(text: str) -> str:
    """The first mark after the calls, or the words before it; a list's closing bracket needs no mark."""
    pieces = cut(text.strip().removeprefix("]").strip())
    marks = [place for place, piece in enumerate(pieces) if is_mark(piece)]
    return "".join(pieces[: max(marks[0], 1)] if marks else pieces).strip()


def _split_wrapper(form: ToolFormat) -> ToolFormat:
    """Two marks around each call as a section and a call: models leave the outer one out, or the break between."""
    if form.section_start or not form.call_starts:
        return form
    outer, has_inner, inner = form.call_starts[0].rpartition("\n")
    inner_end, _, outer_end = form.call_end.partition("\n")
    if not has_inner or not is_mark(outer.strip()) or not is_mark(outer_end.strip()):
        return form
    return replace(
        form,
        section_start=outer.strip(),
        section_end=outer_end.strip(),
        call_starts=(inner.strip(),),
        call_end=inner_end.strip(),
    )


def _strip_list(text: str) -> str:
    """Without blanks, and without a list's opening bracket, unless that makes the mark what it is ("functools[")."""
    text = text.strip()
    rest = text.removesuffix("[")
    return rest.rstrip() if rest == rest.rstrip("abcdefghijklmnopqrstuvwxyz") else text


def _json_end(style: CallStyle) -> Callable[[str], int]:
    def find(text: str) -> int:
        match = _JSON_ARGUMENTS.search(text)
        if match is None:
            return -1
        in_object = text.startswith('"') and text[: match.start()].rstrip().endswith(":")
        return match.end() if in_object == (style is CallStyle.OBJECT) else -1

    return find


def _pattern_end(pattern: str) -> Callable[[str], int]:
    compiled = re.compile(pattern, re.DOTALL)

    def find(text: str) -> int:
        match = compiled.search(text)
        return match.end() if match else -1

    return find


_STYLES = (
    _Style(CallStyle.OBJECT, _json_end(CallStyle.OBJECT)),
    _Style(CallStyle.TAGGED, _json_end(CallStyle.TAGGED)),
    _Style(CallStyle.PYTHON, _pattern_end(rf"^\({KEY}=['\"]{VALUE}['\"],\s*{KEY_2}=['\"]{VALUE_2}['\"]\)")),
    _Style(CallStyle.BARE_KEYS, _pattern_end(rf"\{{{KEY}:[^{KEY}]*{VALUE}.*?{KEY_2}:[^{KEY_2}]*{VALUE_2}[^}}]*\}}")),
    _Style(CallStyle.ELEMENTS, _pattern_end(rf"<{KEY}>.*?{VALUE}.*?</{KEY}>.*?<{KEY_2}>.*?{VALUE_2}.*?</{KEY_2}>")),
    _Style(CallStyle.PARAMETERS, _pattern_end(rf"{KEY}.*?{VALUE}.*?{KEY_2}.*?{VALUE_2}")),
)
