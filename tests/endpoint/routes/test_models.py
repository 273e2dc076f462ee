"""GET /v1/models, and --strict-model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from endpoint.contract import KvType, ModelRef
from endpoint.protocol.sampling import DEFAULT_SAMPLING, write_sampling
from endpoint.protocol.schemas import Health, Model, ModelList
from endpoint.providers.base import Provider
from endpoint.providers.fake import FakeProvider, load
from endpoint.providers.options import LoadOptions, Progress
from tests.endpoint.serving import FAKE, Served, load_fake, serving


def fake_template(before: str = "", each: str = "") -> str:
    return before + "{% for message in messages %}<{{ message.role }}>" + each + "{{ message.content }}\n{% endfor %}"


def load_with_template(template: str | None) -> Callable[[Progress], Provider]:
    def load_it(progress: Progress) -> Provider:
        info = dataclasses.replace(load("echo", LoadOptions(), progress).info, chat_template=template)
        return FakeProvider(info, parallel=2, step_s=0.0)

    return load_it


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
        "n_vocab": 257,
        "memory": "attention",
        "description": "echoes its prompt",
        "n_embd": 16,
        "pooling": "mean",
        "sampling": write_sampling(DEFAULT_SAMPLING),
        "recommended_sampling": {},
        "chat_template": "model",
    }
    with serving(load_fake("echo,hybrid=1")) as hybrid:
        assert hybrid.client.get("/v1/models/echo").json()["meta"]["memory"] == "hybrid"


def test_the_type_of_keys_and_values_is_told_where_there_is_one() -> None:
    def load_it(progress: Progress) -> Provider:
        info = dataclasses.replace(load("echo", LoadOptions(), progress).info, kv_type=KvType.Q8_0)
        return FakeProvider(info, parallel=2, step_s=0.0)

    with serving(load_it) as served:
        model = Model.model_validate(served.client.get("/v1/models/echo").json())
        health = Health.model_validate(served.client.get("/health").json())
    assert (model.meta.kv_type, health.kv_type) == ("q8_0", "q8_0")


def test_the_contexts_length_is_found_under_the_names_that_clients_look_for() -> None:
    with serving(load_fake(n_ctx=2048)) as served:
        model = Model.model_validate(served.client.get("/v1/models/echo").json())
    assert (model.context_length, model.max_model_len, model.meta.n_ctx_train) == (2048, 2048, 4096)


TOOLS = "{% if tools %}{{ tools }}{% endif %}"
THINKS = "{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}"
TEMPLATES = {
    "plain": (fake_template(), {"completion", "embeddings"}),
    "tools": (fake_template(before=TOOLS), {"completion", "embeddings", "tools"}),
    "reasoning": (fake_template(each=THINKS), {"completion", "embeddings", "reasoning"}),
    "broken": ("{% for", {"completion", "embeddings"}),
}


@pytest.mark.parametrize(("template", "able"), list(TEMPLATES.values()), ids=list(TEMPLATES))
def test_capabilities_are_read_from_the_chat_template(template: str, able: set[str]) -> None:
    with serving(load_with_template(template)) as served:
        model = Model.model_validate(served.client.get("/v1/models/echo").json())
    assert {name for name, can in model.capabilities if can} == able


def test_a_model_that_only_embeds_says_so_and_nothing_of_writing() -> None:
    with serving(load_fake("echo,encoder=1")) as served:
        model = Model.model_validate(served.client.get("/v1/models").json()["data"][0])
    assert {name for name, can in model.capabilities if can} == {"embeddings"}
    assert (model.meta.sampling, model.meta.chat_template) == (None, None)


def test_where_the_chat_template_is_from_is_told_of_a_given_one_its_name_alone() -> None:
    given = dataclasses.replace(FAKE, chat_template=Path("/home/ann/secret/mine.jinja"))
    for template, settings, told in (
        (fake_template(), FAKE, ("model", None)),
        (None, FAKE, ("chatml", None)),
        (fake_template(), given, ("override", "mine.jinja")),
    ):
        with serving(load_with_template(template), settings) as served:
            response = served.client.get("/v1/models/echo")
        meta = Model.model_validate(response.json()).meta
        assert (meta.chat_template, meta.chat_template_file) == told
        assert "secret" not in response.text


def test_a_probe_by_head_is_answered_without_a_body(served: Served) -> None:
    for path in ("/", "/health", "/v1/models", "/v1/models/echo"):
        response = served.client.head(path)
        assert (response.status_code, response.content) == (200, b""), path


def test_an_id_with_slashes_is_one_id() -> None:
    settings = dataclasses.replace(FAKE, ref=ModelRef("fake", "org/model:q4"))
    with serving(settings=settings) as served:
        for name in ("org/model:q4", "org%2Fmodel:q4", "fake/org/model:q4"):
            assert served.client.get(f"/v1/models/{name}").status_code == 200, name


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
