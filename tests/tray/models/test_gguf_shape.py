"""What a context takes by the metadata, against what llama.cpp really takes, and for architectures that aren't here."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.contract import KV_BLOCK, KvType
from endpoint.providers.base import MemoryKind
from endpoint.providers.llamacpp.files import locate_model
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions
from tests.tiny.gguf import Value
from tests.tiny.models import write_tiny
from tests.tray.models.homes import add_gguf
from tray.models.gguf_facts import read_gguf
from tray.models.gguf_header import read_header
from tray.models.gguf_shape import find_shape
from tray.models.model import AttentionKind, MemoryShape
from tray.models.need import LARGEST_BATCH, apply_kv_type, choose_attention, count_window, round_up

HEADS, WIDTH = 8, 1024
TOKEN = 2 * 2 * (WIDTH // HEADS) * 2
"""Bytes of a token in one layer of the models below: keys and values of two heads."""


def find(tmp_path: Path, architecture: str, layers: int, **changes: Value) -> tuple[AttentionKind, MemoryShape]:
    common: dict[str, Value] = {
        "block_count": layers,
        "embedding_length": WIDTH,
        "attention.head_count": HEADS,
        "attention.head_count_kv": 2,
    }
    own = common | {key.replace("__", "."): value for key, value in changes.items()}
    header = {"general.architecture": architecture} | {f"{architecture}.{key}": each for key, each in own.items()}
    return find_shape(read_header(add_gguf(tmp_path / "model.gguf", header)), 100)


def write_model(kind: MemoryKind, folder: Path) -> Path:
    if kind is MemoryKind.ATTENTION:
        return locate_model("starter")
    write_tiny(kind, folder / "tiny.gguf", head=KV_BLOCK)
    return folder / "tiny.gguf"


@pytest.mark.parametrize("kind", MemoryKind)
@pytest.mark.parametrize(
    ("n_ctx", "parallel", "kv_type"), [(512, 1, KvType.F16), (2048, 8, KvType.F16), (2048, 8, KvType.Q8_0)]
)
def test_it_is_what_llama_cpp_takes(
    kind: MemoryKind, n_ctx: int, parallel: int, kv_type: KvType, tmp_path: Path
) -> None:
    path = write_model(kind, tmp_path)
    options = LoadOptions(n_ctx=n_ctx, parallel=parallel, threads=1, kv_type=kv_type)
    provider = load(str(path), options, lambda _share: None)
    taken = provider.info.kv_bytes
    provider.close()
    shape = apply_kv_type(read_gguf([path]).shape, kv_type)
    _, batch = choose_attention(n_ctx, shape.heads, on_gpu=False, quantised=kv_type.is_quantised)
    cells = round_up(n_ctx)
    windows = shape.window_bytes * count_window(shape, cells, batch + parallel, parallel)
    ours = shape.cell_bytes * cells + windows + shape.row_bytes * parallel
    assert ours == pytest.approx(taken, rel=0.01)


@pytest.mark.parametrize(
    ("architecture", "layers", "windowed"),
    [("gemma2", 26, 13), ("gemma3", 34, 29), ("gpt-oss", 24, 12), ("cohere2", 32, 24), ("smallthinker", 32, 24)],
)
def test_architectures_with_windows_keep_all_tokens_in_few_layers(
    architecture: str, layers: int, windowed: int, tmp_path: Path
) -> None:
    kind, shape = find(tmp_path, architecture, layers, attention__sliding_window=1024)
    assert kind is AttentionKind.SLIDING_WINDOW
    assert (shape.window_bytes, shape.cell_bytes) == (windowed * TOKEN, (layers - windowed) * TOKEN)
    assert shape.window == 1024


def test_an_architecture_that_ignores_its_window_keeps_all_tokens(tmp_path: Path) -> None:
    kind, shape = find(tmp_path, "phi3", 32, attention__sliding_window=2048)
    assert kind is AttentionKind.ATTENTION
    assert (shape.cell_bytes, shape.window) == (32 * TOKEN, 0)


def test_a_pattern_in_the_metadata_goes_first(tmp_path: Path) -> None:
    listed = find(
        tmp_path, "any", 4, attention__sliding_window=64, attention__sliding_window_pattern=[True] * 3 + [False]
    )
    assert listed[1].window_bytes == 3 * TOKEN
    period = find(tmp_path, "gemma3", 4, attention__sliding_window=64, attention__sliding_window_pattern=2)
    assert period[1].window_bytes == 2 * TOKEN


def test_windowed_layers_may_have_widths_of_their_own(tmp_path: Path) -> None:
    own: dict[str, Value] = {"attention__key_length_swa": 64, "attention__value_length_swa": 64}
    _, shape = find(tmp_path, "gemma2", 2, attention__sliding_window=64, **own)
    assert (shape.window_bytes, shape.cell_bytes) == (TOKEN // 2, TOKEN)


def test_latent_attention_keeps_keys_alone(tmp_path: Path) -> None:
    own: dict[str, Value] = {
        "attention__key_length": 576,
        "attention__value_length": 512,
        "attention__key_length_mla": 192,
    }
    _, shape = find(tmp_path, "deepseek2", 10, attention__head_count_kv=1, **own)
    assert shape.cell_bytes == 2 * 10 * 576


def test_layers_that_use_anothers_keys_keep_none(tmp_path: Path) -> None:
    _, shape = find(tmp_path, "any", 10, attention__shared_kv_layers=4)
    assert shape.cell_bytes == 6 * TOKEN


def test_of_gated_delta_nets_every_fourth_layer_has_keys(tmp_path: Path) -> None:
    ssm: dict[str, Value] = {
        "ssm__state_size": 128,
        "ssm__inner_size": 4096,
        "ssm__conv_kernel": 4,
        "ssm__group_count": 16,
    }
    kind, shape = find(tmp_path, "qwen3next", 48, **ssm)
    assert kind is AttentionKind.HYBRID
    assert shape.cell_bytes == 12 * TOKEN
    assert shape.row_bytes == 36 * 4 * (3 * (4096 + 2 * 16 * 128) + 4096 * 128)


def test_layers_may_have_keys_and_a_running_state_both(tmp_path: Path) -> None:
    kind, shape = find(tmp_path, "falcon-h1", 4, ssm__state_size=16, ssm__inner_size=64, ssm__conv_kernel=4)
    assert kind is AttentionKind.HYBRID
    assert shape.cell_bytes == 4 * TOKEN
    assert shape.row_bytes > 0


def test_convolutions_alone_are_a_running_state(tmp_path: Path) -> None:
    heads: list[int] = [0, 0, 2, 0]
    kind, shape = find(tmp_path, "lfm2", 4, attention__head_count_kv=heads, shortconv__l_cache=3)
    assert kind is AttentionKind.HYBRID
    assert (shape.cell_bytes, shape.row_bytes) == (TOKEN, 3 * 4 * 2 * WIDTH)


def test_nothing_is_known_of_a_header_without_numbers(tmp_path: Path) -> None:
    header = read_header(add_gguf(tmp_path / "m.gguf", {"general.architecture": "any", "any.block_count": "many"}))
    assert find_shape(header, 0) == (AttentionKind.ATTENTION, MemoryShape())


def test_the_batch_of_a_gpu_is_the_largest() -> None:
    assert choose_attention(4096, 8, on_gpu=True) == (True, LARGEST_BATCH)
