"""Server-sent events: framing only (https://html.spec.whatwg.org/multipage/server-sent-events.html). Pure."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

MEDIA_TYPE = "text/event-stream"
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"
"""A comment: clients skip it, and know that we are still here."""


def frame(data: Mapping[str, object]) -> bytes:
    """One event. JSON has no line breaks of its own, so one `data:` line is enough."""
    return b"data: %b\n\n" % orjson.dumps(data)


def named_frame(name: str, data: Mapping[str, object]) -> bytes:
    """One event with its name."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))
