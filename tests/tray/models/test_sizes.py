from __future__ import annotations

import pytest

from tray.models.sizes import format_bytes, format_tokens


@pytest.mark.parametrize(
    ("count", "said"),
    [(-5, "0 kB"), (0, "0 kB"), (12_000, "12 kB"), (98_362_432, "98 MB"), (4_683_000_000, "4.7 GB")],
)
def test_bytes_are_said_as_file_managers_say_them(count: int, said: str) -> None:
    assert format_bytes(count) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, ""), (512, "512"), (8192, "8K"), (131072, "128K"), (1 << 20, "1M"), (10 << 20, "10M")]
)
def test_contexts_are_powers_of_two(count: int, said: str) -> None:
    assert format_tokens(count) == said
