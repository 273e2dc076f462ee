from __future__ import annotations

import json
from pathlib import Path

import pytest

from endpoint.probe import main


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(words) == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_a_provider_without_a_library_has_nothing_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "device", "fake") == {"device": ""}
    assert ask(capsys, "model", "fake", "echo") == {}


def test_a_model_is_told_with_its_size(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(b"GGUF1234")
    assert ask(capsys, "model", "llamacpp", str(file)) == {"path": str(file), "bytes": 8}


def test_a_split_model_is_measured_as_a_whole_and_a_part_that_is_missing_is_a_problem(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first, second = (tmp_path / f"m-0000{number}-of-00002.gguf" for number in (1, 2))
    first.write_bytes(b"GGUF1234")
    assert second.name in str(ask(capsys, "model", "llamacpp", str(first))["problem"])
    second.write_bytes(b"GGUF")
    assert ask(capsys, "model", "llamacpp", str(first))["bytes"] == 12


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("device", "vllm"), "Unknown provider 'vllm'"),
        (("model", "llamacpp", "/no/such.gguf"), "There is no file /no/such.gguf"),
        (("model", "mlx", "/no/such"), "There is no folder /no/such"),
    ],
)
def test_what_is_wrong_is_an_answer_too(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], problem: str
) -> None:
    assert problem in str(ask(capsys, *words)["problem"])


def test_words_that_say_nothing_are_a_mistake() -> None:
    assert main(["devices"]) == 2
