"""Bytes, weights and tokens as people read them. Pure."""

from __future__ import annotations

_SUFFIXES = ("", "K", "M", "B", "T")


def format_bytes(count: int) -> str:
    """In decimal units, as file managers do: 98 MB, 4.7 GB."""
    if count < 1_000_000:
        return f"{max(0, count) / 1000:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 1_000_000_000 else f"{count / 1e9:.1f} GB"


def format_parameters(count: int) -> str:
    """135M, 7.6B; empty for 0."""
    if count <= 0:
        return ""
    value, place = float(count), 0
    while value >= 999.5 and place < len(_SUFFIXES) - 1:
        value, place = value / 1000, place + 1
    return f"{value:.1f}".removesuffix(".0") + _SUFFIXES[place] if value < 10 else f"{value:.0f}{_SUFFIXES[place]}"


def format_tokens(count: int) -> str:
    """Contexts are powers of two: 8K, 128K; empty for 0."""
    if count <= 0:
        return ""
    if count < 1024:
        return str(count)
    return f"{count / 1024:.0f}K" if count < 1 << 20 else f"{count / (1 << 20):.1f}".removesuffix(".0") + "M"
