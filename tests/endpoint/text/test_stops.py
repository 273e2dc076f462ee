from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from endpoint.text.stops import Cut, StopMatcher

letters = st.text(alphabet="ab\n", max_size=30)
stop_lists = st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=4)


@given(st.lists(letters, max_size=12), stop_lists)
def test_however_the_text_is_split_it_ends_where_a_stop_string_begins_and_none_is_shown(
    parts: list[str], stops: list[str]
) -> None:
    """Which one it is depends on the split where one begins inside another: what is whole first."""
    matcher, text = StopMatcher(stops), "".join(parts)
    shown, stop = "", None
    for part in parts:
        cut = matcher.feed(part)
        shown, stop = shown + cut.text, cut.stop
        if cut.stopped:
            break
    else:
        shown += matcher.flush()
    assert (stop is not None) == any(each in text for each in stops)
    assert text.startswith(shown + stop) if stop is not None else shown == text
    assert not any(each in shown for each in stops)


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
