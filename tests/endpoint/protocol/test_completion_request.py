from __future__ import annotations

import json

import pytest

from endpoint.errors import InvalidRequest
from endpoint.protocol.completion_request import read_completion_request
from endpoint.protocol.requests import CompletionRequest


def read(prompt: object, **fields: object) -> CompletionRequest:
    return read_completion_request(json.dumps({"prompt": prompt, **fields}).encode())


@pytest.mark.parametrize(
    ("sent", "prompt"),
    [("a", "a"), (["a"], "a"), ([""], ""), ([1, 2], (1, 2)), ([[1, 2]], (1, 2)), ([5], (5,)), ([[]], ())],
)
def test_one_prompt_comes_in_several_forms(sent: object, prompt: object) -> None:
    assert read(sent).prompt == prompt


@pytest.mark.parametrize("sent", [["a", "b"], [[1], [2]], [], [1, "a"], ["a", [1]]])
def test_several_prompts_are_refused(sent: object) -> None:
    with pytest.raises(InvalidRequest, match="one prompt a request") as caught:
        read(sent)
    assert caught.value.param == "prompt"


def test_the_shared_fields_arrive() -> None:
    request = read("a", max_tokens=3, stop="x", stream=True, model="m", temperature=0.5)
    assert (request.generation.max_tokens, request.generation.stop, request.model) == (3, ("x",), "m")
    assert request.generation.sampling.temperature == 0.5
    assert request.delivery.stream


@pytest.mark.parametrize(
    "fields", [{"best_of": 1}, {"echo": False}, {"suffix": ""}, {"logprobs": None}, {"logprobs": False}]
)
def test_neutral_values_are_fine(fields: dict[str, object]) -> None:
    assert read("a", **fields).prompt == "a"
