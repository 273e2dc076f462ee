"""Conversations for tests: said in a line, or drawn at random, awkward texts and calls of tools among them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from endpoint.conversation import Message, Role, TextPart, Tool, ToolCall
from endpoint.engine.model import LoadedModel
from endpoint.errors import InvalidRequest
from endpoint.keycontent import KeyContent
from endpoint.text.prompt import Prompt, PromptWriter
from tests.endpoint.text.tools.turns import SCHEMAS

TOOLS = tuple(Tool(name, f"Do {name}", schema) for name, schema in SCHEMAS.items())
CALL = ToolCall("call00001", "get_weather", '{"city": "Rome"}')
SYSTEM_ROLES = (Role.SYSTEM, Role.DEVELOPER)

_PIECES = (
    *("You are helpful.", " Be brief,\nplease", "x", "don't", "1234567", " ", "\n", "def f():\n    return x  \n\n"),
    *(
        "你是助手。请回答，谢谢",
        "Привет мир",
        "😀",
        "e\u0301",
        "\u0301",
        "<|im_end|>",
        "</think>\n\nok",
        "<|im_",
        "[INST]",
    ),
)
TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=4)), min_size=1, max_size=3).map("".join)


def say(role: Role, text: str, reasoning: str | None = None) -> Message:
    return Message(role, (TextPart(text),), reasoning=reasoning)


def system(text: str) -> Message:
    return say(Role.SYSTEM, text)


def user(text: str) -> Message:
    return say(Role.USER, text)


def assistant(text: str, reasoning: str | None = None) -> Message:
    return say(Role.ASSISTANT, text, reasoning)


@dataclass(frozen=True, slots=True)
class Parted:
    """What a key stands for, and what a chat request has behind it."""

    content: KeyContent
    more: tuple[Message, ...]


@st.composite
def exchanges(draw: st.DrawFn) -> list[Message]:
    """A question, perhaps a call and its result, and the answer."""
    messages = [user(text) for text in draw(st.lists(TEXTS, min_size=1, max_size=2))]
    if draw(st.booleans()):
        parts = (TextPart(draw(TEXTS)),) if draw(st.booleans()) else ()
        messages.append(Message(Role.ASSISTANT, parts, tool_calls=(CALL,), reasoning=draw(st.none() | TEXTS)))
        messages.append(Message(Role.TOOL, (TextPart(draw(TEXTS)),), tool_call_id=CALL.id))
    return [*messages, assistant(draw(TEXTS), draw(st.none() | TEXTS))]


@st.composite
def partings(draw: st.DrawFn) -> Parted:
    """A conversation cut in two anywhere behind its system messages; it ends with a question."""
    first = [say(draw(st.sampled_from(SYSTEM_ROLES)), text) for text in draw(st.lists(TEXTS, max_size=2))]
    talk = [message for each in draw(st.lists(exchanges(), max_size=3)) for message in each]
    cut = draw(st.integers(0, len(talk)))
    variables = draw(st.sampled_from(({}, {"enable_thinking": False})))
    tools = TOOLS[: draw(st.integers(0, 2))]
    return Parted(KeyContent((*first, *talk[:cut]), tools, variables), (*talk[cut:], user(draw(TEXTS))))


def write_chat(writer: PromptWriter, model: LoadedModel, content: KeyContent, more: Sequence[Message]) -> Prompt | None:
    """None: the template refuses it."""
    messages = [*content.messages, *more]
    try:
        return asyncio.run(writer.write_chat(model, messages, content.variables, content.tools))
    except InvalidRequest:
        return None


def write_key(writer: PromptWriter, model: LoadedModel, content: KeyContent) -> tuple[int, ...]:
    prompt = asyncio.run(writer.write_key(model, content))
    return () if prompt is None else prompt.tokens
