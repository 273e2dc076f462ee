"""No request made at random of the OpenAPI page brings an error of ours, or an answer that the page doesn't tell of."""

from __future__ import annotations

from collections import Counter

import pytest

from endpoint.providers.llamacpp import entry
from endpoint.providers.options import LoadOptions
from tests.endpoint.barrage import send_barrage
from tests.endpoint.serving import Served, serving


def _check(served: Served, examples: int) -> None:
    counted = Counter(send_barrage(served.url, served.client.get("/openapi.json").json(), examples))
    print(f"{sum(counted.values())} requests: {dict(counted)}")
    assert counted[200], counted
    assert counted[400], counted
    assert served.client.get("/health").json()["status"] == "healthy"
    assert served.chat().status_code == 200


def test_some_requests_of_all_kinds_are_answered_as_told() -> None:
    with serving() as served:
        _check(served, 40)


@pytest.mark.slow_suite
def test_two_thousand_requests_of_all_kinds_are_answered_as_told() -> None:
    with serving() as served:
        _check(served, 2400)


@pytest.mark.slow_suite
def test_the_starter_answers_them_too() -> None:
    with serving(lambda progress: entry.load("starter", LoadOptions(n_ctx=512, threads=1), progress)) as served:
        _check(served, 160)
