"""What an answer must look like, as a grammar: calls, content of a form, or either; and where reasoning may come. Pure.

Two grammars, for what follows the prompt and what follows reasoning may begin with other marks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from endpoint.output import ToolChoice
from endpoint.text.constraints.calls import CallsWriter
from endpoint.text.constraints.lark import LarkWriter, join
from endpoint.text.tools.formats import ReasoningFormat, ToolFormat
from endpoint.text.tools.readers import Tools
from endpoint.text.tools.reading import AnswerReading

_CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Demand:
    """`content`: the grammar of the content, None for any. `tools`: those that may be called; `must_call`: and one of
    them is."""

    content: str | None = None
    tools: Tools | None = None
    must_call: bool = False
    several: bool = True


@dataclass(frozen=True, slots=True)
class AnswerGrammars:
    """`direct`: of the answer after the prompt; `resumed`: after reasoning, the same where that makes no difference.
    `reasoning`: None where the model doesn't think; `thinking`: the prompt has begun it already."""

    direct: str
    resumed: str
    reasoning: ReasoningFormat | None = None
    thinking: bool = False


def choose_demand(content: str | None, choice: ToolChoice, tools: Tools, *, several: bool) -> Demand | None:
    """What must be enforced; None when the answer is free."""
    allowed = {name: schema for name, schema in tools.items() if not choice.only or name in choice.only}
    if choice.must_call:
        return Demand(None, allowed, must_call=True, several=several)
    return None if content is None else Demand(content, allowed or None, several=several)


def write_grammars(demand: Demand, reading: AnswerReading | None, is_end: Callable[[str], bool]) -> AnswerGrammars:
    """The grammars. Raises CallRefused."""
    if reading is None:
        return AnswerGrammars(demand.content or "", demand.content or "")
    answer = reading.answer
    direct = _Writer(demand, reading, is_end, reading.opening).write()
    reasoning = answer.reasoning
    if reasoning is None:
        return AnswerGrammars(direct, direct)
    if reasoning.end in reading.opening and not reading.is_thinking:
        return AnswerGrammars(direct, direct)  # the prompt has closed it
    header = answer.header if answer.reasoning_is_message else ""
    resumed = _Writer(demand, reading, is_end, "", header).write()
    return AnswerGrammars(direct, resumed, reasoning, thinking=reading.is_thinking)


class _Writer:
    """`opening`: how the prompt has begun the answer. `header`: what comes before all else."""

    def __init__(
        self,
        demand: Demand,
        reading: AnswerReading,
        is_end: Callable[[str], bool],
        opening: str,
        header: str = "",
    ) -> None:
        self._demand = demand
        self._form = reading.answer.tools
        self._answer = reading.answer
        self._opening = opening.rstrip(" ")
        self._header = header
        controls = {text.decode("utf-8", "replace"): token for token, text in reading.shown.items()}
        self._lark = LarkWriter(controls)
        self._is_end = is_end
        self._read_as = reading.tools or {}

    def write(self) -> str:
        branches = []
        if self._demand.tools and self._form is not None:
            branches.append(self._calls(self._form, self._demand.tools))
        if not self._demand.must_call and self._demand.content is not None:
            branches.append(join((self._lark.literal(self._content_start()), f"@{_CONTENT}")))
        start = join((self._lark.literal(self._header), self._lark.choice(branches)))
        grammars: list[Mapping[str, object]] = [{"name": "answer", "lark_grammar": self._lark.finish(start)}]
        if len(branches) > 1 or not self._demand.must_call:
            content = json.loads(self._demand.content or "{}")["grammars"]
            grammars += [{**content[0], "name": _CONTENT}, *content[1:]]
        return json.dumps({"grammars": grammars})

    def _calls(self, form: ToolFormat, tools: Tools) -> str:
        start = self._first_start(form)
        if form.section_start and self._opening.endswith(form.section_start):
            form = replace(form, section_start="")
        return CallsWriter(form, self._lark, self._is_end, self._read_as).calls(
            tools, several=self._demand.several, start=start
        )

    def _first_start(self, form: ToolFormat) -> str:
        """The mark before the first call: one that doesn't repeat the header; none where the prompt ends with it."""
        marks = [
            mark for mark in form.call_starts if not (self._answer.header and mark.startswith(self._answer.header))
        ]
        start = next(iter(marks or form.call_starts), "")
        return "" if start and self._opening.endswith(start) else start

    def _content_start(self) -> str:
        form = self._form
        if form is not None and form.content_name and self._demand.tools:
            start = next(iter(form.call_starts), "")
            head = form.content_name + form.head_end
            return head if self._opening.endswith(start) else start + head
        return self._answer.content_start
