from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from endpoint.errors import InvalidRequest
from endpoint.protocol.validation import MOST_LEVELS, format_path, parse_body
from endpoint.protocol.wire import WireModel


class Inner(WireModel):
    size: int


class Body(WireModel):
    ratio: Annotated[float | None, Field(ge=0, le=1)] = None
    above: Annotated[float | None, Field(gt=0)] = None
    below: Annotated[int | None, Field(le=5)] = None
    word: Literal["a", "b"] | None = None
    inner: Inner | None = None
    inners: list[Inner] | None = None


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        (b'{"ratio": 2}', "ratio", "ratio must be between 0 and 1, got 2."),
        (b'{"above": 0}', "above", "above must be above 0, got 0."),
        (b'{"below": 6}', "below", "below must be at most 5, got 6."),
        (b'{"word": "c"}', "word", "word must be 'a' or 'b', got \"c\"."),
        (b'{"inner": 5}', "inner", "inner must be an object, got 5."),
        (b'{"inner": {}}', "inner.size", "inner.size is required."),
        (b'{"inner": {"size": 1.5}}', "inner.size", "inner.size must be an integer, got 1.5."),
        (
            b'{"inners": [{"size": 1}, {"size": true}]}',
            "inners[1].size",
            "inners[1].size must be an integer, got true.",
        ),
        (b'{"inners": {"a": 1}}', "inners", "inners must be a list, got an object."),
        (b"[1, 2]", None, "The body must be a JSON object, got a list of 2."),
    ],
)
def test_an_error_is_one_plain_sentence(body: bytes, param: str | None, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_body(body, Body)
    assert (caught.value.param, str(caught.value)) == (param, message)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_body(b'{"ratio": "' + b"x" * 100_000 + b'"}', Body)
    assert len(str(caught.value)) < 120


def test_unknown_fields_are_ignored_and_numbers_may_be_whole() -> None:
    assert parse_body(b'{"ratio": 1, "more": [1]}', Body).ratio == 1.0


def test_a_path_reads_like_the_clients_own_code() -> None:
    assert format_path(("messages", 0, "content", 1, "text")) == "messages[0].content[1].text"


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_levels_are_bounded_in_parts_that_are_not_read_too(opening: bytes, closing: bytes) -> None:
    def nest(levels: int) -> bytes:
        return b'{"other": ' + opening * levels + b"1" + closing * levels + b"}"

    assert parse_body(nest(MOST_LEVELS - 1), Body) == Body()
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        parse_body(nest(MOST_LEVELS + 1), Body)
