"""JSON of a schema beside free text of the same length, on one server."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench.metric import Basis, Better, Goal, Metric, Workload, rate
from tests.bench.prompts import story
from tests.bench.server import Bench

TOKENS = 128
RECORDS = {
    "type": "array",
    "minItems": 40,  # more than fit: the answer must not end before its limit
    "items": {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "year": {"type": "integer", "minimum": 1800, "maximum": 2030},
            "kind": {"enum": ["story", "letter", "report"]},
        },
        "required": ["title", "year", "kind"],
        "additionalProperties": False,
    },
}
LETTER = {"type": "string", "minLength": 2000}


async def run(bench: Bench) -> Mapping[str, float]:
    await bench.client.complete(story("warm"), 8, schema=LETTER)  # the vocabulary is prepared once a model
    free = await bench.client.complete(story("free"), TOKENS)
    text = await bench.client.complete(story("text"), TOKENS, schema=LETTER)
    records = await bench.client.complete(story("records"), TOKENS, schema=RECORDS)
    return {
        "one string": text.decode_rate,
        "records": records.decode_rate,
        "one string / free": text.decode_rate / free.decode_rate,
        "records / free": records.decode_rate / free.decode_rate,
    }


SCHEMAS = Workload(
    "schema",
    f"JSON of a schema (one long string; a list of records), {TOKENS} tokens each, beside free text of that length",
    (
        rate("one string"),
        rate("records"),
        Metric("one string / free", "", Better.HIGHER, (Goal(Basis.OWN, 0.8),)),
        Metric("records / free", "", Better.HIGHER, (Goal(Basis.OWN, 0.8),)),
    ),
    run,
)
