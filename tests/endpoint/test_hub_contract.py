"""What passes between tray and child survives the way, and what makes no sense is no event."""

from __future__ import annotations

import pytest

from endpoint.hub_contract import (
    CatalogueKept,
    Done,
    Failed,
    Found,
    Hit,
    HubEvent,
    Progress,
    Started,
    Stopped,
    Verifying,
    Waiting,
    format_event,
    parse_event,
)

EVENTS = [
    Started("o/n", "f.gguf", 2, 0, 10, "note", ("/a", "/b")),
    Progress(1, 2),
    Waiting("ü\n", 3),
    Verifying("f", 1, 2),
    Done("mlx", "o/n", 10, 5),
    Stopped("pause"),
    Failed("gated", "No."),
    Found((Hit("o/n", "gguf", 1, 2, "mit", is_gated=True),)),
    CatalogueKept(is_new=True),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_and_comes_back_as_it_was(event: HubEvent) -> None:
    line = format_event(event)
    assert line.isascii()
    assert "\n" not in line
    assert parse_event(line) == event


def test_unknown_fields_are_ignored_and_those_with_defaults_may_be_missing() -> None:
    assert parse_event('{"event": "progress", "done": 1, "total": 2, "colour": "red"}') == Progress(1, 2)
    assert parse_event('{"event": "waiting", "reason": "x"}') == Waiting("x")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "noise",
        "7",
        "[" * 100_000,
        '{"event": "unheard-of"}',
        '{"event": ["progress"]}',
        '{"event": "progress", "done": 1}',
        '{"event": "progress", "done": "1", "total": 2}',
        '{"event": "progress", "done": true, "total": 2}',
        '{"event": "found", "hits": [7]}',
        '{"event": "started", "repo": "o/n", "file": "f", "files": 1, "done": 0, "total": 1, "partials": [1]}',
    ],
)
def test_a_line_that_makes_no_sense_is_no_event(line: str) -> None:
    assert parse_event(line) is None
