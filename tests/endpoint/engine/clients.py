"""Clients of a stress test: each sends one request, by the engine's own door or over a socket, and may hang up."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from dataclasses import dataclass
from enum import Enum, auto

from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Delta, Failure, Finish
from endpoint.errors import DeadlineExceeded
from endpoint.providers.base import Sampling

PATIENCE_S = 120.0
BEGINNINGS = [
    "The ships in the harbour are counted every day. ",
    "A cat sat on a wall and looked at the moon. ",
    "Bread is made of flour, water, salt and time. ",
    "My uncle repairs old clocks in a cold room. ",
    "The train to the north leaves at half past six. ",
    "Nobody knows how deep the lake behind the mill is. ",
]


class Left(Enum):
    """How a client that got no whole answer parted."""

    HUNG_UP = auto()
    OUT_OF_TIME = auto()


@dataclass(frozen=True)
class Whole:
    """A whole answer."""

    text: str
    reason: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Plan:
    """What a client does, drawn from its number. `hangs_up_after` events; `timeout_s` is far too short."""

    prompt: str
    max_tokens: int
    hangs_up_after: int | None
    timeout_s: float | None
    brutal: bool

    @classmethod
    def draw(cls, number: int) -> Plan:
        chance = random.Random(number)
        beginning = chance.choice(BEGINNINGS) * chance.randint(1, 6)
        return cls(
            prompt=f"{beginning}Number {chance.randint(0, 99)}.",
            # The first ones are long together, so that cells run out for certain.
            max_tokens=chance.randint(150, 190) if number < 8 else chance.randint(1, 20),
            hangs_up_after=chance.randint(0, 4) if number % 5 == 1 else None,
            timeout_s=0.02 if number % 25 == 2 else None,
            brutal=chance.random() < 0.5,
        )


async def run_inside(engine: Engine, plan: Plan) -> Whole | Left:
    """Straight through the engine."""
    tokens = tuple(engine.model().tokenizer.encode(plan.prompt, add_bos=True))
    sampling = Sampling(temperature=0.8, seed=1)
    stream = engine.submit(GenerationRequest(tokens, plan.max_tokens, sampling, timeout_s=plan.timeout_s))
    text, events = "", 0
    try:
        while events != plan.hangs_up_after:
            match await stream.next(PATIENCE_S):
                case Delta(piece):
                    text += piece
                case Finish(reason, usage):
                    return Whole(text, reason.value, usage.prompt_tokens, usage.completion_tokens)
                case Failure(error):
                    assert isinstance(error, DeadlineExceeded), error
                    return Left.OUT_OF_TIME
                case None:
                    raise AssertionError("nothing came")
            events += 1
        return Left.HUNG_UP
    finally:
        stream.close()


async def run_outside(port: int, plan: Plan) -> Whole | Left:
    """Over a socket, as a stream; a brutal hang-up is a reset instead of an orderly end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_post(plan))
        return await asyncio.wait_for(_read_events(reader, plan.hangs_up_after), PATIENCE_S)
    finally:
        if plan.brutal:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()


def _post(plan: Plan) -> bytes:
    fields: dict[str, object] = {"prompt": plan.prompt, "max_tokens": plan.max_tokens, "seed": 1, "stream": True}
    fields["stream_options"] = {"include_usage": True}
    if plan.timeout_s is not None:
        fields["timeout"] = plan.timeout_s
    body = json.dumps(fields).encode()
    head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _read_events(reader: asyncio.StreamReader, limit: int | None) -> Whole | Left:
    text, reason, events = "", "", 0
    while events != limit:
        line = await reader.readline()
        assert line, "the stream ended without [DONE]"
        if not line.startswith(b"data: {"):
            continue
        event = json.loads(line.removeprefix(b"data: "))
        if "error" in event:
            assert event["error"]["code"] == "deadline_exceeded", event
            return Left.OUT_OF_TIME
        for choice in event["choices"]:
            text += choice["text"]
            reason = choice["finish_reason"] or reason
        if event.get("usage"):
            return Whole(text, reason, event["usage"]["prompt_tokens"], event["usage"]["completion_tokens"])
        events += 1
    return Left.HUNG_UP
