"""MLX providers put together by hand: as small, as far ahead and as unreliable as a test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlx_lm.utils import load_model

from endpoint.providers.base import Caps, MemoryKind, ModelInfo
from endpoint.providers.mlx.embedding import MlxEmbedder
from endpoint.providers.mlx.layout import find_layout
from endpoint.providers.mlx.provider import MlxProvider
from endpoint.providers.mlx.tokenizer import load_tokenizer
from endpoint.providers.trust import Trust
from tests.tiny.mlx_models import write_tiny_mlx
from tests.tiny.mlx_tokenizer import TOKENS

N_CTX = 2048
ROWS = 4


class Unreliable:
    """A model whose passes can be made to fail."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.passes_left: int | None = None  # until one fails; None: none ever does

    def __call__(self, tokens: Any, cache: Any) -> Any:
        if self.passes_left is not None:
            self.passes_left -= 1
            if self.passes_left == 0:
                raise RuntimeError("the processor is on fire")
        return self._model(tokens, cache=cache)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


@contextmanager
def assembled(
    kind: MemoryKind,
    folder: Path,
    *,
    cells: int = ROWS * N_CTX,
    ahead: bool = False,
    wrap: Callable[[Any], Any] = lambda model: model,
) -> Iterator[MlxProvider]:
    """A provider over a tiny model of some kind, closed at the end."""
    write_tiny_mlx(kind, folder)
    model = wrap(load_model(folder)[0])
    layout = find_layout(model)
    info = ModelInfo("tiny", folder, N_CTX, N_CTX, TOKENS, None, "", "")
    caps = Caps(ROWS, kind, batch_invariant=kind is MemoryKind.ATTENTION, shares_running=False)
    tokenizer = load_tokenizer(folder, TOKENS)
    embedder = MlxEmbedder(model, N_CTX)
    trust = Trust.NOBODY if ahead or kind is not MemoryKind.ATTENTION else Trust.ALL
    provider = MlxProvider(model, tokenizer, embedder, info, caps, layout, "0" * 32, cells, 1, trust, ahead=ahead)
    try:
        yield provider
    finally:
        provider.close()
