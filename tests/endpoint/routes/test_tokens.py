"""POST /tokenize and /detokenize: llama-server's forms and vLLM's."""

from __future__ import annotations

import httpx
import pytest

from endpoint.protocol.schemas import CountedTokens, Detokenized, ErrorReply, Tokenized
from endpoint.providers.fake import END
from tests.endpoint.serving import Served

MESSAGES = [{"role": "user", "content": "hi"}]


def tokenize(served: Served, **body: object) -> httpx.Response:
    response = served.client.post("/tokenize", json=body)
    if response.status_code == 200:
        Tokenized.model_validate(response.json())
    return response


def test_a_text_becomes_tokens_as_llama_server_tells_them(served: Served) -> None:
    assert tokenize(served, content="hi").json() == {"tokens": list(b"hi")}
    assert tokenize(served, content="").json() == {"tokens": []}


def test_pieces_are_texts_or_the_bytes_of_half_a_character(served: Served) -> None:
    tokens = tokenize(served, content="a<|end|>é", with_pieces=True).json()["tokens"]
    assert tokens == [
        {"id": 97, "piece": "a"},
        {"id": END, "piece": "<|end|>"},
        {"id": 0xC3, "piece": [0xC3]},
        {"id": 0xA9, "piece": [0xA9]},
    ]


def test_a_prompt_is_counted_as_vllm_does_it(served: Served) -> None:
    answer = CountedTokens.model_validate(tokenize(served, prompt="hi", return_token_strs=True).json())
    assert (answer.count, answer.max_model_len, answer.tokens) == (2, 4096, list(b"hi"))
    assert answer.token_strs == ["h", "i"]


def test_a_conversation_goes_through_the_chat_template(served: Served) -> None:
    answer = CountedTokens.model_validate(tokenize(served, messages=MESSAGES).json())
    prompt_tokens = served.chat("hi").json()["usage"]["prompt_tokens"]
    assert answer.count == prompt_tokens
    assert answer.token_strs is None


def test_tokens_become_the_text_they_came_from(served: Served) -> None:
    text = "a<|end|>é"
    tokens = tokenize(served, content=text).json()["tokens"]
    answer = Detokenized.model_validate(served.client.post("/detokenize", json={"tokens": tokens}).json())
    assert answer.content == answer.prompt == text


BAD: list[tuple[str, dict[str, object], str, str]] = [
    ("/tokenize", {}, "content", "One of content, prompt and messages is needed, got 0 of them."),
    ("/tokenize", {"content": "a", "prompt": "b"}, "content", "got 2 of them."),
    ("/tokenize", {"content": 5}, "content", "content must be a string, got 5."),
    ("/tokenize", {"messages": []}, "messages", "messages must have at least 1 item, got an empty list."),
    ("/tokenize", {"messages": [{}]}, "messages[0].role", "messages[0].role is required."),
    ("/tokenize", {"content": "a", "parse_special": False}, "parse_special", "can only be true here."),
    ("/tokenize", {"messages": MESSAGES, "add_generation_prompt": False}, "add_generation_prompt", "only be true"),
    ("/detokenize", {}, "tokens", "tokens is required."),
    ("/detokenize", {"tokens": ["a"]}, "tokens[0]", 'tokens[0] must be an integer, got "a".'),
    ("/detokenize", {"tokens": [1, 257]}, "tokens", "tokens[1] must be a token from 0 to 256, got 257."),
    ("/detokenize", {"tokens": [-1]}, "tokens", "tokens[0] must be a token from 0 to 256, got -1."),
]


@pytest.mark.parametrize(("path", "body", "param", "message"), BAD, ids=[f"{path} {body}" for path, body, _, _ in BAD])
def test_a_bad_field_is_named(served: Served, path: str, body: dict[str, object], param: str, message: str) -> None:
    response = served.client.post(path, json=body)
    error = ErrorReply.model_validate(response.json()).error
    assert (response.status_code, error.param) == (400, param)
    assert message in error.message


def test_a_text_of_many_megabytes_is_refused(served: Served) -> None:
    response = tokenize(served, content="x" * (16 * 1024 * 1024 + 1))
    assert response.status_code in {400, 413}
    ErrorReply.model_validate(response.json())
