"""The real templates of seventy models: what each writes is read back. Needs llama-cpp-python's source archive."""

from __future__ import annotations

import pytest

from endpoint.conversation import Message, Role, TextPart, ToolCall
from endpoint.text.tools.formats import Origin
from tests.endpoint.text.tools.archive import real_templates
from tests.endpoint.text.tools.proof import CASES, PAGE, Outcome, cut_at_random, judge, page_lines, read, subject, write
from tests.endpoint.text.tools.turns import NOTE, TEXT, THOUGHT, WEATHER, make_turn, render

NAMES = list(real_templates())

FORGETS_REASONING = {"Apriel-1.6-15b-Thinker-fixed"}
"""Writes a turn's reasoning only while that turn is the last."""

pytestmark = pytest.mark.skipif(
    not NAMES, reason="llama-cpp-python's source archive isn't in the cache: see docs/setup.md"
)
each_template = pytest.mark.parametrize("name", NAMES)


def test_there_are_as_many_templates_as_the_page_tells() -> None:
    assert len(NAMES) == 70


@each_template
def test_a_turn_comes_back_whole(name: str) -> None:
    outcomes = {case: judge(subject(name), case) for case in CASES}
    assert outcomes["one call"] is Outcome.BACK


@each_template
@pytest.mark.parametrize("case", ["reasoning", "all of it"])
def test_a_turn_comes_back_a_character_at_a_time_and_cut_at_random(name: str, case: str) -> None:
    about = subject(name)
    written = write(about, case)
    whole = read(about, written, [written.text])
    assert read(about, written, list(written.text)) == whole
    for seed in range(10):
        pieces = cut_at_random(written.text, seed)
        assert read(about, written, pieces) == whole, pieces


@each_template
def test_a_turn_comes_back_cut_in_two_at_every_place(name: str) -> None:
    about = subject(name)
    written = write(about, "text before")
    whole = read(about, written, [written.text])
    for place in range(1, len(written.text)):
        assert read(about, written, [written.text[:place], written.text[place:]]) == whole, written.text[:place]


@each_template
def test_a_conversation_with_results_renders_and_shows_all_of_it(name: str) -> None:
    about = subject(name)
    messages = [
        Message(Role.SYSTEM, (TextPart("Be brief."),)),
        Message(Role.USER, (TextPart("Weather, and note it."),)),
        make_turn([WEATHER, NOTE]),
        Message(Role.TOOL, (TextPart("It is sunny."),), tool_call_id=WEATHER.id),
        Message(Role.TOOL, (TextPart("It is noted."),), tool_call_id=NOTE.id),
        make_turn((), TEXT),
        Message(Role.USER, (TextPart("Thanks."),)),
    ]
    shown = render(about.template, about.dialect, messages, open_turn=True)
    for text in ("Be brief.", "Weather, and note it.", "get_weather", "It is sunny.", "It is noted.", TEXT, "Thanks."):
        assert text in shown
    assert shown.index("It is sunny.") < shown.index("It is noted.") < shown.index("Thanks.")


@each_template
def test_a_conversation_with_ids_of_ours_and_with_arguments_that_are_no_json_renders(name: str) -> None:
    about = subject(name)
    call = ToolCall("call_0123456789abcdef", "get_weather", '{"city": ')
    messages = [
        Message(Role.USER, (TextPart("Weather?"),)),
        make_turn([call], thought=THOUGHT),
        Message(Role.TOOL, (TextPart("That was no JSON."),), tool_call_id=call.id),
    ]
    shown = render(about.template, about.dialect, messages, open_turn=True)
    assert "get_weather" in shown
    assert "That was no JSON." in shown
    marks = about.dialect.answer.reasoning
    assert marks is None or marks.field is None or THOUGHT in shown or name in FORGETS_REASONING


def test_most_formats_are_inferred() -> None:
    origins = [subject(name).dialect.calls.origin for name in NAMES]
    assert origins.count(Origin.INFERRED) >= 57
    assert origins.count(Origin.TABLE) <= 8


def test_the_page_tells_what_is_so() -> None:
    assert PAGE.read_text(encoding="utf-8").splitlines() == "\n".join(page_lines()).splitlines()
