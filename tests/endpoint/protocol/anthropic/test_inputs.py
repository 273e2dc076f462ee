from __future__ import annotations

import itertools
import json

import orjson
import pytest
from jiter import from_json

from endpoint.protocol.anthropic.inputs import InputPieces, write_input

ARGUMENTS = '{"path": "a \\"b\\" \\u00e9 🙂", "lines": [1, -2.5e3, true, null, {"x": {}}]}'
BROKEN = [
    '{"city": }',
    '{"city": "Rome"} and so on',
    '{"a": "\\ud800"}',
    '"Rome"',
    "[1]",
    "null",
    "city=Rome",
    '{"a": NaN_}',
    "{" * 300,
]


def stream(*pieces: str) -> list[str]:
    """What goes out, piece by piece, as Anthropic's own client reads it: with every piece, it parses all so far."""
    made = InputPieces()
    out = [*map(made.feed, pieces), made.finish()]
    for text in itertools.accumulate(out):
        if text:
            assert isinstance(from_json(text.encode(), partial_mode=True), dict)
    return out


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_an_object_goes_out_as_it_was_written(size: int) -> None:
    pieces = [ARGUMENTS[start : start + size] for start in range(0, len(ARGUMENTS), size)]
    assert "".join(stream(*pieces)) == ARGUMENTS


def test_pieces_go_out_as_they_come() -> None:
    assert stream('{"ci', 'ty": "R', 'ome"}') == ['{"ci', 'ty": "R', 'ome"}', ""]


def test_no_arguments_are_no_pieces() -> None:
    assert stream() == [""]
    assert stream("\n", " ") == ["", "", ""]


@pytest.mark.parametrize("text", BROKEN)
def test_a_stream_of_what_is_no_object_never_breaks_the_client(text: str) -> None:
    for size in (1, 3, len(text)):
        out = "".join(stream(*(text[start : start + size] for start in range(0, len(text), size))))
        assert text.startswith(out) or json.loads(out) == {"_raw": text}


def test_what_went_out_before_a_mistake_stays() -> None:
    assert stream('{"city": ', "}") == ['{"city": ', "", ""]


def test_what_never_was_an_object_comes_whole_at_the_end() -> None:
    assert stream('"Ro', 'me"') == ["", "", '{"_raw":"\\"Rome\\""}']


def test_a_long_text_is_not_read_again_with_every_letter() -> None:
    letters = 20_000
    out = stream('{"a": "', *("x" * letters), '"}')
    assert "".join(out) == '{"a": "' + "x" * letters + '"}'
    assert sum(1 for piece in out if piece) < letters / 20


@pytest.mark.parametrize("text", [ARGUMENTS, "{}", ' {"big": 123456789012345678901234567890} '])
def test_a_whole_input_is_the_model_s_own_text(text: str) -> None:
    assert json.loads(orjson.dumps({"input": write_input(text)}))["input"] == json.loads(text)


def test_a_whole_input_that_is_no_object_keeps_its_text() -> None:
    for text in [*BROKEN, '{"city": "Ro']:
        assert json.loads(orjson.dumps(write_input(text))) == {"_raw": text}
    assert orjson.dumps(write_input("")) == b"{}"
