"""Formats of answers, written by hand, and what a text comes to in them."""

from __future__ import annotations

import dataclasses

from endpoint.segments import Segment
from endpoint.text.tools.dialect import FALLBACK
from endpoint.text.tools.formats import AnswerFormat, CallStyle, Origin, ReasoningFormat, ToolFormat
from endpoint.text.tools.known import complete
from endpoint.text.tools.parser import SegmentParser
from tests.endpoint.text.tools.turns import SCHEMAS, Answer, join_segments, summarise

THINK = ReasoningFormat("<think>", "</think>")
HERMES = AnswerFormat(
    dataclasses.replace(FALLBACK, known_names=False, origin=Origin.INFERRED),
    THINK,
    header="<|im_start|>assistant",
    ends=("<|im_end|>",),
)
LLAMA = AnswerFormat(
    ToolFormat(CallStyle.OBJECT, arguments_key="parameters", known_names=True), frames=("<|python_tag|>",)
)
MISTRAL = AnswerFormat(ToolFormat(CallStyle.TAGGED, ("[TOOL_CALLS]",), name_end="[ARGS]", head_end="[ARGS]"))
CODER = AnswerFormat(
    ToolFormat(
        CallStyle.PARAMETERS,
        ("<function=",),
        "</function>",
        "<tool_call>",
        "</tool_call>",
        name_end=">",
        head_end=">",
        key_start="<parameter=",
        key_end=">",
        value_end="</parameter>",
        value_lines=True,
    )
)
PYTHON = AnswerFormat(ToolFormat(CallStyle.PYTHON, section_start="<|call|>", section_end="<|end_call|>"))
GEMMA = AnswerFormat(
    ToolFormat(CallStyle.BARE_KEYS, ("<|tool_call>call:",), "<tool_call|>", name_end="{", head_end="{")
)
ELEMENTS = AnswerFormat(
    ToolFormat(CallStyle.ELEMENTS, ("~<invoke name=",), "~</invoke>", name_end=">", head_end=">", prefix="~")
)
HARMONY = complete(AnswerFormat(), "<|start|><|channel|><|message|>analysis")
FUNCTIONARY = complete(AnswerFormat(header="<|assistant|>"), ">>>all")
OURS = AnswerFormat(FALLBACK)
FORMATS = (HERMES, OURS, LLAMA, MISTRAL, CODER, PYTHON, GEMMA, ELEMENTS, HARMONY)


def parse(answer: AnswerFormat, *pieces: str, tools: bool = True, opening: str = "") -> list[Segment]:
    parser = SegmentParser(answer, SCHEMAS if tools else None, opening)
    found = [segment for piece in pieces for segment in parser.feed(piece)]
    return join_segments([*found, *parser.finish()])


def read(answer: AnswerFormat, text: str, opening: str = "") -> Answer:
    whole = parse(answer, text, opening=opening)
    assert parse(answer, *text, opening=opening) == whole
    return summarise(whole)


def weather(**arguments: object) -> tuple[str, object]:
    return ("get_weather", arguments)
