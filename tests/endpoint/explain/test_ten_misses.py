"""Ten ways to miss the prompt cache, over HTTP: the reason that is given names the message and the place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from endpoint.cache.disk.folder import FolderStore, open_folder
from endpoint.cache.disk.store import DiskBudget, Post
from endpoint.providers.base import Provider
from endpoint.providers.fingerprint import make_fingerprint
from endpoint.providers.options import Progress
from tests.endpoint.serving import Served, load_fake, serving

RULES = "You keep the harbour's book. Write down each ship, its port and what it carries, and be brief about it. "
CLOCK = RULES + "It is {} now. Begin."
Messages = list[dict[str, str]]


def chat(system: str, *turns: str) -> Messages:
    roles = ("user", "assistant")
    return [
        {"role": "system", "content": system},
        *({"role": roles[place % 2], "content": text} for place, text in enumerate(turns)),
    ]


def ask(served: Served, messages: Messages, **fields: object) -> str:
    """The answer's id."""
    body = {"messages": messages, "max_tokens": 4, **fields}
    answer = served.client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-prompt-cache"].startswith("hit=")
    return str(answer.json()["id"])


def explain(served: Served, number: str) -> Any:
    answer = served.client.get("/acore/prompt_cache/explain", params={"request_id": number})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


def test_a_timestamp(served: Served) -> None:
    ask(served, chat(CLOCK.format("10:41"), "A ship."))
    told = explain(served, ask(served, chat(CLOCK.format("10:52"), "A ship.")))
    at = CLOCK.index("{}") + len("10:")
    assert told["summary"] == f"Message 0 (system) changed at character {at}: a timestamp."
    assert told["divergence"]["message"] == {"index": 0, "role": "system", "character": at}
    assert told["divergence"]["text_before"].endswith("It is 10:")
    assert told["divergence"]["earlier_text"].startswith("41 now.")
    assert told["divergence"]["new_text"].startswith("52 now.")
    assert (told["miss"], told["divergence"]["token"]) == ("diverged", told["shared_tokens"])


TOOL = {"type": "object", "properties": {"city": {"type": "string"}, "day": {"type": "string"}}}


def offer(*names: str, parameters: object = TOOL) -> list[dict[str, object]]:
    return [
        {"type": "function", "function": {"name": name, "description": f"Tells of {name}.", "parameters": parameters}}
        for name in names
    ]


def test_reordered_tools(served: Served) -> None:
    ask(served, chat(RULES, "A ship."), tools=offer("weather", "tides"))
    told = explain(served, ask(served, chat(RULES, "A ship."), tools=offer("tides", "weather")))
    assert told["summary"] == "The tools are the same, in another order."
    assert told["divergence"]["earlier_text"] != told["divergence"]["new_text"]


def test_a_changed_tool_schema(served: Served) -> None:
    ask(served, chat(RULES, "A ship."), tools=offer("weather"))
    changed = {**TOOL, "properties": {"city": {"type": "string"}, "day": {"type": "integer"}}}
    told = explain(served, ask(served, chat(RULES, "A ship."), tools=offer("weather", parameters=changed)))
    assert told["summary"] == "The tool weather changed at parameters.properties.day.type."


def test_blanks(served: Served) -> None:
    ask(served, chat(RULES, "Write down the ship's name."))
    told = explain(served, ask(served, chat(RULES, "Write down  the ship's name.")))
    assert told["summary"] == "Message 1 (user) changed at character 11: blanks only."


def test_another_system_prompt(served: Served) -> None:
    ask(served, chat(RULES, "A ship."))
    told = explain(served, ask(served, chat("Another rule is that one has to speak in rhymes.", "A ship.")))
    assert told["miss"] in {"new", "diverged"}
    if told["miss"] == "diverged":
        assert told["divergence"]["message"]["index"] == 0
    told = explain(served, ask(served, chat("You write poems about ships that never came home.", "A ship.")))
    assert told["divergence"]["message"] == {"index": 0, "role": "system", "character": len("You ")}


def test_a_trimmed_history(served: Served) -> None:
    turns = ["Which ship came?", "The Mary came.", "When did she come?", "At noon.", "And who saw her?"]
    ask(served, chat(RULES, *turns))
    told = explain(served, ask(served, chat(RULES, *turns[2:], "Nobody.", "Why?")))
    assert told["summary"] == "The history was trimmed: messages 1 to 2 are left out of what came before."
    assert told["divergence"]["message"]["index"] == 1


def load_with_template(template: str) -> Callable[[Progress], Provider]:
    """The fake provider, of another fingerprint."""

    def load(progress: Progress) -> Provider:
        provider = load_fake()(progress)
        return Retemplated(provider, template)

    return load


class Retemplated:
    """A provider whose model has another chat template."""

    def __init__(self, provider: Provider, template: str) -> None:
        self._provider = provider
        self.info = replace(provider.info, chat_template=template)
        self.fingerprint = make_fingerprint({"of": provider.fingerprint, "template": template})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)


def test_another_template(tmp_path: Path) -> None:
    def open_store(fingerprint: str, origin: Mapping[str, str], post: Post) -> FolderStore:
        return open_folder(tmp_path, DiskBudget(1 << 30), fingerprint, origin, post)

    messages = chat(RULES * 4, "A ship.")
    with serving(open_store=open_store) as served:
        ask(served, messages)
    with serving(open_store=open_store) as served:
        told = explain(served, ask(served, messages))
        assert (told["tier"], told["miss"]) == ("disk", "nothing")
    other = load_with_template("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}")
    with serving(other, open_store=open_store) as served:
        told = explain(served, ask(served, messages))
        assert (told["miss"], told["cached_tokens"]) == ("other_model", 0)
        assert "chat template" in told["summary"]


def test_an_eviction() -> None:
    with serving(cache_bytes=200) as served:
        ask(served, chat(RULES, "A ship."))
        ask(served, chat("\N{GREEK SMALL LETTER OMEGA}" * 70, "Another."))
        told = explain(served, ask(served, chat(RULES, "A ship.")))
        assert (told["miss"], told["cached_tokens"]) == ("evicted", 0)
        assert "RAM budget" in told["summary"]


def test_a_time_that_was_up(served: Served) -> None:
    body = {"key": "agent", "system_prompt": RULES, "ttl_s": 0.05}
    assert served.client.post("/acore/prompt_cache/update", json=body).status_code == 200
    time.sleep(0.06)  # the time itself is what is tested
    told = explain(served, ask(served, chat(RULES, "A ship."), prompt_cache_key="agent"))
    assert told["miss"] == "expired"
    assert "the key 'agent' expired" in told["summary"]


def test_a_restart() -> None:
    with serving() as before:
        ask(before, chat(RULES, "A ship."))
    with serving() as after:
        told = explain(after, ask(after, chat(RULES, "A ship.")))
        assert told["miss"] == "new"
        assert "the endpoint was started" in told["summary"]
        assert "nothing is saved on disk" in told["summary"]
