"""What rendering can't tell about a template's answers: a short table, each entry with its reason. Pure.

An entry is recognised by marks in the template's source, never by a model's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from endpoint.text.tools.formats import AnswerFormat, CallStyle, Origin, ReasoningFormat, ToolFormat

_THINK = re.compile(r"</((?:\w+:)?think(?:ing)?(?::\w+)?)>")


@dataclass(frozen=True, slots=True)
class Entry:
    """`marks` must all stand in the source; `apply` completes what was inferred; `why` inference couldn't."""

    marks: tuple[str, ...]
    why: str
    apply: Callable[[AnswerFormat], AnswerFormat]


def _harmony(_: AnswerFormat) -> AnswerFormat:
    heads = ("<|start|>assistant", "<|channel|>commentary", "<|channel|>analysis")
    return AnswerFormat(
        tools=ToolFormat(
            CallStyle.TAGGED,
            call_starts=tuple(f"{head} to=functions." for head in heads),
            call_end="<|call|>",
            name_end="<|",
            head_end="<|message|>",
            one_word=True,
            origin=Origin.TABLE,
        ),
        reasoning=ReasoningFormat("<|channel|>analysis<|message|>", "<|end|>", "thinking"),
        header="<|start|>assistant",
        frames=("<|channel|>final<|message|>", "<|channel|>commentary<|message|>", "<|channel|>commentary", "<|end|>"),
        spans=(("<|channel|>final <|constrain|>", "<|message|>"),),
        ends=("<|return|>",),
        content_start="<|channel|>final<|message|>",
        reasoning_is_message=True,
    )


def _routed(inferred: AnswerFormat) -> AnswerFormat:
    """Muse's messages are addressed: to itself, to the user, to a tool."""
    tools = ToolFormat(
        CallStyle.PARAMETERS,
        call_starts=('<atem:invoke name="',),
        call_end="</atem:invoke>",
        section_start="<atem:function_calls>",
        section_end="</atem:function_calls>",
        name_end='"',
        head_end=">",
        key_start='<atem:parameter name="',
        key_end='"',
        value_start=">",
        value_end="</atem:parameter>",
        origin=Origin.TABLE,
    )
    return AnswerFormat(
        tools=tools,
        reasoning=ReasoningFormat("<|start|>assistant to=self<|message|>", "<|eom|>", "reasoning_content"),
        header="<|start|>assistant",
        frames=("<|eom|>",),
        spans=(("<|start|>assistant to=", "<|message|>"),),
        ends=inferred.ends,
    )


def _nested(_: AnswerFormat) -> AnswerFormat:
    """Kimi K3: `<|open|>TAG<|sep|> … <|close|>TAG<|sep|>`."""
    tools = ToolFormat(
        CallStyle.PARAMETERS,
        call_starts=('<|open|>call tool="',),
        call_end="<|close|>call<|sep|>",
        section_start="<|open|>tools<|sep|>",
        section_end="<|close|>tools<|sep|>",
        name_end='"',
        head_end="<|sep|>",
        key_start='<|open|>argument key="',
        key_end='"',
        value_start="<|sep|>",
        value_end="<|close|>argument<|sep|>",
        origin=Origin.TABLE,
    )
    return AnswerFormat(
        tools=tools,
        reasoning=ReasoningFormat("<|open|>think<|sep|>", "<|close|>think<|sep|>", "reasoning_content"),
        header='<|open|>message role="assistant"<|sep|>',
        frames=("<|open|>response<|sep|>", "<|close|>response<|sep|>"),
        content_start="<|open|>response<|sep|>",
        ends=("<|close|>message<|sep|>", "<|end_of_msg|>"),
    )


def _recipients(inferred: AnswerFormat) -> AnswerFormat:
    """Functionary 3.2: `>>>all` before content, `>>>name` before a call's arguments."""
    tools = ToolFormat(
        CallStyle.TAGGED,
        call_starts=(">>>",),
        name_end="\n",
        head_end="\n",
        known_names=True,
        content_name="all",
        origin=Origin.TABLE,
    )
    return replace(inferred, tools=tools, header=inferred.header.removesuffix(">>>").rstrip())


def _python_list(inferred: AnswerFormat) -> AnswerFormat:
    tools = ToolFormat(
        CallStyle.PYTHON,
        section_start="<|tool_call_start|>",
        section_end="<|tool_call_end|>",
        origin=Origin.TABLE,
    )
    return replace(inferred, tools=tools)


def _object_list(inferred: AnswerFormat) -> AnswerFormat:
    return replace(inferred, tools=ToolFormat(CallStyle.OBJECT, section_start="<|tool_call|>", origin=Origin.TABLE))


def _python_tag(inferred: AnswerFormat) -> AnswerFormat:
    return replace(inferred, frames=(*inferred.frames, "<|python_tag|>"))


def _bracket_think(inferred: AnswerFormat) -> AnswerFormat:
    return replace(inferred, reasoning=inferred.reasoning or ReasoningFormat("[THINK]", "[/THINK]"))


ENTRIES = (
    Entry(
        ("<|start|>", "<|channel|>", "<|message|>", "analysis"),
        "harmony: the template writes one order of recipient and channel, the model both; reasoning is left out of it",
        _harmony,
    ),
    Entry(
        ("<|start|>", "to=self", "<atem:"),
        "each message of a turn names its addressee, a tool's own name among them: no fixed mark",
        _routed,
    ),
    Entry(
        ("<|open|>", "<|close|>", "<|sep|>"),
        "all tags share their marks, so that what two turns share ends inside a tag",
        _nested,
    ),
    Entry(
        (">>>all", ">>>"),
        "the prompt ends inside the mark of a call, which is the mark of content too",
        _recipients,
    ),
    Entry(
        ("<|tool_list_start|>", "<|tool_list_end|>"),
        "LFM2: an earlier turn's calls are not written by the template; they are the caller's content",
        lambda inferred: inferred if inferred.tools else _python_list(inferred),
    ),
    Entry(
        ("List of tools: [", "keep_past_thinking"),
        "LFM2.5: as LFM2, whose marks for calls it has kept",
        lambda inferred: inferred if inferred.tools else _python_list(inferred),
    ),
    Entry(
        ("<![CDATA[",),
        "values with markup in them are wrapped, plain ones aren't",
        lambda inferred: replace(inferred, tools=replace(inferred.tools, wrapped=True)) if inferred.tools else inferred,
    ),
    Entry(
        ("respond only with <|tool_call|> followed by a JSON list",),
        "Granite 3: an earlier turn's calls are not written by the template",
        lambda inferred: inferred if inferred.tools else _object_list(inferred),
    ),
    Entry(("Environment: ipython",), "Llama 3 may put its tag for code before a call", _python_tag),
    Entry(("[THINK]", "[/THINK]"), "reasoning is a part of the content there, not a field", _bracket_think),
)


def complete(inferred: AnswerFormat, source: str) -> AnswerFormat:
    """What was inferred, with what the table knows."""
    for entry in ENTRIES:
        if all(mark in source for mark in entry.marks):
            inferred = entry.apply(inferred)
    return inferred


def mentioned_reasoning(source: str) -> ReasoningFormat | None:
    """Marks of reasoning that a template takes out of an earlier turn, or tells of, without ever writing any."""
    match = _THINK.search(source)
    return ReasoningFormat(f"<{match.group(1)}>", f"</{match.group(1)}>") if match else None
