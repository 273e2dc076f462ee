"""Names that a slip may have meant. Pure."""

from __future__ import annotations

from collections.abc import Collection


def suggest(word: str, known: Collection[str]) -> str:
    """`; did you mean port?`, or nothing where nothing is near."""
    import difflib  # only for a slip

    near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
