from __future__ import annotations

import json

import pytest

from endpoint.errors import InvalidRequest
from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.requests import CompletionRequest
from endpoint.protocol.sampling import DEFAULT_SAMPLING


def read(prompt: object, **fields: object) -> CompletionRequest:
    return read_completion_request(json.dumps({"prompt": prompt, **fields}).encode(), DEFAULT_SAMPLING)


@pytest.mark.parametrize(
    ("sent", "prompt"),
    [("a", "a"), (["a"], "a"), ([""], ""), ([1, 2], (1, 2)), ([[1, 2]], (1, 2)), ([5], (5,)), ([[]], ())],
)
def test_a_prompt_comes_in_several_forms(sent: object, prompt: object) -> None:
    assert read(sent).prompts == (prompt,)


def test_several_prompts_keep_their_order() -> None:
    assert read(["a", "b"]).prompts == ("a", "b")
    assert read([[1], "a", [2, 3]]).prompts == ((1,), "a", (2, 3))


@pytest.mark.parametrize(
    ("sent", "fields", "says"),
    [
        ([], {}, "all such"),
        ([1, "a"], {}, "all such"),
        ([[1], 2], {}, "all such"),
        (["a"] * 9, {"n": 16}, "at most 128 in all"),
    ],
)
def test_what_is_no_list_of_prompts_is_refused(sent: object, fields: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says) as caught:
        read(sent, **fields)
    assert caught.value.param == "prompt"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"best_of": 2}, "best_of"),
        ({"best_of": 2, "n": 3}, "best_of"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"echo": True, "suffix": "x"}, "suffix"),
        ({"logprobs": 21}, "logprobs"),
    ],
)
def test_what_can_not_be_served_is_named(fields: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read("a", **fields)
    assert caught.value.param == param


def test_logprobs_are_a_number_and_true_means_one() -> None:
    sent: list[object] = [None, False, True, 0, 20]
    assert [read("a", logprobs=each).generation.logprobs for each in sent] == [None, None, 1, 0, 20]


def test_best_of_the_same_as_n_an_echo_and_a_gap_arrive() -> None:
    assert read("a", best_of=3, n=3).generation.choices == 3
    assert read("a", echo=True, max_tokens=0).echo
    assert read("a", suffix="b").suffix == "b"


def test_the_shared_fields_arrive() -> None:
    request = read("a", max_tokens=3, stop="x", stream=True, model="m", temperature=0.5)
    assert (request.generation.max_tokens, request.generation.stop, request.model) == (3, ("x",), "m")
    assert request.generation.sampling.temperature == 0.5
    assert request.delivery.stream


@pytest.mark.parametrize(
    "fields", [{"best_of": 1}, {"echo": False}, {"suffix": ""}, {"logprobs": None}, {"logprobs": False}]
)
def test_neutral_values_are_fine(fields: dict[str, object]) -> None:
    request = read("a", **fields)
    assert (request.prompts, request.echo, request.suffix, request.generation.logprobs) == (("a",), False, None, None)
