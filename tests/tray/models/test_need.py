"""The tray's estimate and the endpoint's own choices are two programs: here they are held to the same numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.cache.budget import LARGEST, choose_budget
from endpoint.contract import KvType
from endpoint.providers.chunks import LARGEST as LARGEST_CHUNK
from endpoint.providers.fit import SMALLER
from endpoint.providers.llamacpp import sizing
from endpoint.providers.llamacpp.footprint import ContextCosts
from endpoint.providers.mlx import sizing as mlx_sizing
from endpoint.providers.options import LoadOptions
from tests.tray.models.rated import GEMMA, GIB, LLAMA_8B, machine, model
from tray.models import fit, need
from tray.models.model import MemoryShape
from tray.models.need import choose_attention, choose_context, count_window, find_need


@pytest.mark.parametrize("kv_type", [KvType.F16, KvType.Q8_0, KvType.Q4_1])
@pytest.mark.parametrize("free_gib", [0.5, 2, 6, 40])
@pytest.mark.parametrize("n_ctx", [512, 8192, 131_072])
@pytest.mark.parametrize("numbers", [0, 11_520, 64 << 10, 1 << 20])
@pytest.mark.parametrize("on_gpu", [True, False])
def test_the_endpoint_would_choose_the_same_context(
    free_gib: float, n_ctx: int, numbers: int, kv_type: KvType, on_gpu: bool
) -> None:
    found = model(replace(GEMMA, counted_bytes=2 * numbers), n_ctx=n_ctx)
    room = int(free_gib * GIB) - found.size_bytes
    theirs = sizing.choose_context(n_ctx, kv_type.weigh(numbers), room, on_gpu=on_gpu)
    assert choose_context(found, machine(free_gib, unified=on_gpu), kv_type) == theirs


@pytest.mark.parametrize("quantised", [True, False])
@pytest.mark.parametrize("on_gpu", [True, False])
@pytest.mark.parametrize("heads", [0, 4, 9, 64])
@pytest.mark.parametrize("cells", [256, 8192, 32_768, 1 << 20])
def test_the_endpoint_would_choose_the_same_attention(cells: int, heads: int, on_gpu: bool, quantised: bool) -> None:
    theirs = sizing.choose_attention(cells, heads, LARGEST_CHUNK, on_gpu=on_gpu, quantised=quantised)
    assert choose_attention(cells, heads, on_gpu=on_gpu, quantised=quantised) == (theirs.flash, theirs.batch)


def test_the_endpoint_has_the_same_defaults() -> None:
    assert LoadOptions().parallel == fit.DEFAULT_PARALLEL
    assert fit.LARGEST_CACHE == LARGEST
    assert choose_budget(8 * GIB) == 8 * GIB // fit.CACHE_SHARE
    assert (need.WISHED, need.SMALLEST) == (mlx_sizing.WISHED, mlx_sizing.SMALLEST)
    assert need.MLX_WORK_SHARE == mlx_sizing.WORK_SHARE
    assert fit.SMALLER is SMALLER


@pytest.mark.parametrize("kv_type", [KvType.F16, KvType.Q8_0])
@pytest.mark.parametrize("shape", [LLAMA_8B, GEMMA])
@pytest.mark.parametrize("n_ctx", [2048, 32_768])
def test_the_endpoint_reckons_the_same_context_and_buffers(shape: MemoryShape, n_ctx: int, kv_type: KvType) -> None:
    found = find_need(model(shape), machine(16), n_ctx, 8, kv_type)
    attention = sizing.choose_attention(n_ctx, shape.heads, LARGEST_CHUNK, on_gpu=False, quantised=kv_type.is_quantised)
    costs = ContextCosts(shape.cell_bytes, shape.window_bytes, shape.window, shape.row_bytes).of_type(kv_type)
    assert costs.total(n_ctx, 8, attention.batch + 8) == found.context
    widths = sizing.Widths(shape.heads, shape.width, shape.vocabulary)
    base = need.PROCESS_BYTES + shape.vocabulary * need.VOCABULARY_BYTES  # is there before the endpoint asks
    assert sizing.count_buffers(n_ctx, 8, widths, attention) == found.buffers - base


def test_weights_and_context_are_what_the_metadata_says() -> None:
    found = find_need(model(), machine(16), 8192, 8)
    assert found.weights == int(4.6 * GIB)
    assert found.context == GIB
    assert found.total == found.weights + found.context + found.buffers


def test_quantised_keys_and_values_take_as_many_bytes_as_their_blocks() -> None:
    halves = {each: find_need(model(), machine(16), 8192, 8, each).context for each in KvType}
    assert halves[KvType.F16] == GIB
    assert halves[KvType.Q8_0] == GIB * 34 // 64
    assert halves[KvType.Q4_0] == GIB * 18 // 64


def test_with_mlx_keys_and_values_have_one_type() -> None:
    found = model(provider="mlx")
    assert find_need(found, machine(16), 8192, 8, KvType.Q8_0) == find_need(found, machine(16), 8192, 8)
    assert choose_context(found, machine(6), KvType.Q8_0) == choose_context(found, machine(6))


def test_a_window_does_not_grow_with_the_context() -> None:
    short, long = (find_need(model(GEMMA), machine(16), n_ctx, 1).context for n_ctx in (8192, 16_384))
    assert long - short == 8192 * GEMMA.cell_bytes
    assert count_window(GEMMA, 8192, 136, 1) == 1280
    assert count_window(GEMMA, 1024, 136, 1) == 1024


def test_each_row_has_a_running_state_of_its_own() -> None:
    shape = replace(GEMMA, cell_bytes=0, window_bytes=0, row_bytes=1000)
    assert find_need(model(shape), machine(16), 8192, 8).context == 8000


def test_plain_attention_needs_room_for_its_scores_and_flash_attention_none() -> None:
    plain = find_need(model(), machine(16), 8192, 8).buffers
    flash = find_need(model(), machine(16, unified=True), 8192, 8).buffers
    assert plain > flash


def test_mlx_has_windows_for_each_row_and_a_tenth_to_work_in() -> None:
    found = find_need(model(GEMMA, provider="mlx"), machine(16), 8192, 4)
    context = 8192 * GEMMA.cell_bytes + 4 * GEMMA.window * GEMMA.window_bytes
    assert found.context == context
    assert found.buffers >= context // 9
