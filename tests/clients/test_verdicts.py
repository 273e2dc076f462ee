"""A conversation that isn't as it should be is told for what it is."""

from __future__ import annotations

from dataclasses import replace

from tests.clients.client import Api, Call, Client, Model, Registry
from tests.clients.exchanges import Exchange
from tests.clients.test_exchanges import exchange, stream
from tests.clients.verdicts import Ran, judge

CLIENT = Client("it", Registry.PYPI, ("it==1.0",), Api.CHAT, Model.STARTER, generations=2, says="well")


def used(prompt: int, cached: int) -> dict[str, object]:
    details = {"cached_tokens": cached}
    return {"usage": {"prompt_tokens": prompt, "completion_tokens": 1, "prompt_tokens_details": details}}


FIRST = stream(used(10, 0), "[DONE]", asked={"turn": 1})
SECOND = exchange(used(20, 12), asked={"turn": 2})
WELL = Ran(0, "all went well", (FIRST, SECOND), 12)


def problems(ran: Ran, client: Client = CLIENT) -> str:
    return "; ".join(judge(client, ran).problems)


def test_two_turns_with_a_stream_usage_and_reuse_are_well() -> None:
    verdict = judge(CLIENT, WELL)
    assert verdict.problems == []
    assert (verdict.generations, verdict.streamed, verdict.longest_prompt) == (2, 1, 20)


def test_an_exit_code_and_a_missing_answer_are_told() -> None:
    assert "exit code 3" in problems(replace(WELL, code=3))
    assert "never printed 'well'" in problems(replace(WELL, output="nothing"))


def test_a_request_sent_twice_is_told_whatever_the_order_of_its_fields() -> None:
    again = [Exchange("POST", FIRST.target, text, 200, "", b"{}") for text in (b'{"a":1,"b":2}', b'{"b":2,"a":1}')]
    assert "sent twice" in problems(replace(WELL, exchanges=(FIRST, SECOND, *again)))


def test_an_error_is_told_unless_the_client_may_try_that_path() -> None:
    missing = replace(exchange({}, target="/v1/props", status=404), method="GET")
    ran = replace(WELL, exchanges=(FIRST, SECOND, missing))
    assert "GET /v1/props answered 404" in problems(ran)
    assert problems(ran, replace(CLIENT, unasked=("/v1/props",))) == ""


def test_no_stream_too_many_answers_and_no_usage_are_told() -> None:
    told = problems(replace(WELL, exchanges=(exchange({}), SECOND, SECOND)))
    for problem in ("nothing was streamed", "2 answers were to be asked for, and 3 were", "told no usage"):
        assert problem in told


def test_a_second_turn_computed_anew_is_told() -> None:
    assert "reused no prefix" in problems(replace(WELL, exchanges=(FIRST, exchange(used(20, 9), asked={"turn": 2}))))


def test_without_usage_the_endpoint_s_own_count_of_cached_tokens_counts() -> None:
    turns = tuple(stream("[DONE]", asked={"turn": turn}) for turn in (1, 2))
    assert problems(replace(WELL, exchanges=turns)) == ""
    assert "reused no prefix" in problems(replace(WELL, exchanges=turns, cached_tokens=0))


def test_a_tool_s_result_that_never_came_back_is_told() -> None:
    client = replace(CLIENT, call=Call("read", "path", "notes.txt", finds="seven apples"))
    assert "the result of read with 'seven apples' in it never came back" in problems(WELL, client)
    asked = {"messages": [{"role": "tool", "content": "seven apples"}]}
    assert problems(replace(WELL, exchanges=(FIRST, exchange(used(20, 12), asked=asked))), client) == ""
