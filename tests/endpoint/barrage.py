"""Requests made at random from the OpenAPI page, always the same ones: what schemathesis thinks fits it, and what not.

Requests go through one connection, in turn. An answer must be one that the page tells of, and no error of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LONGEST_S = 20.0


def list_strategies(page: dict[str, Any]) -> Iterator[st.SearchStrategy[Any]]:
    """For each operation that takes something: requests that fit the page, and, where there is a body, that don't."""
    for found in schemathesis.openapi.from_dict(page).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.body or operation.path_parameters:
            yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        if operation.body:
            yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def send_barrage(url: str, page: dict[str, Any], examples: int) -> list[int]:
    """Send about `examples` requests to an endpoint; the statuses that came back. Raises what schemathesis finds."""
    strategies = list(list_strategies(page))
    share = -(-examples // len(strategies))
    with requests.Session() as session:
        return [status for cases in strategies for status in _send_all(url, session, cases, share)]


def _send_all(url: str, session: requests.Session, cases: st.SearchStrategy[Any], count: int) -> list[int]:
    statuses: list[int] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def send(case: Any) -> None:
        response = case.call(base_url=url, session=session, timeout=LONGEST_S)
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    send()
    return statuses
