from __future__ import annotations

from endpoint.engine.totals import add_counts, keep_counts
from endpoint.providers.base import ProviderStats

STATS = ProviderStats(*range(1, 15))


def test_what_is_held_is_the_last_ones_and_what_was_done_is_everybodys() -> None:
    sums = add_counts(STATS, STATS)
    assert (sums.cells_used, sums.held_bytes, sums.memory_bytes) == (1, 3, 14)
    assert (sums.prefilled_tokens, sums.parkings, sums.accepted_tokens) == (10, 22, 26)


def test_a_model_that_has_gone_leaves_its_counts_and_holds_nothing() -> None:
    kept = keep_counts(STATS)
    assert (kept.cells_total, kept.threads, kept.parked_rows, kept.memory_bytes) == (0, 0, 0, 0)
    assert add_counts(kept, ProviderStats()) == kept
    assert kept.cached_tokens == STATS.cached_tokens
