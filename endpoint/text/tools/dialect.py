"""All that is known of a loaded template: what it can take, and how its model answers. Pure; made once a model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from endpoint.text.template import ChatTemplate
from endpoint.text.tools.as_text import write_call
from endpoint.text.tools.formats import AnswerFormat, CallStyle, Origin, ToolFormat
from endpoint.text.tools.inference import infer_answer
from endpoint.text.tools.probes import ID, KEY, KEY_2, NAME, NAME_2, VALUE, VALUE_2, Prober, Turn
from endpoint.text.traits import Traits, find_traits

FALLBACK = ToolFormat(
    CallStyle.OBJECT,
    call_starts=("<tool_call>",),
    call_end="</tool_call>",
    known_names=True,
    origin=Origin.FALLBACK,
)
"""For templates that know nothing of tools: the most common format, which many models have seen."""


_EXAMPLE = {
    NAME: "function_name",
    KEY: "argument_name",
    VALUE: "value",
    KEY_2: "another_argument",
    VALUE_2: "another value",
    ID: "call00001",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """`shows_tools`: the template tells the model of the tools. `writes_calls`: it writes an earlier turn's calls.
    `writes_several`: more than one a turn. `writes_beside_text`: calls in a turn with text. `writes_thought_and_text`:
    both beside a call. `takes_long_ids`: any text as a call's id. `takes_bad_arguments`: arguments that are no
    object. What a template doesn't do, `fitting` does in its place. `example`: a call as the model writes it.
    """

    traits: Traits
    answer: AnswerFormat
    shows_tools: bool
    writes_calls: bool
    writes_several: bool
    writes_beside_text: bool
    writes_thought_and_text: bool
    takes_long_ids: bool
    takes_bad_arguments: bool
    example: str

    @property
    def calls(self) -> ToolFormat:
        """How calls are written; never None, see `find_dialect`."""
        return self.answer.tools or FALLBACK


def find_dialect(template: ChatTemplate) -> Dialect:
    """Try the template out. Raises TemplateFailed when it does too much work even for one short message."""
    traits = find_traits(template)
    answer = infer_answer(template, traits)
    if answer.reasoning is not None and answer.reasoning.field is not None:
        traits = replace(traits, reasoning_field=answer.reasoning.field)
    prober = Prober(template, traits)
    field = traits.reasoning_field
    return Dialect(
        traits=traits,
        answer=answer if answer.tools is not None else replace(answer, tools=FALLBACK),
        shows_tools=prober.shows_tools(),
        writes_calls=NAME in (prober.turn(Turn(calls=1)) or ""),
        writes_several=NAME_2 in (prober.turn(Turn(calls=2)) or ""),
        writes_beside_text=NAME in (prober.turn(Turn(text=True, calls=1)) or NAME),
        writes_thought_and_text=prober.turn(Turn(text=True, calls=1, field=field)) is not None,
        takes_long_ids=prober.turn(Turn(calls=1, long_ids=True)) is not None,
        example=_find_example(answer, prober.turn(Turn(calls=1))),
        takes_bad_arguments=prober.turn(Turn(calls=1, bad_arguments=True)) is not None,
    )


def _find_example(answer: AnswerFormat, turn: str | None) -> str:
    """The template's own way to write a call, with plain words in it; ours where it writes none."""
    if turn is None or NAME not in turn:
        return write_call(answer.tools or FALLBACK, "function_name", {"argument_name": "value"})
    written = turn.partition(answer.header)[2] if answer.header and answer.header in turn else turn
    for mark in (answer.reasoning.start, answer.reasoning.end) if answer.reasoning else ():
        written = written.rpartition(mark)[2]
    for mark in answer.ends:
        written = written.partition(mark)[0]
    for sentinel, word in _EXAMPLE.items():
        written = written.replace(sentinel, word)
    return written.strip()
