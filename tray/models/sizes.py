"""Bytes and tokens as people read them. Pure."""

from __future__ import annotations


def format_bytes(count: int) -> str:
    """In decimal units, as file managers do: 98 MB, 4.7 GB."""
    if count < 1_000_000:
        return f"{max(0, count) / 1000:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 1_000_000_000 else f"{count / 1e9:.1f} GB"


def format_tokens(count: int) -> str:
    """Contexts are powers of two: 8K, 128K; empty for 0."""
    if count <= 0:
        return ""
    if count < 1024:
        return str(count)
    return f"{count / 1024:.0f}K" if count < 1 << 20 else f"{count / (1 << 20):.1f}".removesuffix(".0") + "M"
