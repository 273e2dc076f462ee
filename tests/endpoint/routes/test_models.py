"""GET /v1/models, and --strict-model."""

from __future__ import annotations

import dataclasses

from endpoint.contract import ModelRef
from endpoint.protocol.schemas import Model, ModelList
from tests.endpoint.serving import FAKE, Served, load_fake, serving


def test_the_list_holds_the_one_model(served: Served) -> None:
    models = ModelList.model_validate(served.client.get("/v1/models").json())
    assert [model.id for model in models.data] == ["echo"]


def test_the_model_is_found_under_its_id_and_under_its_provider(served: Served) -> None:
    for name in ("echo", "fake/echo"):
        assert Model.model_validate(served.client.get(f"/v1/models/{name}").json()).id == "echo"


def test_what_the_model_remembers_is_told(served: Served) -> None:
    assert served.client.get("/v1/models/echo").json()["meta"] == {
        "n_ctx": 4096,
        "n_ctx_train": 4096,
        "memory": "attention",
    }
    with serving(load_fake("echo,hybrid=1")) as hybrid:
        assert hybrid.client.get("/v1/models/echo").json()["meta"]["memory"] == "hybrid"


def test_another_model_is_not_found(served: Served) -> None:
    response = served.client.get("/v1/models/gpt-7")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")


def test_what_the_endpoint_was_started_with_is_a_name_of_its_model() -> None:
    settings = dataclasses.replace(FAKE, ref=ModelRef("fake", "started-with"), strict_model=True)
    with serving(settings=settings) as served:
        assert served.client.get("/v1/models").json()["data"][0]["id"] == "echo"
        assert served.chat(model="started-with").status_code == 200
        assert served.client.get("/v1/models/started-with").status_code == 200


def test_a_strict_endpoint_serves_its_model_by_name_only() -> None:
    with serving(settings=dataclasses.replace(FAKE, strict_model=True)) as served:
        assert served.chat(model="echo").status_code == 200
        assert served.complete("a", model="fake/echo").status_code == 200
        assert served.chat().status_code == 200, "a request that names no model means the one that is served"
        for response in (served.chat(model="other"), served.complete("a", model="other")):
            assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
            assert response.json()["error"]["param"] == "model"
