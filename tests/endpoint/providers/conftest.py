from __future__ import annotations

from collections.abc import Iterator

import pytest

from endpoint.providers.base import MemoryKind, Provider
from tests.endpoint.providers.contenders import PROVIDERS, find_model, opened


@pytest.fixture(scope="module", params=PROVIDERS)
def provider(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """Each provider with its smallest model, four rows."""
    model = find_model((request.param, MemoryKind.ATTENTION), tmp_path_factory.mktemp("model"))
    with opened(model, n_ctx=2048) as loaded:
        yield loaded
