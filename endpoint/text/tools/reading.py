"""How the answer to one prompt is to be read. A value; made with the prompt, used once per answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from endpoint.conversation import Tool
from endpoint.providers.base import Tokenizer
from endpoint.text.tools.dialect import Dialect
from endpoint.text.tools.formats import AnswerFormat
from endpoint.text.tools.parser import SegmentParser
from endpoint.text.tools.readers import Tools
from endpoint.text.tools.references import follow_references
from endpoint.text.tools.shown import find_shown

OPENING_LIMIT = 300
"""Characters that a prompt's end may have after the header; more than that isn't an opening."""


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """`tools`: what may be called. `opening`: how the prompt opened the answer. `shown`: control tokens whose text the
    parser needs, with that text."""

    answer: AnswerFormat
    tools: Tools | None
    opening: str
    shown: Mapping[int, bytes]

    @property
    def is_thinking(self) -> bool:
        """Whether the prompt has begun the reasoning and left it open."""
        reasoning = self.answer.reasoning
        return reasoning is not None and self.opening.rfind(reasoning.start) > self.opening.rfind(reasoning.end)

    def text_of(self, token: int, tokenizer: Tokenizer) -> bytes:
        """A token as the parser will see it."""
        return self.shown.get(token) or tokenizer.piece(token)

    def parser(self) -> SegmentParser:
        """A new parser for one answer."""
        return SegmentParser(self.answer, self.tools, self.opening)


def plan_reading(dialect: Dialect, tools: Sequence[Tool], prompt: str, tokenizer: Tokenizer) -> AnswerReading | None:
    """How to read the answer to this prompt; None when it is plain text."""
    answer = dialect.answer
    if not tools and not dialect.calls.content_name:
        answer = replace(answer, tools=None)
    if not (answer.tools or answer.reasoning or answer.frames or answer.spans):
        return None
    schemas = {tool.name: follow_references(tool.parameters) for tool in tools}
    return AnswerReading(answer, schemas or None, _find_opening(answer.header, prompt), find_shown(answer, tokenizer))


def _find_opening(header: str, prompt: str) -> str:
    at = prompt.rfind(header) if header else -1
    return prompt[at:] if at >= 0 and len(prompt) - at <= OPENING_LIMIT else ""
