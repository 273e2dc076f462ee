"""Whether a client's conversation went as it should. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.clients.client import Call, Client
from tests.clients.exchanges import Exchange, Usage


@dataclass(frozen=True, slots=True)
class Ran:
    """What a client's process left: exit code, all that it printed, what went over the wire, and the prompt tokens that
    the endpoint says it took from its cache."""

    code: int
    output: str
    exchanges: Sequence[Exchange]
    cached_tokens: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` empty: all went well. The rest is what was seen."""

    problems: list[str]
    generations: int
    streamed: int
    longest_prompt: int
    cached_tokens: int


def judge(client: Client, ran: Ran) -> Verdict:
    """No error, nothing sent twice, a stream, usage wherever it was asked for, and a prefix taken up again."""
    generations = [exchange for exchange in ran.exchanges if exchange.generates]
    answered = [exchange for exchange in generations if exchange.status < 400]
    usages = [usage for exchange in answered if (usage := exchange.usage)]
    problems = _problems_of_process(client, ran) + _problems_of_wire(client, ran.exchanges)
    if len(generations) != client.generations:
        problems.append(f"{client.generations} answers were to be asked for, and {len(generations)} were")
    if not any(exchange.streams for exchange in answered):
        problems.append("nothing was streamed")
    problems += [f"{each.target} told no usage" for each in answered if each.wants_usage and not _is_full(each.usage)]
    if client.call and not _was_answered(client.call, generations):
        problems.append(f"the result of {client.call.tool} with {client.call.finds!r} in it never came back")
    if not _reused(usages, ran.cached_tokens):
        problems.append(f"the second turn reused no prefix: {usages}, {ran.cached_tokens} cached in all")
    return Verdict(
        problems,
        len(generations),
        sum(exchange.streams for exchange in answered),
        max((usage.prompt for usage in usages), default=0),
        ran.cached_tokens,
    )


def _problems_of_process(client: Client, ran: Ran) -> list[str]:
    problems = [f"it ended with exit code {ran.code}"] if ran.code else []
    return problems if client.says in ran.output else [*problems, f"it never printed {client.says!r}"]


def _problems_of_wire(client: Client, exchanges: Sequence[Exchange]) -> list[str]:
    problems = []
    sent: set[tuple[str, str]] = set()
    for exchange in exchanges:
        if exchange.status == 404 and exchange.path in client.unasked:
            continue
        if exchange.problem:
            problems.append(exchange.problem)
        if exchange.generates:
            same = (exchange.path, json.dumps(json.loads(exchange.request), sort_keys=True))
            problems += [f"{exchange.target} was sent twice"] if same in sent else []
            sent.add(same)
    return problems


def _was_answered(call: Call, generations: Sequence[Exchange]) -> bool:
    results = (result for exchange in generations for result in exchange.tool_results)
    return any(call.finds in json.dumps(result) for result in results)


def _is_full(usage: Usage | None) -> bool:
    return usage is not None and usage.prompt > 0 and usage.completion > 0


def _reused(usages: Sequence[Usage], cached_tokens: int) -> bool:
    """Whether a later request took half of its prompt or more from the cache; without usage, the endpoint's word."""
    return any(usage.cached * 2 >= usage.prompt for usage in usages[1:]) if usages else cached_tokens > 0
