from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model

from endpoint.providers.base import MemoryKind
from endpoint.providers.mlx.exactness import is_batch_exact
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.mlx_tokenizer import TOKENS


class Rounding:
    """A model whose logits come out larger by `share` when all of the probe's tokens are computed at once."""

    def __init__(self, model: Any, share: float) -> None:
        self._model = model
        self._share = share
        self.layers = model.layers

    def __call__(self, tokens: mx.array, cache: Any) -> mx.array:
        logits: mx.array = self._model(tokens, cache=cache)
        return logits * (1 + self._share) if tokens.shape[1] > 30 else logits


@pytest.mark.parametrize(("share", "exact"), [(0.0, True), (1e-6, True), (1e-3, False), (float("nan"), False)])
def test_only_what_no_answer_turns_on_counts_as_exact(share: float, exact: bool, tmp_path: Path) -> None:
    write_tiny_mlx(MemoryKind.ATTENTION, tmp_path)
    assert is_batch_exact(Rounding(load_model(tmp_path)[0], share), TOKENS) == exact
