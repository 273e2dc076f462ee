"""From a key's content to the tokens worth caching: a token prefix of what any chat request with the same content, and
more behind it, renders to. Pure but for the date; any thread.

No knowledge of any template: the content is rendered with many different continuations and at different hours, and what
all these prompts begin with is kept. What a template writes because of what comes behind (a count of messages, tools
before the last question, reasoning that it drops later) so ends the prefix.

Limits: a template that looks at the very words of later messages can't be seen through. A date stays: a prefix with one
in it is of use until midnight. Later system messages are joined with the first (see `roles`), so a request with some
shares less; `chain_prefixes` tells how much. The cache compares tokens on every use: a prefix that isn't one is of no
use, never a wrong answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.keycontent import KeyContent
from endpoint.text.seams import Seams

_ASKS = frozenset({Role.USER, Role.TOOL})
"""Whose message the assistant answers."""

_LENGTHS = (1, 2, 0, 3, 4, 5, 6, 7, 14)
"""How many messages follow: so many in a row that no small cycle repeats, and enough to make a count a digit longer."""

_HOURS = (dt.time(1, 2, 3), dt.time(12, 34, 56, 500_000), dt.time(23, 47, 15, 999_999))
"""Times that have no digit in common where a clock begins, of both halves of the day."""

Encode = Callable[[str], Sequence[int]]
"""A text to prompt tokens, the start token included. Raises ContextLengthExceeded."""


class Render(Protocol):
    """A conversation as text, open for the assistant's turn. Raises RequestError."""

    def __call__(self, messages: Sequence[Message], *, now: dt.datetime | None = None) -> str: ...


def write_prefix(content: KeyContent, render: Render, encode: Encode, seams: Seams) -> list[int]:
    """The tokens; none when the template begins with what changes. Raises InvalidRequest when the template refuses the
    content whatever follows it, and what `render` and `encode` raise."""
    prompts = _render_opened(content, render) if content.opens_turn else _render_all(content, render)
    text = _find_common(prompts)
    tokens = list(encode(text))
    if content.opens_turn and len(set(prompts)) == 1:
        return tokens
    tokens = tokens[: seams.cut(tokens)]
    for prompt in prompts[:2]:
        shared = _count_shared(tokens, encode(prompt))
        if shared < len(tokens):  # not met so far; but what is promised is checked
            tokens = tokens[: seams.cut(tokens[:shared])]
    return tokens


def chain_prefixes(prefixes: Sequence[Sequence[int]]) -> list[int]:
    """How many tokens of each also begin the one behind it. What two prefixes have in common is one of all that each is
    one of: no seam need be looked for."""
    lengths = [len(prefix) for prefix in prefixes]
    for place in range(len(prefixes) - 2, -1, -1):
        lengths[place] = _count_shared(prefixes[place], prefixes[place + 1][: lengths[place + 1]])
    return lengths


def _render_opened(content: KeyContent, render: Render) -> list[str]:
    return [render(content.messages, now=now) for now in _times()]


def _render_all(content: KeyContent, render: Render) -> list[str]:
    """Prompts that go on from the content, and one of them at other hours. Raises InvalidRequest when the template
    takes fewer than two: what they have in common then says too little."""
    taken: list[Sequence[Message]] = []
    prompts: list[str] = []
    refusal: InvalidRequest | None = None
    now, *others = _times()
    for more in _continue(content.messages):
        messages = [*content.messages, *more]
        try:
            prompts.append(render(messages, now=now))
            taken.append(messages)
        except InvalidRequest as error:
            refusal = refusal or error
    if refusal is not None and len(taken) < 2:
        raise refusal
    return prompts + [render(taken[0], now=each) for each in others]


def _times() -> list[dt.datetime]:
    today = dt.datetime.now().astimezone()  # told once: midnight may pass meanwhile
    return [dt.datetime.combine(today, at, today.tzinfo) for at in _HOURS]


def _continue(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """What may follow the messages: what a template refuses does no harm."""
    last = messages[-1] if messages else None
    pending = last.tool_calls if last is not None else ()
    ids = [call.id for message in messages for call in message.tool_calls]
    if pending:
        for said in _TEXTS[:2]:
            yield from _talk_on([_answer(call, said) for call in pending], ids, asked=True)
    yield from _talk_on([], ids, asked=last is not None and last.role in _ASKS)


def _talk_on(start: Sequence[Message], ids: Sequence[str], *, asked: bool) -> Iterator[Sequence[Message]]:
    """Talks behind `start`; `ids` of calls that were made before; `asked`: there is something to be answered."""
    for length in _LENGTHS:
        talk = [_say((Role.USER, Role.ASSISTANT)[place % 2], _TEXTS[(place + length) % 3]) for place in range(length)]
        if talk or asked:
            yield [*start, *talk]
        if asked:
            yield [*start, _say(Role.ASSISTANT, _TEXTS[length % 3]), *talk]
    opening = [*start, _say(Role.ASSISTANT, _TEXTS[2])] if asked else list(start)
    yield [*opening, _say(Role.USER, _TEXTS[0]), *_use_tool()]
    yield [*opening, _say(Role.USER, _TEXTS[1]), *_use_tool(), _say(Role.USER, _TEXTS[0])]
    if ids:  # some clients begin to count again in each turn, and some templates look a call up by its number
        yield [*opening, _say(Role.USER, _TEXTS[1]), *_use_tool(ids), _say(Role.USER, _TEXTS[0])]


_TEXTS = ("qzFirst words.", "Other words,\n\nin two paragraphs", "  12 more?")
"""Different from their first character on."""


def _say(role: Role, text: str) -> Message:
    return Message(role, (TextPart(text),))


def _answer(call: ToolCall, text: str) -> Message:
    return Message(Role.TOOL, (TextPart(text),), name=call.name, tool_call_id=call.id)


def _use_tool(ids: Sequence[str] = ("qzcall001",)) -> list[Message]:
    calls = tuple(ToolCall(each, "qz_tool", '{"qz": 1}') for each in dict.fromkeys(ids))
    return [
        Message(Role.ASSISTANT, tool_calls=calls, reasoning="qzThought"),
        *(_answer(call, _TEXTS[0]) for call in calls),
        _say(Role.ASSISTANT, _TEXTS[1]),
    ]


def _find_common(texts: Sequence[str]) -> str:
    """What they all begin with: what the first and the last by order do."""
    first, last = min(texts), max(texts)
    return first[: _count_shared(first, last)]


def _count_shared(one: Sequence[object], other: Sequence[object]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))
