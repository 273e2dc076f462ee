"""What chats say of the prompt cache: keys, their time, and conversations that are appended to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.endpoint.engine.memory_store import Disk
from tests.endpoint.routes.control import RULES, cached, post, stats
from tests.endpoint.serving import Served, load_fake, serving, wait_until


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(open_store=Disk().open) as running:
        yield running


def test_with_append_only_the_new_messages_are_sent(served: Served) -> None:
    asked = "Who came, and with what did they come, and when was it that they came?"
    post(served, "update", key="talk", system_prompt=RULES)
    whole = [{"role": "system", "content": RULES}, {"role": "user", "content": asked}]
    first = served.client.post(
        "/v1/chat/completions",
        json={"messages": whole[1:], "prompt_cache_key": "talk", "prompt_cache_mode": "append"},
    ).json()
    said = first["choices"][0]["message"]["content"]
    assert said == RULES + asked  # the fake model says what it was asked
    second = served.client.post(
        "/v1/chat/completions",
        json={
            "messages": [{"role": "user", "content": "And then?"}],
            "prompt_cache_key": "talk",
            "prompt_cache_mode": "append",
        },
    )
    assert second.json()["choices"][0]["message"]["content"] == RULES + asked + said + "And then?"
    assert cached(second) >= len(RULES + asked) - 1


def test_chats_that_append_at_once_each_leave_their_turn() -> None:
    with serving(load_fake("echo,step_ms=1")) as served:
        post(served, "update", key="talk", system_prompt=RULES)
        wish = {"prompt_cache_key": "talk", "prompt_cache_mode": "append", "max_tokens": 8}
        bodies = [{"messages": [{"role": "user", "content": f"<{turn}>"}], **wish} for turn in range(3)]
        chats = [
            threading.Thread(target=lambda body=body: served.client.post("/v1/chat/completions", json=body))
            for body in bodies
        ]
        for chat in chats:
            chat.start()
        for chat in chats:
            chat.join(20)
        last = {"messages": [{"role": "user", "content": "?"}], **wish, "max_tokens": 2_000}
        said = served.client.post("/v1/chat/completions", json=last).json()["choices"][0]["message"]["content"]
        assert all(said.count(f"<{turn}>") == 1 for turn in range(3))
        assert said.count(RULES[:8]) == 4  # the rules, and the beginning of three answers


def test_without_append_messages_are_the_truth_whatever_the_key_stands_for(served: Served) -> None:
    post(served, "update", key="talk", system_prompt=RULES)
    body = {"messages": [{"role": "user", "content": "Something else?"}], "prompt_cache_key": "talk"}
    answer = served.client.post("/v1/chat/completions", json=body).json()
    assert answer["choices"][0]["message"]["content"] == "Something else?"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt_cache_retention", "for ever"),
        ("prompt_cache_retention", "0h"),
        ("prompt_cache_mode", "guess"),
        ("prompt_cache_binding", "file"),
        ("prompt_cache_key", "k" * 513),
    ],
)
def test_a_cache_wish_that_cannot_be_honoured_is_named(served: Served, field: str, value: str) -> None:
    answer = served.chat("hello", **{field: value})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)


def test_append_needs_a_key(served: Served) -> None:
    answer = served.chat("hello", prompt_cache_mode="append")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt_cache_key")


def test_a_retention_is_the_keys_time_to_live(served: Served) -> None:
    served.chat(RULES, prompt_cache_key="k", prompt_cache_retention="24h")
    wait_until(lambda: "k" in stats(served)["keys"], "the key stands")
    assert stats(served)["meta_by_key"]["k"]["ttl_s"] == 86_400


def test_anthropics_marks_pin_their_conversation(served: Served) -> None:
    def ask(*texts: str) -> Any:
        blocks = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": "1h"}} for text in texts]
        roles = ("user", "assistant")
        messages = [{"role": roles[place % 2], "content": [block]} for place, block in enumerate(blocks)]
        body = {"max_tokens": 400, "system": RULES, "messages": messages}
        return served.client.post("/v1/messages", json=body)

    assert ask("Who came?").status_code == 200
    wait_until(lambda: len(stats(served)["keys"]) == 1, "the key stands")
    (name,) = stats(served)["keys"]
    assert name.startswith("anthropic:")
    assert stats(served)["meta_by_key"][name]["ttl_s"] == 3600
    usage = ask("Who came?", RULES + "Who came?", "And then?").json()["usage"]
    assert usage["cache_read_input_tokens"] >= len(RULES)
    assert stats(served)["keys"] == [name]


def test_the_default_key_is_preferred_and_not_moved(served: Served) -> None:
    done = post(served, "update", key="base", system_prompt=RULES, make_default=True)
    messages = [{"role": "system", "content": RULES}, {"role": "user", "content": "Who came?"}]
    answer = served.client.post("/v1/chat/completions", json={"messages": messages})
    assert cached(answer) >= done["token_count"] - 1
    assert stats(served)["meta_by_key"]["base"]["token_count"] == done["token_count"]
