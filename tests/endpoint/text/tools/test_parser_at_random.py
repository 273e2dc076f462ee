from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from endpoint.segments import Content
from endpoint.text.tools.formats import AnswerFormat
from tests.endpoint.text.tools.answers import FORMATS, HERMES, parse
from tests.endpoint.text.tools.turns import summarise

MARKS = sorted({mark for answer in FORMATS for mark in answer.marks()})
PARTS = ("get_weather", "write-note", "city", '"name": ', '{"', '"}', "}", "(", "='a'", ", ", '"arguments": {', "\\")
MARKUP = st.sampled_from([*MARKS, *PARTS, "\n"])
TEXTS = st.lists(st.one_of(MARKUP, st.text(max_size=5)), max_size=14).map("".join)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(FORMATS), TEXTS, st.randoms(use_true_random=False))
def test_whatever_a_model_writes_comes_out_the_same_in_any_pieces(answer: AnswerFormat, text: str, rng: object) -> None:
    whole = parse(answer, text)
    summarise(whole)
    assert parse(answer, *text) == whole
    place = len(text) // 2
    assert parse(answer, text[:place], text[place:]) == whole


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(FORMATS), st.text(st.characters(exclude_characters="<[{~ \t\r\n", exclude_categories=["C", "Z"]))
)
def test_text_without_marks_passes_unchanged(answer: AnswerFormat, text: str) -> None:
    assert "".join(segment.text for segment in parse(answer, text) if isinstance(segment, Content)) == text


@settings(max_examples=50, deadline=None)
@given(st.text(), st.integers())
def test_any_string_survives_as_an_argument(text: str, number: int) -> None:
    arguments = {"city": text, "days": number}
    written = json.dumps(arguments)
    call = f'<tool_call>{{"name": "get_weather", "arguments": {written}}}</tool_call>'
    assert summarise(parse(HERMES, call)).calls == (("get_weather", arguments),)
