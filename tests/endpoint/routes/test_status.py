"""GET / and GET /health in every state."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from endpoint.errors import LoadError
from endpoint.protocol.schemas import Health, Index
from endpoint.providers.base import Provider
from endpoint.providers.options import Progress
from endpoint.routes.status import name_asked
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until


def _health(served: Served) -> tuple[int, Health]:
    response = served.client.get("/health")
    return response.status_code, Health.model_validate(response.json())


def test_a_ready_endpoint_is_healthy_and_says_what_it_serves(served: Served) -> None:
    code, health = _health(served)
    assert (code, health.status, health.model, health.provider) == (200, "healthy", "echo", "fake")
    assert (health.n_ctx, health.active, health.queued) == (4096, 0, 0)


def test_a_loading_endpoint_says_how_far_it_is() -> None:
    go_on = threading.Event()

    def load(progress: Progress) -> Provider:
        progress(0.4)
        assert go_on.wait(20)
        return load_fake()(lambda _: None)

    with serving(load, wait=False) as served:
        wait_until(lambda: _health(served)[1].progress == 0.4, "progress of 0.4")
        code, health = _health(served)
        assert (code, health.status, health.model) == (503, "loading", "echo")
        go_on.set()
        wait_until(lambda: _health(served)[0] == 200, "healthy")


def test_a_failed_load_is_told_with_its_reason() -> None:
    def load(progress: Progress) -> Provider:
        raise LoadError("The file ends too early.")

    with serving(load) as served:
        code, health = _health(served)
        assert (code, health.status, health.error) == (503, "failed", "The file ends too early.")
        response = served.chat()
        assert (response.status_code, response.json()["error"]["code"]) == (503, "engine_unavailable")


def test_a_wedged_engine_is_told_and_recovers() -> None:
    settings = dataclasses.replace(FAKE, test_hooks=True, wedged_after_s=0.2)
    with serving(settings=settings) as served:
        assert served.client.post("/test/wedge", json={"seconds": 3}).status_code == 200
        wait_until(lambda: _health(served)[1].status == "wedged", "wedged")
        code, health = _health(served)
        assert code == 503
        assert health.error is not None
        assert served.chat().status_code == 503
        wait_until(lambda: _health(served)[0] == 200, "healthy again")


def test_the_hook_is_not_there_unless_asked_for(served: Served) -> None:
    assert served.client.post("/test/wedge", json={"seconds": 1}).status_code == 404


def test_a_hook_checks_its_body() -> None:
    with serving(settings=dataclasses.replace(FAKE, test_hooks=True)) as served:
        response = served.client.post("/test/wedge", json={"seconds": -1})
        assert (response.status_code, response.json()["error"]["param"]) == (400, "seconds")


def test_the_root_points_to_the_rest(served: Served) -> None:
    index = Index.model_validate(served.client.get("/").json())
    for path in (index.health, index.docs, f"{index.api}/models"):
        assert served.client.get(path).status_code == 200


def test_head_works_where_get_does(served: Served) -> None:
    for path in ("/", "/health", "/v1/models", "/v1/models/echo", "/docs"):
        response = served.client.head(path)
        assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/home/me/secret/m.gguf", "m.gguf"),
        ("~/m.gguf", "m.gguf"),
        ("./m.gguf", "m.gguf"),
        ("owner/name", "owner/name"),
    ],
)
def test_a_models_folders_are_not_told(asked: str, told: str) -> None:
    assert name_asked(asked) == told
