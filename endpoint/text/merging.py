"""What a prompt-cache key stands for after something was appended to it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from endpoint.conversation import Tool
from endpoint.errors import InvalidRequest
from endpoint.keycontent import KeyContent


def merge_content(content: KeyContent, more: KeyContent) -> KeyContent:
    """`content` with `more` behind it: messages and raw tokens are appended; a tool that is given again takes its old
    place, a variable its new value. System messages stay apart, as in a chat request that has several. The turn is
    open when `more` opens it, or adds nothing to a content that did. Raises InvalidRequest when one is raw tokens and
    the other isn't."""
    adds = replace(more, opens_turn=False, tokens=more.tokens or None) != KeyContent()
    merged = replace(
        content,
        messages=(*content.messages, *more.messages),
        tools=_unite(content.tools, more.tools),
        variables={**content.variables, **more.variables},
        tokens=_append(content, more),
        opens_turn=more.opens_turn or (content.opens_turn and not adds),
    )
    if merged.tokens is not None and (merged.messages or merged.tools):
        raise InvalidRequest(
            "Tokens and messages can't be put together: a key stands either for raw tokens or for a conversation. "
            "Send the tokens to a key of their own.",
            "tokens",
        )
    return merged


def _append(content: KeyContent, more: KeyContent) -> tuple[int, ...] | None:
    if content.tokens is None and not more.tokens:
        return None
    return (*(content.tokens or ()), *(more.tokens or ()))


def _unite(tools: Sequence[Tool], more: Sequence[Tool]) -> tuple[Tool, ...]:
    return tuple({tool.name: tool for tool in (*tools, *more)}.values())
