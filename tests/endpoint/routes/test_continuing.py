"""`continue_final_message` and `suffix` through the routes, over the fake provider and a tiny real model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from endpoint.providers.base import MemoryKind, Provider
from endpoint.providers.infill import InfillTokens
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from tests.endpoint.serving import Served, serving
from tests.tiny.models import CONTROL, TOKENS, write_tiny

CONVERSATION = [{"role": "user", "content": "ab"}, {"role": "assistant", "content": "cd"}]
BEFORE, AFTER, MIDDLE = TOKENS - 3, TOKENS - 2, TOKENS - 1  # bytes that no text here has


@pytest.fixture(scope="module")
def filler(tmp_path_factory: pytest.TempPathFactory) -> Provider:
    path = tmp_path_factory.mktemp("tiny") / "filler.gguf"
    marks = {"fim_pre": BEFORE, "fim_suf": AFTER, "fim_mid": MIDDLE}
    write_tiny(MemoryKind.RECURRENT, path, {f"tokenizer.ggml.{name}_token_id": token for name, token in marks.items()})
    return load(str(path), LoadOptions(n_ctx=256, parallel=2, threads=1), lambda _share: None)


@pytest.fixture(scope="module")
def filling(filler: Provider) -> Iterator[Served]:
    with serving(lambda _progress: filler) as running:  # which closes it
        yield running


def test_the_last_message_is_continued_when_asked(served: Served) -> None:
    fields = {"messages": CONVERSATION, "continue_final_message": True, "add_generation_prompt": False}
    body = served.client.post("/v1/chat/completions", json=fields).json()
    assert body["choices"][0]["message"]["content"] == "abcd"  # the fake says its prompt
    assert body["usage"]["prompt_tokens"] == 4


def test_without_the_flag_it_is_a_turn_like_any_other(served: Served) -> None:
    response = served.client.post("/v1/chat/completions", json={"messages": CONVERSATION})
    assert response.status_code == 200


def test_anthropics_messages_go_on_with_it_without_a_flag(served: Served) -> None:
    fields = {"messages": CONVERSATION, "max_tokens": 50, "model": "any"}
    body = served.client.post("/v1/messages", json=fields).json()
    assert [block["text"] for block in body["content"]] == ["abcd"]


def test_a_model_that_fills_gaps_says_so(filler: Provider) -> None:
    assert filler.info.infill == InfillTokens(BEFORE, AFTER, MIDDLE)


def test_a_gap_is_put_before_the_model_as_it_was_trained(filling: Served) -> None:
    def byte(text: str) -> list[int]:
        return [CONTROL + value for value in text.encode()]

    wished = {"max_tokens": 8, "temperature": 0}
    filled = filling.complete("f(x", suffix="):\n", **wished).json()
    tokens = [1, BEFORE, *byte("f(x"), AFTER, *byte("):\n"), MIDDLE]
    spelled = filling.complete(tokens, **wished).json()
    assert filled["usage"]["prompt_tokens"] == len(tokens)
    assert filled["choices"][0]["text"] == spelled["choices"][0]["text"]


def test_tokens_can_not_have_a_suffix(filling: Served) -> None:
    error = filling.complete([1, 2], suffix="x").json()["error"]
    assert error["param"] == "suffix"


def test_a_model_that_does_not_fill_gaps_refuses_by_name(served: Served) -> None:
    error = served.complete("a", suffix="b").json()["error"]
    assert error["param"] == "suffix"
    assert "no fill-in-the-middle tokens" in error["message"]
