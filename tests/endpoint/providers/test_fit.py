from __future__ import annotations

import pytest

from endpoint.errors import LoadError
from endpoint.providers.fit import Need, check_weights, find_largest, make_refusal

GB = 10**9


def test_weights_that_fit_pass() -> None:
    check_weights("m", 4 * GB, 4 * GB)


def test_weights_that_are_too_large_are_refused_with_the_numbers_and_the_ways_out() -> None:
    with pytest.raises(LoadError) as refused:
        check_weights("large.gguf", 9 * GB, 8 * GB)
    assert str(refused.value) == (
        "large.gguf is too big for the memory here: its weights alone take 9.0 GB, and 8.0 GB are free. A shorter "
        "context isn't enough: take a smaller model or one with fewer bits, or close other programs until 1.0 GB more "
        "are free. Started with --force it is tried all the same."
    )


def test_a_refusal_is_one_line_with_the_numbers_and_three_ways_out() -> None:
    refused = str(make_refusal("m.gguf", Need(4 * GB, 2 * GB, GB // 25), 32_768, 5 * GB, 8192))
    assert "\n" not in refused
    assert "needs 6.0 GB (4.0 GB of weights, 2.0 GB for a context of 32,768 tokens, 40 MB to compute in)" in refused
    assert "Take a shorter context (--ctx-size: up to 8,192 tokens fit), a smaller model or one with fewer" in refused
    assert "--kv-type" not in refused
    assert "close other programs until 1.0 GB more are free. Started with --force" in refused


def test_a_refusal_names_a_smaller_kv_cache_where_there_is_one() -> None:
    refused = str(make_refusal("m.gguf", Need(4 * GB, 2 * GB, 0), 32_768, 5 * GB, 8192, 2 * GB * 30 // 64))
    assert "\n" not in refused
    assert "up to 8,192 tokens fit), a smaller KV cache (--kv-type q8_0: 0.9 GB less), a smaller model or" in refused
    alone = str(make_refusal("m.gguf", Need(4 * GB, 2 * GB, 0), 32_768, 5 * GB, 0, GB))
    assert "are free. Take a smaller KV cache (--kv-type q8_0: 1.0 GB less), a smaller model or" in alone


def test_a_refusal_names_no_shorter_context_where_none_is_short_enough() -> None:
    assert "--ctx-size" not in str(make_refusal("m", Need(GB, GB, 0), 2048, GB, 0))


@pytest.mark.parametrize(("free", "largest"), [(99, 0), (100 + 256, 256), (100 + 1000, 768), (10**6, 4000)])
def test_the_longest_context_that_fits_is_found(free: int, largest: int) -> None:
    assert find_largest(lambda n_ctx: 100 + n_ctx, 4000, free) == largest
