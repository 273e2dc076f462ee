"""An edit: the answer repeats most of its prompt, as code edits do."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.metric import Workload, rate
from tests.bench.prompts import edit
from tests.bench.server import Bench

TOKENS = 240


async def run(bench: Bench) -> Mapping[str, float]:
    return {"decode": (await bench.client.complete(edit(), TOKENS)).decode_rate}


EDIT = Workload("edit", f"a file is written again with one name changed, {TOKENS} tokens", (rate("decode", 1.3),), run)
