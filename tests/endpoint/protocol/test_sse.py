from __future__ import annotations

import json

from endpoint.protocol import sse


def test_an_event_is_one_data_line_and_a_blank_one_whatever_the_text() -> None:
    data = {"text": "line\nline\r\n\u2028 é 🙂 data: x"}
    framed = sse.frame(data)
    assert framed.endswith(b"\n\n")
    assert framed.count(b"\n") == 2
    assert b"\r" not in framed
    assert json.loads(framed.removeprefix(b"data: ")) == data


def test_a_keep_alive_is_a_comment() -> None:
    assert sse.KEEP_ALIVE.startswith(b":")
    assert sse.KEEP_ALIVE.endswith(b"\n\n")


def test_an_event_may_have_a_name() -> None:
    assert sse.named_frame("ping", {"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'
