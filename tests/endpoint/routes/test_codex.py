"""A turn with a tool in the shape in which Codex 0.169 sends it to /v1/responses: captured, and shortened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.endpoint.protocol.responses.wires import read_frames
from tests.endpoint.routes.echoing import load
from tests.endpoint.serving import Served, serving

EXEC = {
    "type": "function",
    "name": "exec_command",
    "description": "Runs a command in a PTY.",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"cmd": {"type": "string"}, "yield_time_ms": {"type": "number"}},
        "required": ["cmd"],
        "additionalProperties": False,
    },
}
CLOSE = {"type": "function", "name": "close_agent", "strict": False, "parameters": {"type": "object"}}
AGENTS = {"type": "namespace", "name": "multi_agent_v1", "description": "Sub-agents.", "tools": [CLOSE]}
SEARCH = {"type": "web_search", "external_web_access": False}


def said(role: str, text: str) -> dict[str, Any]:
    part = {"type": "output_text" if role == "assistant" else "input_text", "text": text}
    return {"type": "message", "id": f"msg_{role}", "role": role, "content": [part]}


def turn(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": "starter",
        "instructions": "",
        "input": [said("developer", "You are Codex."), said("user", "<environment_context/>"), *items],
        "tools": [EXEC, AGENTS, SEARCH],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"summary": "auto"},
        "store": False,
        "stream": True,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "01a20585-8f02",
        "client_metadata": {"thread_id": "01a20585-8f02", "x-codex-turn-metadata": "{}"},
    }


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(load) as running:
        yield running


def run(served: Served, *items: dict[str, Any]) -> dict[str, Any]:
    """The last response of a streamed turn, whose items came one by one too."""
    answer = served.client.post("/v1/responses", json=turn(*items), headers={"accept": "text/event-stream"})
    assert answer.status_code == 200, answer.text
    events = read_frames(answer.text)
    assert events[-1]["type"] == "response.completed"
    response: dict[str, Any] = events[-1]["response"]
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == response["output"]
    return response


def call(name: str, **arguments: str) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments)}}}\n</tool_call>'


def test_a_command_is_asked_for_and_its_result_read(served: Served) -> None:
    asked = said("user", f"<think>I run it.</think>{call('exec_command', cmd='echo hi')}")
    first = run(served, asked)
    made = first["output"][-1]
    assert (made["name"], json.loads(made["arguments"])) == ("exec_command", {"cmd": "echo hi"})
    result = {"type": "function_call_output", "call_id": made["call_id"], "output": "Output:\nhi\n"}
    second = run(served, asked, *first["output"], result)
    assert second["output"][-1]["content"][0]["text"].endswith("Output:\nhi")
    assert second["usage"]["input_tokens"] > first["usage"]["input_tokens"]


def test_a_namespaces_tool_comes_back_by_both_its_names(served: Served) -> None:
    made = run(served, said("user", call("multi_agent_v1__close_agent", target="x")))["output"][-1]
    assert (made["namespace"], made["name"]) == ("multi_agent_v1", "close_agent")


def test_a_tool_that_is_not_served_is_left_out_and_harms_nothing(served: Served) -> None:
    response = run(served, said("user", call("web_search", query="x")))
    assert [tool["type"] for tool in response["tools"]] == ["function", "namespace"]
