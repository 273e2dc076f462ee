"""The policy of what stays in the context, and what of the rest is worth RAM. Pure.

Cells are for running rows and what they share. Nothing idle stays: every decode looks over all cells up to the highest
one in use, so what idles there is paid for by every stream. Measured, tokens a second of one stream beside idle cells
(starter model, two cores):

    idle cells            0    1,024    4,096
    flash attention      86       82       77
    plain attention      76       57       27

A copy costs 25 ms out and 6 ms back for 1,250 tokens, where computing them costs three seconds. So a finished row's
state leaves at once, and comes back, into the lowest free cells, when a prompt begins with it. While a row runs, others
share its cells instead, at no cost. Which copies go when RAM is short is `prefixes.py`'s matter: the least recently
used.
"""

from __future__ import annotations

from enum import Enum, auto

WORTH_KEEPING = 16
"""Tokens. Less is computed again in a step."""


class Fate(Enum):
    """What becomes of a finished row's state. There is no third: nothing stays in the context."""

    COPY_OUT = auto()
    DROP = auto()


def decide_fate(holdable: int, known: int) -> Fate:
    """For a row that has computed `holdable` tokens of its prompt, `known` of which are held already or will be left by
    another."""
    return Fate.DROP if holdable - known < WORTH_KEEPING else Fate.COPY_OUT
