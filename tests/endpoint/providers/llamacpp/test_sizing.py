from __future__ import annotations

import pytest

from endpoint.providers.llamacpp.sizing import (
    PLAIN_BATCH,
    SCORE_BYTES,
    SCORES_LIMIT,
    SMALLEST,
    SMALLEST_BATCH,
    WISHED,
    Attention,
    choose_attention,
    choose_context,
)

GIB = 1 << 30
CELL = 32 * 1024


def test_a_small_model_gets_all_that_it_was_trained_for() -> None:
    assert choose_context(8192, CELL, 16 * GIB, on_gpu=False) == 8192


def test_on_a_processor_a_long_context_model_gets_what_agents_need_and_not_all() -> None:
    assert choose_context(262_144, CELL, 64 * GIB, on_gpu=False) == WISHED


def test_on_a_gpu_it_gets_all_that_a_quarter_of_the_memory_holds() -> None:
    assert choose_context(262_144, CELL, 64 * GIB, on_gpu=True) == 262_144
    tokens = choose_context(262_144, CELL, 6 * GIB, on_gpu=True)
    assert tokens == 49_152
    assert tokens * CELL <= 6 * GIB / 4


@pytest.mark.parametrize("on_gpu", [True, False])
def test_up_to_what_agents_need_it_may_take_half_of_what_is_free(on_gpu: bool) -> None:
    tokens = choose_context(262_144, CELL, GIB, on_gpu=on_gpu)
    assert tokens == 16_384
    assert tokens * CELL <= GIB / 2


@pytest.mark.parametrize("on_gpu", [True, False])
def test_it_never_falls_under_a_usable_size(on_gpu: bool) -> None:
    assert choose_context(262_144, CELL, 1, on_gpu=on_gpu) == SMALLEST


def test_on_a_processor_attention_is_plain_and_on_a_gpu_flash() -> None:
    assert choose_attention(8192, 9, 512, on_gpu=False) == Attention(flash=False, batch=PLAIN_BATCH)
    assert choose_attention(8192, 9, 512, on_gpu=True) == Attention(flash=True, batch=512)


def test_over_quantised_values_attention_is_flash_and_on_a_processor_its_batch_no_larger_than_plain() -> None:
    assert choose_attention(8192, 9, 512, on_gpu=False, quantised=True) == Attention(flash=True, batch=PLAIN_BATCH)
    assert choose_attention(8192, 9, 64, on_gpu=False, quantised=True) == Attention(flash=True, batch=64)
    assert choose_attention(8192, 9, 512, on_gpu=True, quantised=True) == Attention(flash=True, batch=512)


def test_a_long_context_computes_fewer_tokens_at_once_to_bound_the_scores() -> None:
    chosen = choose_attention(65_536, 24, 512, on_gpu=False)
    assert not chosen.flash
    assert SMALLEST_BATCH <= chosen.batch < PLAIN_BATCH
    assert chosen.batch * 24 * 65_536 * SCORE_BYTES <= SCORES_LIMIT


def test_where_that_would_be_too_few_flash_attention_it_is() -> None:
    assert choose_attention(131_072, 32, 512, on_gpu=False) == Attention(flash=True, batch=512)
