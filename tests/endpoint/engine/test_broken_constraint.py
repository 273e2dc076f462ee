from __future__ import annotations

import asyncio

from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Failure
from endpoint.providers.base import Sampling
from endpoint.providers.constraint import Constraint
from tests.endpoint.engine.rig import Answer, ask, read, running


def test_a_request_whose_constraint_cannot_be_made_fails_alone() -> None:
    def raise_error() -> Constraint:
        raise ValueError("no such grammar")

    async def scenario() -> tuple[Answer, Answer]:
        async with running() as engine:
            broken = GenerationRequest(tuple(b"abc"), 9, Sampling(), make_constraint=raise_error)
            return await read(engine.submit(broken)), await read(ask(engine, "abc"))

    failed, other = asyncio.run(scenario())
    assert isinstance(failed.end, Failure)
    assert "no such grammar" in str(failed.end.error)
    assert other.text == "abc"
