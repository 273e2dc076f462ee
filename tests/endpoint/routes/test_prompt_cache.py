"""The prompt cache's control plane over HTTP: a real server and engine, the fake provider, a disk in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.routes.control import ROOT, RULES, cached, post, stats
from tests.endpoint.serving import Served, load_fake, serving, serving_while_it_loads, wait_until


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(open_store=Disk().open) as running:
        yield running


def test_a_key_is_made_filled_and_used_by_a_chat_that_begins_so(served: Served) -> None:
    assert post(served, "set", key="agent")["ok"]
    done = post(served, "update", key="agent", system_prompt=RULES, ttl_s=600)
    assert done["token_count"] > len(RULES) * 0.9  # the last word may go on
    found = stats(served)
    assert (found["entries"], found["keys"], found["default_key"]) == (1, ["agent"], "agent")
    meta = found["meta_by_key"]["agent"]
    assert meta["token_count"] == done["token_count"]
    assert meta["tier"] == "ram"
    assert meta["ttl_s"] == 600
    assert 0 < meta["expires_in_s"] <= 600
    messages = [{"role": "system", "content": RULES}, {"role": "user", "content": "Who came?"}]
    answer = served.client.post("/v1/chat/completions", json={"messages": messages, "prompt_cache_key": "agent"})
    assert cached(answer) >= done["token_count"] - 1
    assert stats(served)["meta_by_key"]["agent"]["token_count"] > done["token_count"]


def test_updates_append_and_those_of_one_key_wait_for_one_another(served: Served) -> None:
    post(served, "update", key="log", system_prompt=RULES)
    writers = [
        threading.Thread(
            target=lambda ship=ship: post(
                served, "update", key="log", messages=[{"role": "user", "content": f"<{ship}> came in."}]
            )
        )
        for ship in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    count = stats(served)["meta_by_key"]["log"]["token_count"]
    assert count >= len(RULES) + 8 * len("<0> came in.") - 1


def test_an_update_of_a_client_that_hung_up_leaves_the_key_as_it_was() -> None:
    with serving(load_fake("echo,step_ms=20")) as served:
        post(served, "update", key="agent", system_prompt=RULES)
        before = stats(served)["meta_by_key"]["agent"]
        body = {"key": "agent", "prompt": "and more " * 300}
        with pytest.raises(Exception, match="timed out"):
            served.client.post(f"{ROOT}/update", json=body, timeout=0.3)
        wait_until(lambda: served.engine.health().active == 0, "its row is free")
        after = stats(served)["meta_by_key"]["agent"]
        assert after["token_count"] == before["token_count"]


def test_modules_get_the_keys_that_their_content_gives_and_are_computed_once(served: Served) -> None:
    modules = [
        {"module_id": "persona", "system_prompt": RULES, "meta": {"owner": "acme"}},
        {"module_id": "nothing"},
        {"module_id": "memory", "messages": [{"role": "user", "content": "Nine ships came in."}]},
    ]
    first = post(served, "prepare_modules", namespace="acme", modules=modules, make_default=True)
    assert [each["module_id"] for each in first["modules"]] == ["persona", "nothing", "memory"]
    keys = [each["cache_key"] for each in first["modules"]]
    assert len(set(keys)) == 3
    assert keys[-1] == first["final_cache_key"]
    counts = [each["token_count"] for each in first["modules"]]
    assert counts[0] == counts[1] < counts[2]
    found = stats(served)
    assert found["default_key"] == keys[-1]
    assert found["meta_by_key"][keys[1]]["index"] == 1
    assert found["meta_by_key"][keys[1]]["namespace"] == "acme"
    assert [found["meta_by_key"][key].get("owner") for key in keys] == ["acme", None, None]
    computed = served.engine.metrics().provider.prefilled_tokens
    assert post(served, "prepare_modules", namespace="acme", modules=modules) == first
    assert served.engine.metrics().provider.prefilled_tokens == computed


def test_a_fork_goes_its_own_way(served: Served) -> None:
    post(served, "update", key="base", system_prompt=RULES)
    post(served, "fork", from_key="base", to_key="branch", make_default=True)
    found = stats(served)
    assert found["default_key"] == "branch"
    assert found["meta_by_key"]["branch"]["forked_from"] == "base"
    before = found["ram_bytes"]
    post(served, "update", key="branch", prompt="Which of them was the last one to come in, and when was that?")
    found = stats(served)
    assert found["meta_by_key"]["branch"]["token_count"] > found["meta_by_key"]["base"]["token_count"]
    assert found["ram_bytes"] > before


def test_a_prefix_is_saved_listed_loaded_and_deleted_by_name(served: Served) -> None:
    post(served, "update", key="base", system_prompt=RULES)
    saved = post(served, "save", key="base", name="v1")["saved"]
    assert (saved["name"], saved["usable"]) == ("v1", True)
    assert [each["name"] for each in served.client.get(f"{ROOT}/list").json()["saved"]] == ["v1"]
    post(served, "clear", key="base")
    loaded = post(served, "load", name="v1", key="again")
    assert loaded["token_count"] == saved["token_count"]
    assert stats(served)["meta_by_key"]["again"]["tier"] == "disk"
    post(served, "delete", name="v1")
    assert post(served, "delete", 404, name="v1")["code"] == "prompt_cache_not_saved"


def test_clearing_takes_one_key_or_everything(served: Served) -> None:
    for key in ("one", "two"):
        post(served, "update", key=key, system_prompt=RULES + key)
    assert post(served, "clear", key="one")["cleared"] == 1
    assert stats(served)["keys"] == ["two"]
    assert post(served, "clear")["cleared"] == 1
    found = stats(served)
    assert (found["keys"], found["ram_bytes"]) == ([], 0)


def test_raw_tokens_are_taken_as_they_are(served: Served) -> None:
    assert post(served, "update", key="raw", tokens=list(RULES.encode()))["token_count"] == len(RULES)
    answer = served.complete(RULES + " Who came?", prompt_cache_key="raw")
    assert cached(answer) >= len(RULES) - 1
    assert "257" in post(served, "update", 400, key="raw", tokens=[257])["error"]


def test_meta_is_kept_with_the_key_and_the_endpoints_own_fields_are_not_its(served: Served) -> None:
    post(served, "set", key="k")
    noted = post(served, "key_meta", key="k", meta={"session_id": "s", "gone": None})
    assert noted["meta"]["session_id"] == "s"
    assert stats(served)["meta_by_key"]["k"]["session_id"] == "s"
    assert post(served, "key_meta", 400, key="k", meta={"token_count": 1})["code"] == "prompt_cache_meta_reserved_key"
    assert post(served, "key_meta", 400, key="k", meta={"x": "y" * 17_000})["code"] == "prompt_cache_meta_too_large"


@pytest.mark.parametrize(
    ("operation", "status", "code", "body"),
    [
        ("set", 400, "prompt_cache_invalid_key", {"key": "  "}),
        ("set", 400, "prompt_cache_invalid_key", {"key": "k" * 513}),
        ("fork", 404, "prompt_cache_missing_source_key", {"from_key": "nobody", "to_key": "x"}),
        ("clear", 404, "prompt_cache_missing_key", {"key": "nobody"}),
        ("key_meta", 404, "prompt_cache_missing_key", {"key": "nobody", "meta": {}}),
        ("save", 404, "prompt_cache_missing_key", {"key": "nobody"}),
        ("load", 404, "prompt_cache_not_saved", {"name": "nothing"}),
        ("prepare_modules", 400, "prompt_cache_invalid_namespace", {"namespace": " ", "modules": [{"module_id": "a"}]}),
        ("prepare_modules", 400, "prompt_cache_no_modules", {"namespace": "x", "modules": []}),
        ("prepare_modules", 400, "prompt_cache_invalid_module", {"namespace": "x", "modules": [{}]}),
        ("prepare_modules", 400, "prompt_cache_invalid_module", {"namespace": "x", "modules": [{"module_id": " "}]}),
        ("prepare_modules", 400, "prompt_cache_invalid_module", {"namespace": "x", "modules": ["a"]}),
        ("update", 404, "prompt_cache_missing_key", {"key": "x", "system_prompt": RULES, "ttl_s": 1e-6}),
        ("update", 400, "context_length_exceeded", {"key": "x", "system_prompt": "long " * 2_000}),
        ("update", 400, "prompt_cache_error", {"key": "x", "messages": [{"role": "king"}]}),
        ("update", 400, "prompt_cache_error", {}),
    ],
)
def test_what_cannot_be_done_is_told_in_its_shape(
    served: Served, operation: str, status: int, code: str, body: dict[str, object]
) -> None:
    answer = served.client.post(f"{ROOT}/{operation}", json=body)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert (told["supported"], told["operation"], told["code"]) == (False, operation, code)
    assert told["error"]
    assert told["capabilities"]["supported"]
    assert stats(served)["entries"] == 0


def test_without_a_disk_the_capabilities_say_so() -> None:
    with serving() as served:
        found = served.client.get(f"{ROOT}/capabilities").json()["capabilities"]
        assert (found["supports_save"], found["supports_load"], found["mode"]) == (False, False, "local_control_plane")
        post(served, "update", key="k", system_prompt=RULES)
        assert post(served, "save", 409, key="k")["code"] == "prompt_cache_not_saved"


def test_while_the_model_loads_it_says_so() -> None:
    with serving_while_it_loads() as served:
        answer = served.client.post(f"{ROOT}/set", json={"key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (503, "model_loading")
        assert answer.headers["retry-after"]
