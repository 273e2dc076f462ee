from __future__ import annotations

from collections.abc import Iterator

import pytest

from endpoint.contract import ModelRef
from endpoint.providers.base import Provider
from endpoint.providers.options import LoadOptions
from endpoint.providers.registry import load_provider


@pytest.fixture(scope="module", params=["fake", "llamacpp"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Each provider with its smallest model, four rows."""
    model = {"fake": "echo", "llamacpp": "starter"}[request.param]
    loaded = load_provider(
        ModelRef(request.param, model), LoadOptions(n_ctx=2048, parallel=4, threads=1), lambda _share: None
    )
    yield loaded
    loaded.close()
