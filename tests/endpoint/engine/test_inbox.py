from __future__ import annotations

from queue import Empty

import pytest

from endpoint.engine.commands import Cancel, Embed, Occupy, Submit
from endpoint.engine.inbox import Inbox


def test_only_requests_are_counted_and_each_leaves_the_count_as_it_leaves() -> None:
    inbox = Inbox()
    for command in (Cancel(1), Submit(2, None, None, None), Embed(None, None), Occupy(0.0)):  # type: ignore[arg-type]  # what is in them is nobody's business here
        inbox.put(command)
    assert (inbox.qsize(), inbox.requests) == (4, 2)
    counts = []
    while True:
        try:
            inbox.get_nowait()
        except Empty:
            break
        counts.append(inbox.requests)
    assert counts == [2, 1, 0, 0]


def test_waiting_for_a_command_counts_too() -> None:
    inbox = Inbox()
    inbox.put(Submit(1, None, None, None))  # type: ignore[arg-type]  # as above
    assert isinstance(inbox.get(timeout=1.0), Submit)
    assert inbox.requests == 0
    with pytest.raises(Empty):
        inbox.get(timeout=0.001)
