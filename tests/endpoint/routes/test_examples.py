"""The OpenAPI page's examples: valid against their own schemas, and answered by a running endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from endpoint.app import create_app
from endpoint.engine.engine import Engine
from endpoint.routes.documents import find_good
from tests.endpoint.serving import FAKE, Served, load_fake

PAGE: dict[str, Any] = create_app(Engine(load_fake()), FAKE).openapi()
JSON = "application/json"


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in PAGE["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON content that is described: of request bodies, and of good answers."""
    for method, path, operation in _operations():
        if "requestBody" in operation:
            yield f"{method} {path} sends", operation["requestBody"]["content"][JSON]
        answer = find_good(operation["responses"]).get("content", {})
        if JSON in answer:
            yield f"{method} {path} answers", answer[JSON]


def _requests() -> Iterator[Any]:
    for method, path, operation in _operations():
        if "requestBody" in operation:
            for name, example in operation["requestBody"]["content"][JSON]["examples"].items():
                yield pytest.param(path, example["value"], id=f"{method} {path}: {name}")


CACHE = "/acore/prompt_cache/"
CONTENTS = dict(_contents())


def _make_keys(served: Served) -> None:
    """What the control plane's examples speak of."""
    examples = PAGE["paths"]
    for operation in ("update", "fork", "save"):
        (body, *_) = examples[CACHE + operation]["post"]["requestBody"]["content"][JSON]["examples"].values()
        assert served.client.post(CACHE + operation, json=body["value"]).status_code == 200


@pytest.mark.parametrize("content", list(CONTENTS.values()), ids=list(CONTENTS))
def test_examples_are_given_and_fit_their_schema(content: dict[str, Any]) -> None:
    schema = content["schema"] | {"components": PAGE["components"]}
    assert content.get("examples"), "its examples belong into endpoint/routes/examples.py"
    for example in content["examples"].values():
        Draft202012Validator(schema).validate(example["value"])


@pytest.mark.parametrize(("path", "body"), list(_requests()))
def test_an_example_request_is_answered(served: Served, path: str, body: dict[str, Any]) -> None:
    if path.startswith(CACHE):
        _make_keys(served)
    response = served.client.post(path, json=body)
    assert response.is_success, response.text
    if response.headers["content-type"] == JSON:
        answered = CONTENTS[f"post {path} answers"]["schema"] | {"components": PAGE["components"]}
        Draft202012Validator(answered).validate(response.json())


def test_the_docs_page_shows_them(served: Served) -> None:
    assert "Ask a question" in served.client.get("/docs").text
