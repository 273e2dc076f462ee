from __future__ import annotations

import asyncio
import dataclasses
import random

import pytest

from endpoint.output import OutputFormat, OutputKind
from endpoint.providers.constraint import Constraint
from endpoint.providers.fake import END
from endpoint.text.constraints.compiler import ConstraintCompiler, Wish
from endpoint.text.tools.formats import AnswerFormat
from endpoint.text.tools.reading import AnswerReading
from tests.endpoint.text.constraints.walking import allowed_tokens, make_model, walk
from tests.endpoint.text.tools.answers import HARMONY, HERMES

OUTPUT = OutputFormat(OutputKind.REGEX, "regex", "[0-9]{3}")
MODEL = make_model()
PLAIN = dataclasses.replace(HERMES, tools=None)


def make(answer: AnswerFormat, opening: str = "") -> Constraint:
    reading = AnswerReading(answer, None, opening, {})
    made = asyncio.run(ConstraintCompiler().compile(MODEL, Wish(OUTPUT, reading=reading)))
    assert made is not None
    return made()


def say(constraint: Constraint, text: str) -> None:
    for token in text.encode():
        assert constraint.allows(token), chr(token)
        assert token in allowed_tokens(constraint.mask())
        constraint.accept(token)


def finish(constraint: Constraint) -> str:
    return bytes(walk(constraint, random.Random(1))).decode()


def test_an_answer_without_reasoning_is_limited_from_its_beginning() -> None:
    constraint = make(PLAIN)
    assert not constraint.allows(ord("x"))
    assert constraint.allows(ord("<")), "reasoning may begin"
    assert finish(constraint)[:1] in "0123456789<"


def test_reasoning_is_free_but_may_not_end_the_answer() -> None:
    constraint = make(PLAIN)
    say(constraint, "<think>anything: 12 {</thi")
    assert constraint.forced() == ()
    assert not constraint.allows(END)
    assert END not in allowed_tokens(constraint.mask())
    say(constraint, "nk>")
    assert not constraint.allows(ord("x"))
    assert finish(constraint).isdigit()


def test_reasoning_that_the_prompt_has_opened_goes_on() -> None:
    constraint = make(PLAIN, "<|im_start|>assistant\n<think>\n")
    say(constraint, "well…</think>")
    assert finish(constraint).isdigit()


def test_reasoning_that_the_prompt_has_closed_is_over() -> None:
    constraint = make(PLAIN, "<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert not constraint.allows(ord("<"))
    assert finish(constraint).isdigit()


def test_marks_that_begin_alike_leave_both_ways_open() -> None:
    answer = dataclasses.replace(HARMONY, tools=None)
    thinking, direct = make(answer, "<|start|>assistant"), make(answer, "<|start|>assistant")
    say(direct, "<|channel|>final<|message|>")
    assert finish(direct).isdigit()
    say(thinking, "<|channel|>analysis<|message|>hm<|end|>")
    assert finish(thinking).startswith("<|start|>assistant<|channel|>final<|message|>")


@pytest.mark.parametrize("opening", ["", "<think>"])
def test_what_is_not_allowed_raises_when_it_is_accepted(opening: str) -> None:
    constraint = make(PLAIN, opening)
    say(constraint, "</think>" if opening else "")
    with pytest.raises(Exception, match=r"\S"):
        constraint.accept(ord("x"))
