"""Why a request reused what it did and no more, in words: computed when somebody asks. Pure; any thread.

The engine says at which token two prompts part; here both are turned into text again, and the conversations that they
came from are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endpoint.cache.report import Shortfall
from endpoint.conversation import Message
from endpoint.explain.kinds import Kind, find_kind
from endpoint.explain.places import Place, find_place, read_text
from endpoint.explain.records import Record
from endpoint.explain.tools import compare_tools
from endpoint.providers.base import Tokenizer

BEFORE, AFTER = 40, 60
"""Characters that are shown on each side of the place where two prompts part."""
_LOST = frozenset({Shortfall.EVICTED, Shortfall.EXPIRED, Shortfall.CLEARED, Shortfall.UNREADABLE})
_SAID = {
    Shortfall.NOTHING: "Nothing was missed: only what is new was computed.",
    Shortfall.EVICTED: "It was held, and had to go for others: the RAM budget (--cache-ram) was full.",
    Shortfall.EXPIRED: "It was held, and its key's time was up.",
    Shortfall.CLEARED: "It was held, and was cleared.",
    Shortfall.UNCUTTABLE: "This model's state can only be taken up at checkpoints, and none was deeper.",
    Shortfall.OTHER_MODEL: "It was saved by another model, template or library, and can't be used.",
    Shortfall.UNREADABLE: "It was saved, and could not be read back.",
    Shortfall.NEW: "Nothing that begins alike was seen.",
    Shortfall.NOT_WANTED: "The request asks for its prompt's log-probabilities: then all of it is computed.",
}


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the best candidate goes on otherwise: so many tokens and characters into the prompt; the `before` that both
    have, and what follows in each. `change` says what it is, in a sentence without a full stop."""

    token: int
    character: int
    place: Place
    before: str
    earlier: str
    later: str
    change: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """`summary`: all of it in a sentence or two."""

    summary: str
    divergence: Divergence | None = None


def explain(record: Record, source: Record | None) -> Explanation:
    """`source`: the earlier generation that left the candidate, if it is remembered."""
    report = record.report
    detail = f" ({report.detail})" if report.detail else ""
    said = _SAID.get(report.shortfall, "")
    parts = report.shared < min(len(report.candidate), len(report.prompt))
    if report.shortfall in _LOST or not parts or report.shortfall in {Shortfall.OTHER_MODEL, Shortfall.NEW}:
        return Explanation(said.removesuffix(".") + detail + "." if said else detail.strip())
    divergence = _find_divergence(record, source)
    sentence = f"{divergence.change[:1].upper()}{divergence.change[1:]}{detail}."
    if report.shortfall is not Shortfall.DIVERGED:
        sentence = f"{said} {sentence}"
    return Explanation(sentence, divergence)


def _find_divergence(record: Record, source: Record | None) -> Divergence:
    report, tokenizer = record.report, record.tokenizer
    later, earlier = _decode(tokenizer, report.prompt), _decode(tokenizer, report.candidate)
    at = _count_common(earlier, later)
    place = find_place(later, at, record.asked)
    return Divergence(
        token=report.shared,
        character=at,
        place=place,
        before=later[max(0, at - BEFORE) : at],
        earlier=earlier[at : at + AFTER],
        later=later[at : at + AFTER],
        change=_tell_change(record, source, place, find_kind(earlier, later, at)),
    )


def _tell_change(record: Record, source: Record | None, place: Place, kind: Kind) -> str:
    asked, before = record.asked, None if source is None else source.asked
    if asked is not None and before is not None:
        tools = compare_tools(before.tools, asked.tools)
        if tools is not None and not _differs_at(before.messages, asked.messages, place):
            return tools
        history = _tell_history(before.messages, asked.messages)
        if history is not None:
            return history
    if place.index is None:
        return f"the prompt differs behind its messages: {kind}" if asked else f"the prompt differs: {kind}"
    if place.between:
        return f"the template writes something else before message {place.index} ({place.role}): {kind}"
    if place.role in {"system", "developer"} and place.character == 0 and kind is Kind.TEXT:
        return "the system message is another one"
    return f"message {place.index} ({place.role}) changed at character {place.character}: {kind}"


def _differs_at(earlier: Sequence[Message], later: Sequence[Message], place: Place) -> bool:
    """Whether that message itself was changed."""
    if place.index is None or place.between:
        return False
    old = read_text(earlier[place.index]) if place.index < len(earlier) else None
    return old != read_text(later[place.index])


def _tell_history(earlier: Sequence[Message], later: Sequence[Message]) -> str | None:
    """Whether messages were left out of what came before."""
    first = next((place for place, (one, two) in enumerate(zip(earlier, later, strict=False)) if one != two), None)
    if first is None:
        return None
    rest = list(later[first:])
    for skipped in range(1, len(earlier) - first):
        tail = list(earlier[first + skipped :])
        if tail == rest[: len(tail)]:
            last = first + skipped - 1
            which = f"message {first} is" if skipped == 1 else f"messages {first} to {last} are"
            return f"the history was trimmed: {which} left out of what came before"
    return None


def _decode(tokenizer: Tokenizer, tokens: Sequence[int]) -> str:
    return b"".join(map(tokenizer.written, tokens)).decode("utf-8", "replace")


def _count_common(left: str, right: str) -> int:
    """Characters that two texts begin with."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
