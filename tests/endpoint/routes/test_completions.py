"""POST /v1/completions over the fake provider, which answers with its prompt."""

from __future__ import annotations

import pytest

from endpoint.protocol.schemas import Completion
from tests.endpoint.routes.events import read_events
from tests.endpoint.serving import Served


@pytest.mark.parametrize("prompt", ["abc", ["abc"], [97, 98, 99], [[97, 98, 99]]])
def test_a_text_or_its_tokens_are_continued(served: Served, prompt: object) -> None:
    reply = Completion.model_validate(served.complete(prompt).json())
    assert (reply.choices[0].text, reply.choices[0].finish_reason) == ("abc", "stop")
    assert reply.usage.prompt_tokens == 3


def test_a_stream_carries_text_and_ends_with_done(served: Served) -> None:
    events = read_events(served.complete("abc", stream=True))
    assert "".join(chunk["choices"][0]["text"] for chunk in events[:-1]) == "abc"
    assert events[-2]["choices"][0]["finish_reason"] == "stop"
    assert events[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ([1, "b"], "all such"),
        ([], "all such"),
        (["a", ""], "empty"),
        ("", "empty"),
        ([99999], "from 0 to 256"),
        ([-1], "from 0 to 256"),
        (5, "must be a string or a list"),
        ([{}], "must be a string, a token or a list"),
    ],
)
def test_what_is_no_prompt_is_refused(served: Served, prompt: object, says: str) -> None:
    response = served.complete(prompt)
    assert response.status_code == 400
    assert says in response.json()["error"]["message"]
    assert response.json()["error"]["param"].startswith("prompt")


def test_a_prompt_that_does_not_fit_names_the_prompt(served: Served) -> None:
    detail = served.complete("x" * 5000).json()["error"]
    assert (detail["code"], detail["param"]) == ("context_length_exceeded", "prompt")
