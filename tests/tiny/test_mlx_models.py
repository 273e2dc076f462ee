"""The tiny MLX models load with mlx-lm, have the caches that they are for, and can be batched on this CPU."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.mlx.tokenizer import load_tokenizer
from tests.tiny.gguf_reader import read_tensors
from tests.tiny.mlx_models import locate_smollm2, write_tiny_mlx
from tests.tiny.mlx_tokenizer import CONTROL, START, TOKENS

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "tests.tiny.mlx_rows"]
TEXTS = ["the capital of france is paris and " * 8, "the capital of Xrance is paris and " * 8, "aaaaa", "hello there"]
PROMPTS = [[START, *(CONTROL + byte for byte in text.encode())] for text in TEXTS]
ANSWER = 40

CACHES = {
    MemoryKind.ATTENTION: ["KVCache"] * 2,
    MemoryKind.SLIDING_WINDOW: ["RotatingKVCache", "KVCache"] * 2,
    MemoryKind.RECURRENT: ["ArraysCache"] * 3,
    MemoryKind.HYBRID: ["CacheList(ArraysCache, KVCache)"] * 2,
}


def ask(folders: list[Path], prompts: list[list[int]], tokens: int) -> list[dict[str, Any]]:
    wishes = {"folders": [str(folder) for folder in folders], "prompts": prompts, "tokens": tokens}
    done = subprocess.run(
        PROGRAM, input=json.dumps(wishes), capture_output=True, text=True, cwd=ROOT, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[MemoryKind, dict[str, Any]]:
    root = tmp_path_factory.mktemp("tiny")
    for kind in MemoryKind:
        write_tiny_mlx(kind, root / kind)
    found = ask([root / kind for kind in MemoryKind], PROMPTS, ANSWER)
    return dict(zip(MemoryKind, found, strict=True))


@pytest.mark.parametrize("kind", MemoryKind)
def test_each_kind_has_its_own_caches(kind: MemoryKind, answers: dict[MemoryKind, dict[str, Any]]) -> None:
    assert answers[kind]["caches"] == CACHES[kind]


@pytest.mark.parametrize("kind", MemoryKind)
def test_rows_that_join_and_leave_a_batch_say_what_they_say_alone(
    kind: MemoryKind, answers: dict[MemoryKind, dict[str, Any]]
) -> None:
    found = answers[kind]
    for alone, together in zip(found["alone"], found["together"], strict=True):
        shared = min(len(alone), len(together))
        assert shared > 15
        assert together[:shared] == alone[:shared]


@pytest.mark.parametrize("kind", MemoryKind)
def test_answers_depend_on_the_prompt_and_hold_no_control_tokens(
    kind: MemoryKind, answers: dict[MemoryKind, dict[str, Any]]
) -> None:
    said = answers[kind]["alone"]
    assert len(set(map(tuple, said))) == len(TEXTS)
    assert all(len(set(answer)) > 10 for answer in said)
    assert all(CONTROL <= token < TOKENS for answer in said for token in answer)


@pytest.mark.parametrize("kind", MemoryKind)
def test_a_kind_is_written_the_same_each_time(kind: MemoryKind, tmp_path: Path) -> None:
    sums = []
    for name in ("once", "again"):
        write_tiny_mlx(kind, tmp_path / name)
        files = sorted((tmp_path / name).iterdir())
        sums.append([(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files])
    assert sums[0] == sums[1]
    assert [name for name, _ in sums[0]] == [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_each_byte_is_a_token_behind_the_control_tokens(tmp_path: Path) -> None:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    text = "Grüße, 世界!\n\t</s>"
    marked = tokenizer.encode(text)
    assert marked.ids == [START, *(CONTROL + byte for byte in "Grüße, 世界!\n\t".encode()), 2]
    assert tokenizer.decode(marked.ids, skip_special_tokens=False) == f"<s>{text}"


@pytest.mark.slow_suite
def test_the_converted_starter_answers_like_itself() -> None:
    folder = locate_smollm2()
    tokenizer = load_tokenizer(folder, 49152)
    questions = ["What is the capital of France?", "What is the capital of Italy?", "What is the capital of Japan?"]
    turns = [f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n" for question in questions]
    answer = ask([folder], [tokenizer.encode(turn, add_bos=True) for turn in turns], 8)[0]
    assert answer["caches"] == ["KVCache"] * 30
    texts = [b"".join(map(tokenizer.piece, said)).decode() for said in answer["alone"]]
    assert ["Paris" in texts[0], "Rome" in texts[1], "Tokyo" in texts[2]] == [True] * 3, texts


def test_a_conversion_is_kept_and_not_made_twice() -> None:
    made = (locate_smollm2() / "model.safetensors").stat().st_mtime_ns
    assert (locate_smollm2() / "model.safetensors").stat().st_mtime_ns == made


def test_weights_in_blocks_are_unpacked_by_their_scales() -> None:
    tensors = read_tensors(locate_model("starter"))
    assert {tensor.dtype.name for tensor in tensors.values()} == {"float32"}
    assert tensors["token_embd.weight"].shape == (49152, 576)
    packed = tensors["blk.0.ffn_up.weight"].reshape(-1, 32)
    assert max(len(set(block.tolist())) for block in packed[:1000]) <= 16  # four bits each
    assert 0.01 < float(packed.std()) < 1
