from __future__ import annotations

import pytest

from endpoint.explain.kinds import Kind, drops_reasoning, recognise
from endpoint.explain.texts import part


def look(earlier: str, new: str, around: str = "It is {} now, and the sea is calm.") -> tuple[Kind, str] | None:
    return recognise(part(around.format(earlier), around.format(new)))


@pytest.mark.parametrize(
    ("earlier", "new", "name"),
    [
        ("2025-07-26T10:41:03Z", "2025-07-26T10:41:59Z", "a timestamp"),
        ("2025-07-26 10:41", "2025-07-27 08:00", "a timestamp"),
        ("Sat, 26 Jul 2025 10:41:03 GMT", "Sun, 27 Jul 2025 10:41:03 GMT", "a timestamp"),
        ("1753526463", "1753526999", "a timestamp"),
        ("1753526463123", "1753526463999", "a timestamp"),
        ("2025-07-26", "2025-08-01", "a date"),
        ("26 Jul 2025", "01 Aug 2025", "a date"),
        ("July 26, 2025", "August 1, 2025", "a date"),
        ("Saturday", "Sunday", "a date"),
        ("26/07/2025", "27/07/2025", "a date"),
        ("10:41", "18:07", "a timestamp"),
        ("9:41:03 PM", "9:41:04 PM", "a timestamp"),
    ],
)
def test_times_are_recognised_however_they_are_written(earlier: str, new: str, name: str) -> None:
    assert look(earlier, new) == (Kind.TIME, name)


@pytest.mark.parametrize(
    ("earlier", "new"),
    [
        ("6f1e2b7c-52a4-4e0b-9f43-0f1f7a1f5f10", "0b8f3c55-1111-4e0b-9f43-0f1f7a1f5f10"),
        ("req_9c41d2aa71", "req_9c41d2ab02"),
        ("9c41d2aa", "9c41ffaa"),
        ("session-4f9a2b7c81", "session-4f9a2b7c99"),
    ],
)
def test_ids_are_recognised(earlier: str, new: str) -> None:
    assert look(earlier, new) == (Kind.ID, "an id")


@pytest.mark.parametrize(
    ("earlier", "new"), [("41", "42"), ("9", "10"), ("1,372", "1,380"), ("0.5", "0.75"), ("4", "41")]
)
def test_counters_are_recognised(earlier: str, new: str) -> None:
    assert look(earlier, new) == (Kind.NUMBER, "a number")


@pytest.mark.parametrize(
    ("earlier", "new"), [("two  words", "two words"), ("a\nb", "a b"), ("a\r\nb", "a\nb"), ("a", " a")]
)
def test_white_space_is_recognised_where_all_else_is_the_same(earlier: str, new: str) -> None:
    found = look(earlier, new)
    assert found is not None
    assert found[0] is Kind.WHITE_SPACE


@pytest.mark.parametrize(
    ("earlier", "new"),
    [
        ("brig", "sloop"),
        ("two words", "two swords"),
        ("a b", "ac"),
        ("v2 alpha", "v2 beta"),
        ("at 10:41 rain", "at 10:41 sun"),
    ],
)
def test_other_text_is_just_text(earlier: str, new: str) -> None:
    assert look(earlier, new) is None


def test_a_text_that_ends_is_not_white_space() -> None:
    assert recognise(part("calm", "calm sea")) is None


def test_reasoning_that_only_the_earlier_text_has_was_dropped() -> None:
    turn = "<|im_start|>assistant\n"
    kept, dropped = f"{turn}<think>\nFirst, the tides.\n</think>\nAt noon.", f"{turn}At noon."
    assert drops_reasoning(part(kept, dropped))
    assert not drops_reasoning(part(dropped, kept))
    assert not drops_reasoning(part(kept, kept.replace("First", "Then")))
