"""The speaker says its sentence and ends, in the real llama.cpp, at any temperature."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.providers.llamacpp.files import locate_model
from tests.endpoint.process import live
from tests.tiny.gguf_reader import read_metadata
from tests.tiny.speaker import CannotSay, write_speaker

SENTENCE = ("Hello", "Ġfrom", "Ġyour", "Ġown", "Ġmachine", "!")


def test_it_says_its_sentence_and_ends_at_any_temperature(tmp_path: Path) -> None:
    model = tmp_path / "speaker.gguf"
    write_speaker(locate_model("starter"), SENTENCE, model)
    with live(tmp_path, "--model", str(model), "--threads", "1") as endpoint:
        endpoint.wait_for_status("healthy")
        for temperature in (0, 2):
            messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello from?"}]
            _, body = endpoint.post("/v1/chat/completions", {"messages": messages, "temperature": temperature})
            assert isinstance(body["choices"], list)
            assert body["choices"][0]["message"]["content"] == "Hello from your own machine!"
            assert body["choices"][0]["finish_reason"] == "stop"


def test_a_sentence_with_a_token_twice_or_none_of_the_vocabulary_is_refused(tmp_path: Path) -> None:
    for sentence in (("Hello", "Hello"), ("notatokenatall",)):
        with pytest.raises(CannotSay):
            write_speaker(locate_model("starter"), sentence, tmp_path / "speaker.gguf")


def test_another_file_is_no_gguf(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"text")
    with pytest.raises(ValueError, match="is not a GGUF file"):
        read_metadata(tmp_path / "a.gguf")
