"""Token vectors on their way to one, as llama.cpp's build_pooling makes it. Pure."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from endpoint.providers.embedding import Pooling, Vector

TokenVectors = npt.NDArray[np.float32]
"""One vector a token."""


class Pool:
    """Token vectors on their way to one."""

    def __init__(self, pooling: Pooling, dimensions: int) -> None:
        self._pooling = pooling
        self._sum = np.zeros(dimensions, np.float64)
        self._count = 0

    def add(self, rows: TokenVectors) -> None:
        """The next tokens' vectors."""
        match self._pooling:
            case Pooling.MEAN:
                self._sum += rows.sum(axis=0, dtype=np.float64)
                self._count += len(rows)
            case Pooling.CLS if self._count == 0:
                self._sum, self._count = rows[0].astype(np.float64), 1
            case Pooling.LAST:
                self._sum, self._count = rows[-1].astype(np.float64), 1

    def vector(self) -> Vector:
        """What they came to."""
        return array("f", (self._sum / max(1, self._count)).astype(np.float32).tobytes())
