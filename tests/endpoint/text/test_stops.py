from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.text.stops import Cut, StopMatcher

letters = st.text(alphabet="ab\n", max_size=30)
stop_lists = st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=4)


def expected(text: str, stops: list[str]) -> Cut:
    places = [at for stop in stops if (at := text.find(stop)) >= 0]
    return Cut(text[: min(places)], "some stop") if places else Cut(text)


@given(st.lists(letters, max_size=12), stop_lists)
def test_however_the_text_is_split_it_ends_where_the_first_stop_string_begins(
    parts: list[str], stops: list[str]
) -> None:
    matcher = StopMatcher(stops)
    shown, stopped = "", False
    for part in parts:
        cut = matcher.feed(part)
        shown, stopped = shown + cut.text, cut.stopped
        if stopped:
            break
    if not stopped:
        shown += matcher.flush()
    whole = expected("".join(parts), stops)
    assert stopped == whole.stopped
    assert shown == whole.text or (stopped and whole.text.startswith(shown))


@given(st.lists(st.text(alphabet="ab\n", min_size=1, max_size=1), max_size=60), stop_lists)
def test_text_that_comes_character_by_character_is_cut_exactly(parts: list[str], stops: list[str]) -> None:
    matcher = StopMatcher(stops)
    shown = ""
    for part in parts:
        cut = matcher.feed(part)
        shown += cut.text
        assert not any(stop in shown for stop in stops)
        if cut.stopped:
            return
    assert shown + matcher.flush() == "".join(parts)


def test_without_stop_strings_nothing_is_held_back() -> None:
    assert StopMatcher(()).feed("any text") == Cut("any text")
