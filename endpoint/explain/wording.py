"""The sentences that a miss is told in. Pure. None quotes a prompt: they name tools, variables and keys, no more."""

from __future__ import annotations

from collections.abc import Sequence

from endpoint.cache.report import Shortfall
from endpoint.explain.changes import MessageChange, ToolChange
from endpoint.explain.explanation import Part, Place
from endpoint.explain.kinds import Kind
from endpoint.explain.places import name_message, name_place
from endpoint.explain.records import Record
from endpoint.keycontent import KeyContent

_TOOLS = {
    Kind.TOOLS_ADDED: "tools were added: {names}",
    Kind.TOOLS_REMOVED: "tools were removed: {names}",
    Kind.TOOLS_REPLACED: "other tools are offered: {names}",
    Kind.TOOLS_REORDERED: "the tools are the same, in another order",
    Kind.TOOL_CHANGED: "the tool {names} changed at {path}",
}


def tell_change(place: Place, asked: KeyContent | None, what: str) -> str:
    """As in "system message changed at character 812: a timestamp"."""
    name = name_place(place, asked)
    if place.part is Part.TEMPLATE:
        return f"the template's own text changed {name}: {what}"
    at = "" if place.character is None else f" at character {place.character}"
    return f"{name} changed{at}: {what}"


def tell_tools(change: ToolChange) -> str:
    """What is another about the tools."""
    return _TOOLS[change.kind].format(names=", ".join(change.names), path=change.path)


def tell_trimmed(change: MessageChange) -> str:
    """Messages are missing: those of the earlier request that stood there."""
    return f"the history was trimmed: {_name_range(change)} left out of what came before"


def tell_inserted(change: MessageChange) -> str:
    """Messages stand where there were none."""
    return f"{_name_range(change)} put in where the earlier request had none"


def _name_range(change: MessageChange) -> str:
    last = change.index + change.count - 1
    return f"message {last} is" if change.count == 1 else f"messages {change.index} to {last} are"


def tell_dropped(index: int, role: str) -> str:
    """The reasoning went."""
    return f"the reasoning of {name_message(index, role)} was left out: it was part of what was computed"


def tell_thoughts(place: Place, asked: KeyContent | None) -> str:
    """The template leaves reasoning out."""
    return f"reasoning that was computed is left out {name_place(place, asked)}"


def tell_answer(place: Place, asked: KeyContent | None) -> str:
    """The client changed the answer."""
    return f"{name_place(place, asked)} isn't what the model answered" + (
        "" if place.character is None else f", from character {place.character} on"
    )


def tell_no_answer(index: int, role: str) -> str:
    """The client left the answer out."""
    return f"the model's answer is left out before {name_message(index, role)}"


def tell_variables(names: Sequence[str]) -> str:
    """The template was told something else."""
    return f"template variables changed: {', '.join(names)}"


def tell_tokens(place: Place, asked: KeyContent | None) -> str:
    """The text is the same, and goes on."""
    at = "" if place.character is None else f", at character {place.character}"
    return f"the text only goes on here ({name_place(place, asked)}{at}), but what is new joins the last token"


def make_sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def tell_rest(record: Record) -> str:
    """Why, where no text is to blame."""
    held = f"{_count(record.shared, 'token')} of it were held till"
    told = {
        Shortfall.NOTHING: f"nothing was missed: only {_count(_missed(record), 'new token')} had to be computed",
        Shortfall.EVICTED: f"{held} the RAM budget was full (--cache-ram)",
        Shortfall.EXPIRED: f"{held} their key expired",
        Shortfall.CLEARED: f"{held} they were cleared",
        Shortfall.UNLOADED: f"{held} the model was unloaded, idle for long (--idle-unload)",
        Shortfall.OTHER_MODEL: "what was saved is of another model, template or library",
        Shortfall.UNREADABLE: f"{_count(record.shared, 'token')} of it were saved, but could not be read back",
        Shortfall.NEW: "nothing that begins like it is held",
        Shortfall.NOT_WANTED: "the request scores its own prompt, and reuse would hide that",
        Shortfall.UNCUTTABLE: f"this model's state can only be taken up at checkpoints, and none lies deeper than "
        f"token {record.cached}",
        Shortfall.DIVERGED: f"the best candidate goes on otherwise from token {record.shared} on",
    }[record.shortfall]
    return told + (f" ({record.detail})" if record.detail else "")


def _missed(record: Record) -> int:
    return record.prompt_tokens - record.cached


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
