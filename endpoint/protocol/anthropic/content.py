"""A whole answer's content: Anthropic's blocks. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from endpoint.protocol.anthropic.inputs import write_input
from endpoint.protocol.reply import Body
from endpoint.segments import CallArguments, CallEnd, CallStart, Content, Reasoning, Segment

SIGNATURE = "traypoint"
"""Of every thinking block: it proves nothing, but clients drop thoughts that have none."""


class BlockKind(StrEnum):
    """The blocks that an answer may have."""

    TEXT = "text"
    THINKING = "thinking"
    TOOL_USE = "tool_use"


@dataclass(slots=True)
class _Gathered:
    """A block's segments; `name` is a call's."""

    kind: BlockKind
    name: str = ""
    texts: list[str] = field(default_factory=list)


def write_blocks(segments: Sequence[Segment]) -> list[Body]:
    """The blocks in order. A call's input is always an object; see `inputs`."""
    gathered: list[_Gathered] = []
    for segment in segments:
        match segment:
            case Content(text):
                _continue(gathered, BlockKind.TEXT).texts.append(text)
            case Reasoning(text):
                _continue(gathered, BlockKind.THINKING).texts.append(text)
            case CallStart(_, name):
                gathered.append(_Gathered(BlockKind.TOOL_USE, name))
            case CallArguments(_, text):
                gathered[-1].texts.append(text)
            case CallEnd():
                pass
    return [_write_block(block) for block in gathered]


def new_id(prefix: str) -> str:
    """A message's or a call's id: unique."""
    return f"{prefix}_{uuid.uuid4().hex[:24]}"


def _continue(gathered: list[_Gathered], kind: BlockKind) -> _Gathered:
    if not gathered or gathered[-1].kind is not kind:
        gathered.append(_Gathered(kind))
    return gathered[-1]


def _write_block(block: _Gathered) -> Body:
    text = "".join(block.texts)
    match block.kind:
        case BlockKind.TEXT:
            return {"type": "text", "text": text}
        case BlockKind.THINKING:
            return {"type": "thinking", "thinking": text, "signature": SIGNATURE}
        case BlockKind.TOOL_USE:
            return {"type": "tool_use", "id": new_id("toolu"), "name": block.name, "input": write_input(text)}
