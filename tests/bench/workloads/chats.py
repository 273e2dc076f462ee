"""Conversations that grow: one chat, and two agents that take turns behind long prompts of their own."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench.metric import Workload, seconds
from tests.bench.prompts import chat, write_prose
from tests.bench.server import Bench

TURNS = 8
READ_TURNS = 5
READING_S = 1.0
AGENT_TURNS = 4
AGENT_TOKENS = 1500


@dataclass(frozen=True, slots=True)
class Lengths:
    """Tokens of a conversation's parts, more or less."""

    system: int
    question: int
    answer: int


CHAT_LENGTHS = Lengths(system=300, question=60, answer=48)
AGENT_LENGTHS = Lengths(AGENT_TOKENS, CHAT_LENGTHS.question, CHAT_LENGTHS.answer)


class _Conversation:
    """Sends each turn with everything that was said before, as clients do."""

    def __init__(self, bench: Bench, name: str, lengths: Lengths) -> None:
        self._bench = bench
        self._name = name
        self._lengths = lengths
        self._system = write_prose(lengths.system, name)
        self._turns: list[tuple[str, str]] = []

    async def ask(self) -> float:
        """The next turn; seconds to its first token."""
        question = write_prose(self._lengths.question, f"{self._name} {len(self._turns)}")
        prompt = chat(self._system, self._turns, question)
        trace = await self._bench.client.complete(prompt, self._lengths.answer)
        self._turns.append((question, trace.text))
        return trace.first_token_s


@dataclass(frozen=True, slots=True)
class _Chat:
    turns: int
    lengths: Lengths

    async def run(self, bench: Bench) -> Mapping[str, float]:
        conversation = _Conversation(bench, "chat", self.lengths)
        waits = [await conversation.ask() for _ in range(self.turns)]
        return {"turn 1, first token": waits[0], "turns 2+, first token": statistics.median(waits[1:])}


async def run_chat(bench: Bench) -> Mapping[str, float]:
    sent_at_once = await _Chat(TURNS, CHAT_LENGTHS).run(bench)
    read = _Conversation(bench, "chat that is read", CHAT_LENGTHS)
    read_waits = [await _read_and_ask(read) for _ in range(READ_TURNS)]
    return {**sent_at_once, "turns 2+, after reading": statistics.median(read_waits[1:])}


async def _read_and_ask(conversation: _Conversation) -> float:
    await asyncio.sleep(READING_S)
    return await conversation.ask()


async def run_agents(bench: Bench) -> Mapping[str, float]:
    agents = [_Conversation(bench, f"agent {n}", AGENT_LENGTHS) for n in range(2)]
    waits = [[await agent.ask() for agent in agents] for _ in range(AGENT_TURNS)]
    return {
        "turn 1, first token": statistics.mean(waits[0]),
        "turns 2+, first token": statistics.median(wait for turn in waits[1:] for wait in turn),
    }


_METRICS = (seconds("turn 1, first token"), seconds("turns 2+, first token", 1.0))


def chat_at_once(turns: int, lengths: Lengths) -> Workload:
    """A chat whose turns follow each other without a pause."""
    return Workload(
        "chat", f"{turns} turns, each with all that was said before, sent at once", _METRICS, _Chat(turns, lengths).run
    )


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
