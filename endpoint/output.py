"""What form an answer must take, free of any wire format: `protocol` makes it, `text` compiles it. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class OutputKind(Enum):
    """What describes the form."""

    JSON_OBJECT = auto()  # any JSON object
    JSON_SCHEMA = auto()
    REGEX = auto()
    GRAMMAR = auto()  # llguidance's Lark, or GBNF


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The form of the answer's content. `source`: the schema, or the text of the expression or grammar; `param` is the
    request's field that asked for it, for errors. `lenient`: parts of a schema that can't be honoured are left out."""

    kind: OutputKind
    param: str
    source: Mapping[str, object] | str | bool = ""
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether the answer must be a call, and which tools may be called: all where `only` is empty."""

    must_call: bool = False
    only: tuple[str, ...] = ()


AUTO = ToolChoice()
