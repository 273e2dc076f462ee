from __future__ import annotations

from dataclasses import replace

import pytest

from endpoint.contract import KvType
from tests.tray.models.rated import GIB, LLAMA_8B, machine, model
from tray.models.fit import FitKind, explain_fit, find_largest_context, list_ways_out, rate_fit, summarise_fit
from tray.models.model import MemoryShape
from tray.models.need import find_need


@pytest.mark.parametrize(
    ("free_gib", "kind"), [(32, FitKind.FITS), (11, FitKind.TIGHT), (6.2, FitKind.TOO_BIG), (0, FitKind.TOO_BIG)]
)
def test_a_model_fits_tightly_or_not_at_all(free_gib: float, kind: FitKind) -> None:
    assert rate_fit(model(), machine(free_gib), n_ctx=32_768).kind is kind


def test_the_parts_of_the_estimate_add_up() -> None:
    found = rate_fit(model(), machine(16), n_ctx=8192)
    assert found.needed_bytes == found.weights_bytes + found.context_bytes + found.buffers_bytes
    assert (found.n_ctx, found.free_bytes, found.cache_bytes) == (8192, 16 * GIB, 4 * GIB)


def test_a_budget_for_the_prompt_cache_is_counted_when_it_is_given() -> None:
    assert rate_fit(model(), machine(11), n_ctx=32_768, cache_bytes=0).kind is FitKind.FITS
    assert rate_fit(model(), machine(32), n_ctx=32_768, cache_bytes=30 * GIB).kind is FitKind.TIGHT


def test_without_a_context_the_endpoints_own_choice_is_rated() -> None:
    assert rate_fit(model(), machine(16)).n_ctx == 32_768
    assert rate_fit(model(), machine(6)).n_ctx == 5632
    assert rate_fit(model(n_ctx=4096), machine(16)).n_ctx == 4096


def test_with_mlx_a_context_that_nobody_named_is_shortened_until_it_fits() -> None:
    found = rate_fit(model(provider="mlx"), machine(8))
    assert found.kind is FitKind.FITS
    assert 2048 <= found.n_ctx < 32_768


@pytest.mark.parametrize("free_gib", [5.2, 6, 8, 12, 23.7])
def test_the_largest_context_fits_and_one_step_more_does_not(free_gib: float) -> None:
    memory = machine(free_gib)
    largest = find_largest_context(model(), memory, 8)
    assert 0 < largest <= 131_072
    assert find_need(model(), memory, largest, 8).total <= memory.free_bytes
    if largest < 131_072:
        assert find_need(model(), memory, largest + 256, 8).total > memory.free_bytes


def test_the_context_is_never_longer_than_the_training() -> None:
    assert find_largest_context(model(n_ctx=8192), machine(64), 8) == 8192
    assert find_largest_context(model(n_ctx=700), machine(64), 8) == 700


def test_where_even_the_weights_do_not_fit_no_context_does() -> None:
    assert find_largest_context(model(), machine(4), 8) == 0


def test_a_model_that_says_nothing_of_its_layers_is_rated_by_its_weights() -> None:
    found = rate_fit(model(MemoryShape(), n_ctx=0), machine(16))
    assert found.kind is FitKind.FITS
    assert found.context_bytes == 0


def test_too_big_is_told_with_the_numbers_and_the_ways_out() -> None:
    found = rate_fit(model(), machine(6.2), n_ctx=32_768)
    assert explain_fit(model(), found) == (
        "m needs 10.0 GB: 4.9 GB of weights, 4.3 GB for a context of 32,768 tokens, 0.7 GB to compute in; "
        "6.7 GB are free"
    )
    shorter, kv_cache, close, smaller = list_ways_out(found)
    assert shorter == f"Give it a shorter context: up to {found.largest_n_ctx:,} tokens fit (--ctx-size)"
    assert kv_cache == "Give it a smaller KV cache: 2.6 GB less (--kv-type q8_0)"
    assert close == "Close other programs, until 3.3 GB more are free"
    assert smaller == "Take a smaller model, or one with fewer bits: up to 1.6 GB of weights fit beside this context"


def test_in_a_menu_only_what_is_too_big_needs_more_than_a_word() -> None:
    assert [summarise_fit(rate_fit(model(), machine(free), 32_768)) for free in (6.2, 11, 32)] == [
        "too big: needs 10.0 GB of 6.7 free",
        "tight",
        "fits",
    ]


def test_a_shorter_context_is_not_offered_where_none_fits() -> None:
    assert list_ways_out(rate_fit(model(), machine(4)))[0].startswith("A shorter context isn't enough")


@pytest.mark.parametrize("kv_type", KvType)
def test_a_smaller_type_of_keys_and_values_is_offered_where_theirs_is_larger(kv_type: KvType) -> None:
    found = rate_fit(model(), machine(6.2), n_ctx=32_768, kv_type=kv_type)
    offers = [way for way in list_ways_out(found) if "--kv-type" in way]
    assert len(offers) == (not kv_type.is_quantised)
    assert rate_fit(model(provider="mlx"), machine(6.2), n_ctx=32_768).kv_saving_bytes == 0


def test_a_model_without_keys_has_none_to_be_made_smaller() -> None:
    running = MemoryShape(row_bytes=1 << 30, heads=32, width=4096, vocabulary=1000)
    found = rate_fit(model(running), machine(6.2), n_ctx=32_768)
    assert found.kv_saving_bytes == 0
    assert rate_fit(model(running), machine(6.2), n_ctx=32_768, kv_type=KvType.Q4_0) == found


def test_smaller_keys_and_values_leave_room_for_a_longer_context() -> None:
    lengths = [rate_fit(model(), machine(6), kv_type=each).n_ctx for each in (KvType.F16, KvType.Q8_0, KvType.Q4_0)]
    assert lengths == sorted(set(lengths))
    largest = [find_largest_context(model(), machine(6.2), 8, kv_type=each) for each in (KvType.F16, KvType.Q8_0)]
    assert largest[1] > 1.8 * largest[0]


def test_what_fits_is_told_in_one_sentence() -> None:
    assert explain_fit(model(), rate_fit(model(), machine(32), n_ctx=8192)) == "m needs 6.3 GB of 34.4 GB that are free"
    tight = rate_fit(model(), machine(11), n_ctx=32_768)
    assert explain_fit(model(), tight).endswith("which leaves little for the prompt cache")


def test_more_rows_never_need_less() -> None:
    shape = replace(LLAMA_8B, row_bytes=1 << 20)
    needs = [rate_fit(model(shape), machine(16), 8192, rows).needed_bytes for rows in (1, 2, 8, 64)]
    assert needs == sorted(needs)
