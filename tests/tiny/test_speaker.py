"""The speaker says its sentence and ends, in the real llama.cpp, at any temperature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import Live, live
from tests.tiny.chains import CannotSay, find_chains
from tests.tiny.gguf_reader import read_metadata
from tests.tiny.speaker import write_call, write_speaker

SENTENCE = "Hello from your own machine!"
CALL = write_call("read", "path", "notes.txt")
READ = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
USER = {"role": "user", "content": "Hello from your notes?"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("speaker")
    write_speaker(locate_model("starter"), folder / "speaker.gguf", SENTENCE, CALL)
    with live(folder, "--model", str(folder / "speaker.gguf"), "--threads", "1") as running:
        running.wait_for_status("healthy")
        yield running


def answer(endpoint: Live, **fields: object) -> dict[str, Any]:
    _, body = endpoint.post("/v1/chat/completions", fields)
    assert isinstance(body["choices"], list), body
    choice: dict[str, Any] = body["choices"][0]
    return choice


@pytest.mark.parametrize("temperature", [0, 2])
def test_it_says_its_sentence_and_ends_at_any_temperature(endpoint: Live, temperature: float) -> None:
    choice = answer(endpoint, messages=[{"role": "system", "content": "Be brief."}, USER], temperature=temperature)
    assert choice["message"]["content"] == SENTENCE
    assert choice["finish_reason"] == "stop"


def test_with_tools_it_calls_one_and_says_its_sentence_to_the_result(endpoint: Live) -> None:
    called = answer(endpoint, messages=[USER], tools=[READ])
    assert called["finish_reason"] == "tool_calls"
    (call,) = called["message"]["tool_calls"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("read", {"path": "notes.txt"})
    result = {"role": "tool", "tool_call_id": call["id"], "content": "seven apples"}
    assert answer(endpoint, messages=[USER, called["message"], result], tools=[READ])["message"]["content"] == SENTENCE


def test_a_text_is_spelled_with_tokens_that_stand_once() -> None:
    vocabulary = {"a": 0, "b": 1, "ab": 2, "ba": 3, "bab": 4, " ": 5}
    assert find_chains(vocabulary, ["abab"]) == [[2, 0, 1]]
    assert find_chains(vocabulary, ["ab", "a b"]) == [[2], [0, 5, 1]]
    with pytest.raises(CannotSay, match="'a b'"):
        find_chains(vocabulary, ["a", "a b"])


def test_another_file_is_no_gguf(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"text")
    with pytest.raises(ValueError, match="is not a GGUF file"):
        read_metadata(tmp_path / "a.gguf")
