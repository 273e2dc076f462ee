"""How the prefilling rows of a step share its chunk: pure arithmetic over token counts.

Whole prompts, shortest remaining first: of eight equal prompts the first answers after an eighth of the time and not,
like all eight with equal parts, at the end; and a title's 60 tokens don't wait for a 20k prompt. But the oldest row is
sure of a part of every chunk, so that a stream of short prompts starves nobody: each row finishes within the steps that
the rows before it and it itself need at that part.

No slice is a single token, and none leaves a single one for later, where there is a choice: a token that is computed
alone rounds differently from one among many, and what was there already must not decide that (docs/adr/0005).
"""

from __future__ import annotations

from collections.abc import Sequence

OLDEST_SHARE = 4
"""The oldest row is sure of this part of every chunk: a quarter."""
SMALLEST_RESERVE = 3
"""Tokens: from here on there is always a slice that neither is nor leaves one alone."""


def share_chunk(wanted: Sequence[int], chunk: int) -> list[int]:
    """How many tokens each row gets now, at most `chunk` in all. `wanted`: what each still needs, the oldest first."""
    counts = [0] * len(wanted)
    if not wanted or chunk < 1:
        return counts
    counts[0] = fit(wanted[0], min(chunk, max(SMALLEST_RESERVE, chunk // OLDEST_SHARE)))
    left = chunk - counts[0]
    for row in sorted(range(len(wanted)), key=lambda row: (wanted[row] - counts[row], row)):
        larger = fit(wanted[row], counts[row] + left)
        if larger > counts[row]:
            left -= larger - counts[row]
            counts[row] = larger
    return counts


def fit(wanted: int, room: int) -> int:
    """The most of `wanted` tokens that goes into `room` and neither is nor leaves a single one (of one: just that)."""
    if wanted <= room:
        return wanted
    count = room - 1 if wanted - room == 1 else room
    return count if count > 1 else 0
