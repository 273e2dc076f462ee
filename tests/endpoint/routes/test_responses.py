"""/v1/responses over HTTP. The fake model answers with what the user says, in the format of its template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import FunctionToolParam

from endpoint.protocol.responses.schemas import ItemList, Response
from tests.endpoint.protocol.responses.wires import check_response, read_frames
from tests.endpoint.routes.echoing import load
from tests.endpoint.serving import Served, serving

TOOL: FunctionToolParam = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object"},
    "strict": False,
}
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>'
PATCH = '<tool_call>\n{"name": "apply_patch", "arguments": {"input": "*** Begin"}}\n</tool_call>'


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(load) as running:
        yield running


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0, timeout=20) as made:
        yield made


def post(served: Served, given: object, **fields: object) -> httpx.Response:
    return served.client.post("/v1/responses", json={"model": "any", "input": given, **fields})


def ask(served: Served, given: object, **fields: object) -> Response:
    answer = post(served, given, **fields)
    assert answer.status_code == 200, answer.text
    return check_response(answer.json())


def stream(served: Served, given: object, **fields: object) -> list[dict[str, Any]]:
    answer = post(served, given, stream=True, **fields)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return read_frames(answer.text)


def text_of(response: Response) -> str:
    return "".join(part.text for item in response.output if item.type == "message" for part in item.content)


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_openais_client_reads_a_whole_response(client: openai.OpenAI) -> None:
    response = client.responses.create(model="any", input="Hello ", instructions="Be brief.")
    assert (response.output_text, response.status) == ("Hello 2", "completed")
    assert response.usage is not None
    assert response.usage.output_tokens == len("Hello 2") + 1  # a token a byte, and the end


def test_openais_client_reads_a_stream(client: openai.OpenAI) -> None:
    with client.responses.stream(model="any", input="<think>Hm.</think>Hello ") as events:
        kinds = [event.type for event in events]
        final = events.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert [item.type for item in final.output] == ["reasoning", "message"]
    assert final.output_text == "Hello 1"


def test_openais_client_puts_a_streamed_call_together(client: openai.OpenAI) -> None:
    with client.responses.stream(model="any", input=CALL, tools=[TOOL]) as events:
        final = events.get_final_response()
    (call,) = final.output
    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Rome"})


def test_a_conversation_goes_on_from_a_kept_response(served: Served) -> None:
    first = ask(served, "one ", instructions="Be brief.")
    second = ask(served, "two ", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert text_of(second) == "two 3"  # user, assistant, user: instructions are not carried over
    assert text_of(ask(served, "three ", previous_response_id=second.id)) == "three 5"


def test_a_streamed_response_is_kept_too(served: Served) -> None:
    events = stream(served, "one ")
    kept = events[-1]["response"]
    assert served.client.get(f"/v1/responses/{kept['id']}").json() == kept
    assert text_of(ask(served, "two ", previous_response_id=kept["id"])) == "two 3"


def test_a_call_and_its_result_go_round(served: Served) -> None:
    asked = ask(served, CALL, tools=[TOOL])
    (call,) = asked.output
    assert call.type == "function_call"
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    answer = ask(served, [result], previous_response_id=asked.id, tools=[TOOL])
    assert text_of(answer) == "sunny"


def test_a_custom_tools_call_streams_as_such_and_goes_round(served: Served) -> None:
    tools = [{"type": "custom", "name": "apply_patch", "description": "Edits."}]
    events = stream(served, PATCH, tools=tools)
    assert "response.custom_tool_call_input.done" in [event["type"] for event in events]
    (call,) = events[-1]["response"]["output"]
    assert (call["type"], call["name"], call["input"]) == ("custom_tool_call", "apply_patch", "*** Begin")
    result = {"type": "custom_tool_call_output", "call_id": call["call_id"], "output": "done"}
    answer = ask(served, [call, result], tools=tools, store=False)
    assert text_of(answer) == "done"


def test_one_call_at_most_where_parallel_calls_are_forbidden(served: Served) -> None:
    response = ask(served, f"{CALL}\n{CALL}", tools=[TOOL], parallel_tool_calls=False)
    assert [item.type for item in response.output] == ["function_call"]


def test_a_limit_makes_it_incomplete(served: Served) -> None:
    events = stream(served, "Hello", max_output_tokens=3)
    assert events[-1]["type"] == "response.incomplete"
    response = Response.model_validate(events[-1]["response"])
    assert text_of(response) == "Hel"
    assert response.incomplete_details is not None


def test_what_is_not_stored_is_not_found(served: Served) -> None:
    response = ask(served, "one", store=False)
    assert error_of(served.client.get(f"/v1/responses/{response.id}"), 404)["code"] == "response_not_found"
    error = error_of(post(served, "two", previous_response_id=response.id), 400)
    assert (error["param"], error["code"]) == ("previous_response_id", "previous_response_not_found")


def test_a_kept_response_can_be_shown_listed_and_deleted(served: Served, client: openai.OpenAI) -> None:
    first = ask(served, "one ")
    second = ask(served, "two ", previous_response_id=first.id)
    assert client.responses.retrieve(second.id).output_text == "two 3"
    listed = served.client.get(f"/v1/responses/{second.id}/input_items", params={"order": "asc"}).json()
    ItemList.model_validate(listed)
    assert [item["content"][0]["text"] for item in listed["data"]] == ["one ", "one 1", "two "]
    paged = list(client.responses.input_items.list(second.id, limit=1))
    assert [item.id for item in paged] == [item["id"] for item in reversed(listed["data"])]
    client.responses.delete(second.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(second.id)
    assert client.responses.retrieve(first.id).id == first.id


def test_an_item_of_a_kept_response_can_be_referred_to(served: Served) -> None:
    first = ask(served, "one ")
    given = [{"type": "item_reference", "id": first.output[0].id}, {"role": "user", "content": "two "}]
    assert text_of(ask(served, given)) == "two 2"


@pytest.mark.parametrize(("query", "param"), [("limit=0", "limit"), ("order=up", "order"), ("after=x", "after")])
def test_a_bad_page_is_named(served: Served, query: str, param: str) -> None:
    response = ask(served, "one")
    assert error_of(served.client.get(f"/v1/responses/{response.id}/input_items?{query}"), 400)["param"] == param


def test_what_is_not_served_says_so(served: Served) -> None:
    response = ask(served, "one")
    assert "background" in error_of(served.client.post(f"/v1/responses/{response.id}/cancel"), 400)["message"]
    assert error_of(served.client.get(f"/v1/responses/{response.id}?stream=true"), 400)["param"] == "stream"
    assert served.client.delete("/v1/responses/resp_none").status_code == 404
    assert served.client.get("/v1/responses/resp_none/input_items").status_code == 404
    assert served.client.post("/v1/responses/compact", json={}).status_code in {404, 405}


def test_a_prompt_that_doesnt_fit_is_refused_as_input_also_with_truncation(served: Served) -> None:
    for fields in ({}, {"truncation": "auto"}, {"stream": True}):
        error = error_of(post(served, "x" * 5_000, **fields), 400)
        assert (error["code"], error["param"]) == ("context_length_exceeded", "input")


def test_a_failure_after_the_beginning_is_an_event(served: Served) -> None:
    events = stream(served, "x" * 1_000, timeout=1e-9)
    assert [event["type"] for event in events[-2:]] == ["error", "response.failed"]
    assert events[-2]["code"] == "deadline_exceeded"
    assert served.client.get(f"/v1/responses/{events[-1]['response']['id']}").status_code == 404
