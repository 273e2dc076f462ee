"""Finds how a template's model writes its answers: reasoning, content, tool calls. Pure; a dozen small renders.

The turns that `probes` renders are compared; what inference can't tell stands in `known`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from endpoint.text.template import ChatTemplate
from endpoint.text.tools.call_inference import infer_calls
from endpoint.text.tools.formats import AnswerFormat, ReasoningFormat, ToolFormat
from endpoint.text.tools.known import complete, mentioned_reasoning
from endpoint.text.tools.pieces import cut, is_mark, marks_in, shared_start
from endpoint.text.tools.probes import NAME, REASONING_FIELDS, TEXT, THOUGHT, Prober, Turn
from endpoint.text.traits import Traits


@dataclass(frozen=True, slots=True)
class _Turns:
    """Rendered turns, from the user's text on; None where the template refused or left the sentinel out."""

    opened: str
    unopened: str
    text: str | None
    call: str | None
    calls: str | None
    field: str | None
    thought_text: str | None
    thought_call: str | None

    def all(self) -> list[str]:
        found = (self.text, self.call, self.thought_text, self.thought_call)
        return [self.opened, *(turn for turn in found if turn)]


def infer_answer(template: ChatTemplate, traits: Traits) -> AnswerFormat:
    """What the template tells; empty where it tells nothing."""
    turns = _render(Prober(template, traits))
    if turns is None:
        return complete(AnswerFormat(), template.source)
    opening = _shared_opening(turns)
    reasoning = _infer_reasoning(turns, opening) or mentioned_reasoning(template.source)
    turn_end = _turn_end(turns.text)
    user_end = _user_end(turns, opening)
    header = user_end + _cut_at_reasoning(opening.removeprefix(user_end), reasoning)
    own_header = header.removeprefix(user_end).strip()
    frames = _infer_frames(turns, header, own_header, reasoning)
    tools = _infer_tools(turns, (header, own_header, *frames), reasoning, turn_end)
    inferred = AnswerFormat(
        tools=tools,
        reasoning=reasoning,
        header=own_header,
        frames=tuple(mark for mark in frames if mark != turn_end),
    )
    inferred = replace(inferred, ends=_infer_ends(turns, inferred, turn_end))
    return complete(inferred, template.source)


def _user_end(turns: _Turns, opening: str) -> str:
    """What ends the user's turn."""
    if opening.startswith(turns.unopened) and turns.unopened != turns.opened:
        return turns.unopened
    after = marks_in((turns.text or "").partition(TEXT)[2])
    first = cut(opening)[:1]
    return first[0] if first and first[0] in after else ""


def _render(prober: Prober) -> _Turns | None:
    opened = prober.prompt(open_turn=True)
    if opened is None:
        return None
    field, thought_text, thought_call = None, None, None
    for field in REASONING_FIELDS:
        thought_text = _if_shown(prober.turn(Turn(text=True, field=field)), THOUGHT)
        thought_call = _if_shown(prober.turn(Turn(calls=1, field=field)), THOUGHT)
        if thought_text or thought_call:
            break
    return _Turns(
        opened=opened,
        unopened=prober.prompt(open_turn=False) or "",
        text=_if_shown(prober.turn(Turn(text=True)), TEXT),
        call=_if_shown(prober.turn(Turn(calls=1)), NAME),
        calls=prober.turn(Turn(calls=2)),
        field=field if thought_text or thought_call else None,
        thought_text=thought_text,
        thought_call=thought_call,
    )


def _if_shown(turn: str | None, sentinel: str) -> str | None:
    return turn if turn is not None and sentinel in turn else None


def _shared_opening(turns: _Turns) -> str:
    opening = turns.opened
    for turn in turns.all():
        opening = shared_start(opening, turn)
    return opening


def _infer_reasoning(turns: _Turns, opening: str) -> ReasoningFormat | None:
    turn = turns.thought_text or turns.thought_call
    if turn is None:
        return None
    before, _, after = turn.partition(THOUGHT)
    end = _first_mark(after.partition(TEXT)[0] if TEXT in after else after)
    start = before.removeprefix(opening).strip() or turns.opened.removeprefix(opening).strip()
    if not start or start == end:  # every turn begins with it
        marks = marks_in(before)
        start = before[before.rindex(marks[-1]) :].strip() if marks else ""
    return ReasoningFormat(start, end, turns.field) if end else None


def _first_mark(text: str) -> str:
    pieces = cut(text.strip())
    return pieces[0] if pieces and is_mark(pieces[0]) else ""


def _cut_at_reasoning(opening: str, reasoning: ReasoningFormat | None) -> str:
    for mark in (reasoning.start, reasoning.end) if reasoning else ():
        opening = opening.partition(mark)[0] if mark else opening
    return opening


def _infer_tools(
    turns: _Turns, openings: tuple[str, ...], reasoning: ReasoningFormat | None, turn_end: str
) -> ToolFormat | None:
    if turns.call is None:
        return None
    one = _strip_opening(turns.call, openings, reasoning)
    two = None if turns.calls is None else _strip_opening(turns.calls, openings, reasoning)
    return infer_calls(one, two, turn_end)


def _strip_opening(turn: str, openings: tuple[str, ...], reasoning: ReasoningFormat | None) -> str:
    """Without the header, without frames of content, and without what says that there was no reasoning."""
    before, name, after = turn.removeprefix(openings[0]).partition(NAME)
    for mark in (reasoning.end, reasoning.start) if reasoning else ():
        before = before.rpartition(mark)[2]
    for opening in openings[1:]:
        before = before.removeprefix(opening).lstrip()
    return before + name + after


def _turn_end(turn: str | None) -> str:
    """The mark right after the text; what follows it doesn't belong to the answer."""
    end = (turn or "").partition(TEXT)[2].strip()
    marks = marks_in(end)
    return marks[0] if marks else end


def _infer_frames(turns: _Turns, header: str, own_header: str, reasoning: ReasoningFormat | None) -> tuple[str, ...]:
    """Marks right around content, other than those of the turn and of reasoning."""
    known = {reasoning.start, reasoning.end} if reasoning else set()
    found: list[str] = []
    for turn in filter(None, (turns.text, turns.thought_text)):
        before = turn.removeprefix(header).partition(TEXT)[0]
        between = before.rpartition(THOUGHT)[2]
        found += marks_in(between.replace(own_header, "") if own_header else between)
    return tuple(dict.fromkeys(mark for mark in found if mark not in known))


def _infer_ends(turns: _Turns, answer: AnswerFormat, turn_end: str) -> tuple[str, ...]:
    """Turn ends: a turn with calls may have another one than a turn of text."""
    own = list(answer.marks())
    last = [mark for mark in marks_in(turns.call or "")[-1:] if answer.tools and not any(mark in each for each in own)]
    return tuple(dict.fromkeys(mark for mark in (turn_end, *last) if mark and mark not in own))
