"""What can't be loaded is said in one line that names the folder; what can tells its progress."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file, save_file

from endpoint.contract import KvType, ModelRef
from endpoint.errors import LoadError
from endpoint.providers.base import MemoryKind
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider
from endpoint.providers.sampling_wish import SamplingWish
from tests.endpoint.providers.driving import opened
from tests.tiny.gguf import Tensor
from tests.tiny.mlx_models import CONTEXT, write_tiny_mlx

WEIGHTS = "model.safetensors"
UP = "model.layers.0.mlp.up_proj.weight"


def configure(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text()) | changes
        (folder / "config.json").write_text(json.dumps(config))

    return change


def reweigh(change: Callable[[dict[str, Tensor]], object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        change(tensors)
        save_file(tensors, folder / WEIGHTS, metadata={"format": "mlx"})

    return apply


def cut_in_half(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])


SPOILS: dict[str, tuple[Callable[[Path], object], str]] = {
    "half a file": (cut_in_half, "exceeding the size of the file"),
    "an empty file": (lambda folder: (folder / WEIGHTS).write_bytes(b""), "Unable to read"),
    "another format": (lambda folder: (folder / WEIGHTS).write_bytes(b"GGUF" * 1000), "Invalid json header"),
    "an unknown architecture": (configure(model_type="nosuch"), "Model type nosuch not supported"),
    "an architecture with a path": (configure(model_type="../../nosuch"), "not supported"),
    "settings for other weights": (configure(num_key_value_heads=1), "Expected shape"),
    "a matrix of another shape": (reweigh(lambda tensors: tensors.update({UP: tensors[UP][:5].copy()})), "(5, 64)"),
    "weights missing": (reweigh(lambda tensors: tensors.pop(UP)), "Missing 1 parameters"),
    "weights from elsewhere": (reweigh(lambda tensors: tensors.update(foo=np.zeros(3, np.float32))), "not in model"),
    "no layers": (configure(num_hidden_layers=0), ""),
    "a setting that is first used in a pass": (configure(rope_theta="large"), "can't compute with"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("spoil", "said"), SPOILS.values(), ids=SPOILS)
def test_a_broken_model_is_named_with_mlxs_own_reason(folder: Path, spoil: Callable[[Path], object], said: str) -> None:
    spoil(folder)
    with pytest.raises(LoadError) as caught:
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1), lambda _share: None)
    message = str(caught.value)
    assert str(folder) in message
    assert said in message
    assert "\n" not in message
    assert len(message) < 600


def test_a_reason_that_names_every_weight_is_cut_short(folder: Path) -> None:
    reweigh(lambda tensors: tensors.update({f"foo.{n}": np.zeros(1, np.float32) for n in range(500)}))(folder)
    with pytest.raises(LoadError, match=r"Received 500 parameters not in model: foo\.0, .* …$"):
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1), lambda _share: None)


def test_weights_beyond_what_is_free_are_refused_before_they_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=100_000))
    with (folder / WEIGHTS).open("r+b") as file:
        file.truncate(200_000_000)  # sparse: it takes no room
    with pytest.raises(LoadError, match=r"its weights alone take 0\.2 GB, and 0 MB are free"):
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1), lambda _share: None)


def test_a_context_that_does_not_fit_is_refused_with_the_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=5_000_000))
    with pytest.raises(LoadError, match=r"a context of 2,000,000 tokens, .* up to [\d,]+ tokens fit"):
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(n_ctx=2_000_000, threads=1), lambda _share: None)


@pytest.mark.parametrize("kv_type", [each for each in KvType if each is not KvType.F16])
def test_keys_and_values_of_another_type_are_refused_with_what_works(folder: Path, kv_type: KvType) -> None:
    with pytest.raises(LoadError, match=rf"type {kv_type} \(--kv-type\) with MLX.*say f16.*A GGUF file"):
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1, kv_type=kv_type), lambda _share: None)


def test_after_a_failed_load_the_next_one_succeeds(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    cut_in_half(folder)
    with pytest.raises(LoadError):
        load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1), lambda _share: None)
    (folder / WEIGHTS).write_bytes(whole)
    with opened(ModelRef("mlx", str(folder))) as provider:
        assert provider.info.n_vocab > 0


def test_progress_ascends_and_ends_at_one_at_most(folder: Path) -> None:
    told: list[float] = []
    load_provider(ModelRef("mlx", str(folder)), LoadOptions(threads=1), told.append).close()
    assert len(told) >= 2
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1


@pytest.mark.parametrize(
    ("settings", "trained"),
    [
        ({}, CONTEXT),
        ({"max_position_embeddings": 99_999}, 99_999),
        ({"max_position_embeddings": -5}, 1024),
        ({"max_position_embeddings": True}, 1024),
        ({"max_position_embeddings": None, "text_config": {"max_position_embeddings": 512}}, 512),
        ({"max_position_embeddings": None, "text_config": [1]}, 1024),
    ],
)
def test_the_trained_context_is_what_a_model_says_if_that_makes_sense(
    folder: Path, settings: dict[str, object], trained: int
) -> None:
    configure(**settings)(folder)
    with opened(ModelRef("mlx", str(folder)), n_ctx=1024) as provider:
        assert (provider.info.n_ctx, provider.info.n_ctx_train) == (1024, trained)


def test_what_the_folder_recommends_is_told_and_what_makes_no_sense_is_not(folder: Path) -> None:
    own = json.loads((folder / "generation_config.json").read_text())
    said = {"temperature": 0.7, "top_k": 20, "top_p": 7, "repetition_penalty": 1.05, "do_sample": True}
    (folder / "generation_config.json").write_text(json.dumps(own | said))
    with opened(ModelRef("mlx", str(folder)), n_ctx=1024) as provider:
        assert provider.info.sampling == SamplingWish(temperature=0.7, top_k=20, repeat_penalty=1.05)


def test_a_template_that_is_given_replaces_the_own_one_even_a_damaged_one(folder: Path) -> None:
    (folder / "chat_template.jinja").write_bytes(b"\xff")
    own, options = ModelRef("mlx", str(folder)), LoadOptions(n_ctx=1024, chat_template="{{ messages }}")
    with pytest.raises(LoadError, match="is not UTF-8"):
        load_provider(own, LoadOptions(n_ctx=1024), lambda _share: None)
    provider = load_provider(own, options, lambda _share: None)
    try:
        assert provider.info.chat_template == "{{ messages }}"
    finally:
        provider.close()
