"""What follows from a stream's times of arrival."""

from __future__ import annotations

import json

import pytest

from tests.bench.trace import Trace, read_trace

STEADY = Trace(sent_at=10.0, arrivals=(11.0, 11.5, 12.0, 14.0, 14.5), tokens=5, text="abcde")


def event(text: str, usage: int | None = None) -> bytes:
    body: dict[str, object] = {"choices": [{"text": text}] if text else []}
    return json.dumps(body | ({"usage": {"completion_tokens": usage}} if usage else {})).encode()


def test_the_first_token_counts_from_sending() -> None:
    assert STEADY.first_token_s == 1.0


def test_the_decode_rate_leaves_the_first_token_out() -> None:
    assert STEADY.decode_rate == pytest.approx(4 / 3.5)


def test_a_stream_of_one_event_has_no_rate() -> None:
    assert Trace(0.0, (1.0,), 1, "a").decode_rate == 0.0


@pytest.mark.parametrize(
    ("since", "until", "gap"),
    [
        (11.1, 11.9, 0.5),  # inside two gaps
        (12.5, 13.0, 2.0),  # a gap that holds the whole window counts in full
        (13.9, 20.0, 2.0),  # one that began before the window, too
        (14.1, 20.0, 0.5),  # the end of a stream is no gap
        (15.0, 20.0, 0.0),  # over before the window
        (0.0, 11.0, 0.0),  # not begun yet
    ],
)
def test_the_worst_gap_is_the_longest_that_overlaps_the_window(since: float, until: float, gap: float) -> None:
    assert STEADY.worst_gap_s(since, until) == gap


def test_a_trace_takes_the_servers_own_count_of_tokens() -> None:
    events = [(1.0, event("a")), (2.0, event("b")), (2.5, event("", usage=7)), (2.6, b"[DONE]")]
    assert read_trace(0.5, events) == Trace(0.5, (1.0, 2.0), 7, "ab")


def test_without_a_count_events_with_text_are_counted() -> None:
    assert read_trace(0.0, [(1.0, event("a")), (2.0, event("")), (3.0, event("b"))]).tokens == 2


def test_an_error_in_the_stream_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="no cells"):
        read_trace(0.0, [(1.0, event("a")), (2.0, b'{"error": {"message": "no cells"}}')])


def test_an_answer_without_text_is_no_measurement() -> None:
    with pytest.raises(ValueError, match="no text"):
        read_trace(0.0, [(1.0, event("", usage=1))])
