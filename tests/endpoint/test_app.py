"""The whole application: guards before routes, every error in one shape, and a true OpenAPI page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from endpoint.app import create_app
from endpoint.engine.engine import Engine
from endpoint.engine.model import LoadedModel
from endpoint.protocol.schemas import ErrorReply
from tests.endpoint.guards.asgi import call
from tests.endpoint.serving import FAKE, Served, load_fake, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@pytest.mark.parametrize("path", ["/", "/health", "/docs", "/openapi.json", "/v1/models", "/nowhere"])
def test_host_and_origin_are_checked_on_every_route(served: Served, path: str) -> None:
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        response = served.client.get(path, headers=headers)
        assert response.status_code == 403
        ErrorReply.model_validate(response.json())


def test_an_unknown_route_is_named_and_points_to_the_docs(served: Served) -> None:
    response = served.client.get("/v2/models")
    assert response.status_code == 404
    message = ErrorReply.model_validate(response.json()).error.message
    assert "/v2/models" in message
    assert "/docs" in message


def test_a_wrong_method_keeps_the_allow_header(served: Served) -> None:
    response = served.client.get("/v1/chat/completions")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    ErrorReply.model_validate(response.json())
    assert served.client.delete("/health").headers["allow"] == "GET, HEAD"


def test_errors_carry_an_id_and_cors_headers_too(served: Served) -> None:
    response = served.client.post("/v1/completions", content=b"{", headers={"origin": "http://localhost:3000"})
    assert response.status_code == 400
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"


class _BrokenEngine(Engine):
    """Has a bug where the routes ask it for its model."""

    def model(self) -> LoadedModel:
        raise KeyError("secret internals")


def test_a_bug_in_a_route_is_a_500_with_an_id_and_without_internals(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(_BrokenEngine(load_fake()), FAKE)
    answer = call(app, path="/v1/models")
    assert answer.status == 500
    detail = ErrorReply.model_validate_json(answer.body).error
    assert answer.headers["x-request-id"] in detail.message
    assert "secret" not in detail.message
    assert "secret internals" in caplog.text


def test_a_required_key_is_asked_for_on_every_route_but_health() -> None:
    settings = dataclasses.replace(FAKE, api_key="sk-1", require_key=True)
    with serving(settings=settings) as served:
        for path in ("/", "/docs", "/openapi.json", "/v1/models", "/nowhere"):
            assert served.client.get(path).status_code == 401, path
        assert served.client.get("/health").status_code == 200
        assert served.client.get("/v1/models", headers={"authorization": "Bearer sk-1"}).status_code == 200
        preflight = {"origin": "http://localhost:3000", "access-control-request-method": "POST"}
        assert served.client.options("/v1/chat/completions", headers=preflight).status_code == 204


CACHE_OPERATIONS = (
    *("stats", "capabilities", "set", "update", "fork", "clear", "prepare_modules", "key_meta"),
    *("save", "load", "list", "delete", "explain", "recent"),
)


def test_the_openapi_page_names_bodies_and_answers_that_exist(served: Served) -> None:
    page = served.client.get("/openapi.json").json()
    assert set(page["paths"]) == {
        "/",
        "/health",
        "/metrics",
        "/v1/models",
        "/v1/models/{model_id}",
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/responses",
        "/v1/responses/{response_id}",
        "/v1/responses/{response_id}/input_items",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/app/downloads",
        "/v1/embeddings",
        *(f"/acore/prompt_cache/{operation}" for operation in CACHE_OPERATIONS),
        "/tokenize",
        "/detokenize",
    }
    schemas = page["components"]["schemas"]
    assert {"temperature", "messages", "max_completion_tokens"} <= set(schemas["ChatBody"]["properties"])
    assert all("422" not in operation["responses"] for path in page["paths"].values() for operation in path.values())
    assert set(_references(page)) <= {f"#/components/schemas/{name}" for name in schemas}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


def test_the_docs_page_lists_every_operation_and_loads_nothing_from_elsewhere(served: Served) -> None:
    response = served.client.get("/docs")
    assert "<code>POST /v1/chat/completions</code>" in response.text
    assert "http://" not in response.text
    assert "https://" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
