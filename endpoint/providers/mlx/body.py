"""The part of an mlx-lm model before its output head: tokens in, the hidden states that the head would get out.

No common interface names it. Nearly all architectures have it as `model`, a few as `backbone` or `transformer`, and
those that also take images one level down, under `language_model`. What is found is tried out: where its states, put
through one of the model's matrices, don't give the model's own scores, it isn't the body (a last norm stands outside,
or, as in gpt_neox and gemma3n, the head inside). Engine thread only.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
import numpy as np
import numpy.typing as npt
from mlx import nn

from endpoint.providers.mlx.state import State, make_state

_NAMES = ("language_model", "model", "backbone", "transformer")
_TRIAL = [[1, 2, 3]]
"""Tokens that every vocabulary has; 0 is often padding, whose state may be all zeros."""
_COMPARED = 4096
"""Scores that are compared, at most."""
_ALIKE = 0.99
"""The least correlation of ranks. Models scale and squash their scores, which keeps the order but for rounding."""

Path = tuple[nn.Module, ...]
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Body:
    """`compute(tokens, state)`: (1, n) token numbers to (1, n, `width`) hidden states."""

    compute: Callable[[mx.array, State], mx.array]
    width: int


def find_body(model: Any) -> Body | None:
    """None where there is none that works alone and is what the head builds on."""
    try:
        scores = _to_numpy(model(mx.array(_TRIAL), cache=make_state(model)))
    except Exception:  # whatever an architecture of another kind raises
        return None
    return next((body for path in _list_paths((model,)) if (body := _try_out(path, scores)) is not None), None)


def ranks_alike(some: Scores, others: Scores) -> bool:
    """Whether two lists of scores order the tokens alike, but for rounding. Tokens that either forbids are left out."""
    step = max(1, len(some) // _COMPARED)
    some, others = some[::step], others[::step]
    known = np.isfinite(some) & np.isfinite(others)
    some, others = some[known], others[known]
    if len(some) < 2 or some.min() == some.max() or others.min() == others.max():
        return False
    return float(np.corrcoef(_rank(some), _rank(others))[0, 1]) > _ALIKE


def _list_paths(path: Path) -> Iterator[Path]:
    """What may be the body, behind the modules around it, the outermost first."""
    for name in _NAMES:
        part = getattr(path[-1], name, None)
        if isinstance(part, nn.Module):
            yield (*path, part)
            yield from _list_paths((*path, part))


def _try_out(path: Path, scores: Scores) -> Body | None:
    body: Any = path[-1]

    def compute(tokens: mx.array, state: State) -> mx.array:
        hidden: mx.array = body(tokens, cache=state)
        return hidden

    try:
        hidden = compute(mx.array(_TRIAL), make_state(path[0]))
        if hidden.ndim != 3 or hidden.shape[:2] != (1, len(_TRIAL[0])):
            return None
        found = any(ranks_alike(_to_numpy(head(hidden)), scores) for head in _list_heads(path, hidden, len(scores)))
    except Exception:  # as above
        return None
    return Body(compute, int(hidden.shape[-1])) if found else None


def _list_heads(path: Path, hidden: mx.array, n_vocab: int) -> Iterator[Callable[[mx.array], mx.array]]:
    """What makes scores of hidden states: the head's own matrix, or the embedding's where they are one."""
    for owner in path:
        for part in owner.values():  # a module is a dict of its parts
            if isinstance(part, mx.array):
                if part.shape == (n_vocab, hidden.shape[-1]):
                    yield functools.partial(_multiply, part)
            elif isinstance(part, nn.Module) and _has_rows(part, n_vocab):
                yield getattr(part, "as_linear", part)


def _has_rows(part: nn.Module, n_vocab: int) -> bool:
    weight = part.get("weight")
    return weight is not None and weight.ndim == 2 and weight.shape[0] == n_vocab


def _multiply(matrix: mx.array, states: mx.array) -> mx.array:
    return states @ matrix.T


def _to_numpy(scores: mx.array) -> Scores:
    """The last token's."""
    return np.array(scores[0, -1].astype(mx.float32))


def _rank(scores: Scores) -> npt.NDArray[np.intp]:
    return np.argsort(np.argsort(scores, kind="stable"))
