"""Conversations that grow: one chat of eight turns, and two agents that take turns behind long prompts of their own."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping

from tests.bench.metric import Workload, seconds
from tests.bench.prompts import chat, write_prose
from tests.bench.server import Bench

TURNS = 8
SYSTEM_TOKENS = 300
QUESTION_TOKENS = 60
ANSWER_TOKENS = 48
READ_TURNS = 5
READING_S = 1.0
AGENT_TURNS = 4
AGENT_TOKENS = 1500


class _Conversation:
    """Sends each turn with everything that was said before, as clients do."""

    def __init__(self, bench: Bench, name: str, system_tokens: int) -> None:
        self._bench = bench
        self._name = name
        self._system = write_prose(system_tokens, name)
        self._turns: list[tuple[str, str]] = []

    async def ask(self) -> float:
        """The next turn; seconds to its first token."""
        question = write_prose(QUESTION_TOKENS, f"{self._name} {len(self._turns)}")
        prompt = chat(self._system, self._turns, question)
        trace = await self._bench.client.complete(prompt, ANSWER_TOKENS)
        self._turns.append((question, trace.text))
        return trace.first_token_s


async def run_chat(bench: Bench) -> Mapping[str, float]:
    conversation = _Conversation(bench, "chat", SYSTEM_TOKENS)
    waits = [await conversation.ask() for _ in range(TURNS)]
    read = _Conversation(bench, "chat that is read", SYSTEM_TOKENS)
    read_waits = [await _read_and_ask(read) for _ in range(READ_TURNS)]
    return {
        "turn 1, first token": waits[0],
        "turns 2+, first token": statistics.median(waits[1:]),
        "turns 2+, after reading": statistics.median(read_waits[1:]),
    }


async def _read_and_ask(conversation: _Conversation) -> float:
    await asyncio.sleep(READING_S)
    return await conversation.ask()


async def run_agents(bench: Bench) -> Mapping[str, float]:
    agents = [_Conversation(bench, f"agent {n}", AGENT_TOKENS) for n in range(2)]
    waits = [[await agent.ask() for agent in agents] for _ in range(AGENT_TURNS)]
    return {
        "turn 1, first token": statistics.mean(waits[0]),
        "turns 2+, first token": statistics.median(wait for turn in waits[1:] for wait in turn),
    }


_METRICS = (seconds("turn 1, first token"), seconds("turns 2+, first token", 1.0))
CHAT = Workload(
    "chat",
    f"{TURNS} turns, each with all that was said before, sent at once; then {READ_TURNS} of another chat, each "
    f"{READING_S:.0f} s after the last answer",
    (*_METRICS, seconds("turns 2+, after reading", 1.0)),
    run_chat,
)
AGENTS = Workload(
    "two agents",
    f"{AGENT_TURNS} turns each, alternating, behind {AGENT_TOKENS} tokens of their own",
    _METRICS,
    run_agents,
)
