"""What kind of text a change is, by its looks: a timestamp, an id, a number, white space. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from endpoint.explain.texts import Parting


class Kind(StrEnum):
    """Why less was reused than might have been."""

    NOTHING = "nothing"  # only what is new was computed
    # what text changed
    TIME = "time"
    ID = "id"
    NUMBER = "number"
    WHITE_SPACE = "white_space"
    TEXT = "text"
    TOKENS = "tokens"  # the same text, of other tokens
    # what was changed in the request
    TOOLS_REORDERED = "tools_reordered"
    TOOLS_ADDED = "tools_added"
    TOOLS_REMOVED = "tools_removed"
    TOOLS_REPLACED = "tools_replaced"
    TOOL_CHANGED = "tool_changed"
    OTHER_SYSTEM_PROMPT = "other_system_prompt"
    OTHER_QUESTION = "other_question"  # the last message: that is what it is there for
    MESSAGE_EDITED = "message_edited"
    HISTORY_TRIMMED = "history_trimmed"
    MESSAGES_INSERTED = "messages_inserted"
    REASONING_DROPPED = "reasoning_dropped"
    ANSWER_CHANGED = "answer_changed"
    VARIABLES_CHANGED = "variables_changed"
    # what became of the state
    EVICTED = "evicted"
    EXPIRED = "expired"
    CLEARED = "cleared"
    UNLOADED = "unloaded"
    UNCUTTABLE = "uncuttable"
    OTHER_MODEL = "other_model"
    UNREADABLE = "unreadable"
    NEW = "new"
    NOT_WANTED = "not_wanted"


_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp][Mm]\b)?(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})\b)?"
_DATES = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",
    r"\d{1,2}[./-]\d{1,2}[./-]\d{4}",
    r"\d{1,2}/\d{1,2}/\d{2}",
    rf"(?:{_DAY},?\s)?{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?",
    rf"(?:{_DAY},?\s)?\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:,?\s\d{{2,4}})?",
    _DAY,
)
_DATE = rf"(?:{'|'.join(_DATES)})"
_EPOCH = r"1[4-9]\d{8}(?:\d{3}(?:\d{3})?)?(?:\.\d+)?"
_TIMES = (
    ("a timestamp", re.compile(rf"\b(?:{_DATE}(?:T|,?\s(?:at\s)?){_CLOCK}|{_CLOCK},?\s(?:on\s)?{_DATE}|{_EPOCH}\b)")),
    ("a date", re.compile(rf"\b{_DATE}")),
    ("a timestamp", re.compile(rf"\b{_CLOCK}")),
)
_IDS = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|\b[A-Za-z]{2,12}[_-](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{8,}\b"
    r"|\b(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])(?:[0-9a-fA-F]{8,}|[A-Za-z0-9]{16,})\b"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_REACH = 64
"""Characters around the place that are looked at."""
_ENOUGH = 40
"""Characters, white space left out, that must agree for white space to be all that changed."""
_THOUGHTS = ("<think", "<reason", "[THINK]", "◁think▷", "<|channel|>analysis", "<seed:think")


def recognise(parting: Parting) -> tuple[Kind, str] | None:
    """The kind of what stands on both sides, and its name; None when it is just text."""
    for name, pattern in _TIMES:
        if _stands(pattern, parting):
            return Kind.TIME, name
    if _stands(_IDS, parting):
        return Kind.ID, "an id"
    if _is_white_space(parting):
        return Kind.WHITE_SPACE, "blanks only"
    if _stands(_NUMBER, parting):
        return Kind.NUMBER, "a number"
    return None


def drops_reasoning(parting: Parting) -> bool:
    """Whether the earlier one has a model's reasoning where the new one has none."""
    start, end = max(0, parting.at - 20), parting.at + 24
    return _is_thought(parting.earlier[start:end]) and not _is_thought(parting.new[start:end])


def _is_thought(text: str) -> bool:
    return any(mark in text for mark in _THOUGHTS)


def _stands(pattern: re.Pattern[str], parting: Parting) -> bool:
    """Whether such a thing stands around the place, in both texts, and is cut by it in one."""
    ends = [_find_around(pattern, text, parting.at) for text in (parting.earlier, parting.new)]
    return None not in ends and any(end is not None and end > parting.at for end in ends)


def _find_around(pattern: re.Pattern[str], text: str, at: int) -> int | None:
    """Where the one that begins at or before `at`, and ends there or later, ends."""
    start = max(0, at - _REACH)
    found = pattern.finditer(text, start, at + _REACH)
    return max((each.end() for each in found if each.start() <= at <= each.end()), default=None)


def _is_white_space(parting: Parting) -> bool:
    sides = (parting.earlier_behind, parting.new_behind)
    if not any(side[:1].isspace() for side in sides):
        return False
    one, other = (
        "".join(text[parting.at : parting.at + 16 * _ENOUGH].split())[:_ENOUGH]
        for text in (parting.earlier, parting.new)
    )
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter] and (shorter > 0 or len(one) == len(other))
