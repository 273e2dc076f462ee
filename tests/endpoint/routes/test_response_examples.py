"""The examples of /v1/responses: valid by their own types, and answered by a running endpoint."""

from __future__ import annotations

import pytest

from endpoint.protocol.responses.schemas import DeletedResponse, ItemList
from endpoint.routes.response_examples import ANSWERS, DELETIONS, LISTS, REQUESTS
from tests.endpoint.protocol.responses.wires import check_response, read_frames
from tests.endpoint.serving import Served


@pytest.mark.parametrize("name", REQUESTS)
def test_an_example_request_is_answered(served: Served, name: str) -> None:
    answer = served.client.post("/v1/responses", json=REQUESTS[name])
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == "application/json":
        check_response(answer.json())
    else:
        assert read_frames(answer.text)[-1]["type"] in {"response.completed", "response.incomplete"}


def test_example_answers_are_like_real_ones() -> None:
    for answer in ANSWERS.values():
        assert isinstance(answer, dict)
        check_response(answer)
    for deletion in DELETIONS.values():
        DeletedResponse.model_validate(deletion)
    for listed in LISTS.values():
        ItemList.model_validate(listed)
