from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.protocol.anthropic.request import MessageBody
from endpoint.protocol.chat_request import ChatBody
from endpoint.protocol.sampling import DEFAULT_SAMPLING, choose_defaults, fill
from endpoint.protocol.wire import WireModel
from endpoint.providers.sampling_wish import NO_WISH, SPANS, SamplingWish


def test_what_is_not_wished_is_as_in_the_defaults() -> None:
    defaults = replace(DEFAULT_SAMPLING, repeat_penalty=1.1)
    assert fill(NO_WISH, defaults) == defaults
    assert fill(SamplingWish(temperature=0.0), defaults) == replace(defaults, temperature=0.0)


@pytest.mark.parametrize("off", [0, -1])
def test_both_words_for_no_top_k_are_one(off: int) -> None:
    assert fill(SamplingWish(top_k=off), DEFAULT_SAMPLING).top_k == 0


def test_what_the_endpoint_was_told_goes_before_what_the_model_recommends() -> None:
    chosen = choose_defaults(SamplingWish(temperature=0.2), SamplingWish(temperature=0.6, top_k=20))
    assert (chosen.temperature, chosen.top_k, chosen.top_p, chosen.min_p) == (0.2, 20, 0.95, 0.05)


@pytest.mark.parametrize("body", [ChatBody, MessageBody])
def test_a_request_may_say_just_what_a_flag_may(body: type[WireModel]) -> None:
    fields = {name: body.model_json_schema()["properties"].get(name) for name in SPANS}
    for name, field in fields.items():
        if field is None:
            assert body is MessageBody, name
            continue
        span = SPANS[name]
        lowest = "exclusiveMinimum" if span.above else "minimum"
        number = field["anyOf"][0]
        assert (number[lowest], number["maximum"]) == (span.low, span.high), name
        assert (number["type"] == "integer") is span.whole, name
