"""The cache never changes what a model says whose state can't be cut either: alone, each answer is a fresh engine's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.engine.engine import Engine
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Finish
from endpoint.providers.base import MemoryKind, Provider, Sampling
from endpoint.providers.llamacpp.loader import load
from endpoint.providers.options import LoadOptions, Progress
from endpoint.text.prompt import PromptWriter
from tests.endpoint.engine.rig import Answer, read, running
from tests.tiny.gemma import locate_gemma
from tests.tiny.models import write_tiny

GREEDY = Sampling(temperature=0)
SEEDED = Sampling(temperature=0.8, top_k=40, top_p=0.95, min_p=0.05, seed=11)
TOKENS = 64
KINDS = [kind for kind in MemoryKind if kind is not MemoryKind.ATTENTION]


@dataclass(frozen=True)
class Chat:
    """A conversation: a system message, then questions and answers in turn."""

    system: str
    turns: tuple[str, ...]
    sampling: Sampling = GREEDY

    def messages(self) -> list[Message]:
        roles = (Role.USER, Role.ASSISTANT)
        turns = [Message(roles[place % 2], (TextPart(text),)) for place, text in enumerate(self.turns)]
        return [Message(Role.SYSTEM, (TextPart(self.system),)), *turns]


def loader(path: Path) -> Callable[[Progress], Provider]:
    return lambda _progress: load(str(path), LoadOptions(n_ctx=4096, parallel=4, threads=1), lambda _share: None)


async def ask(engine: Engine, chat: Chat) -> Answer:
    prompt = await PromptWriter().write_chat(engine.model(), chat.messages(), {})
    assert prompt.boundaries
    return await read(
        engine.submit(GenerationRequest(prompt.tokens, TOKENS, chat.sampling, checkpoints=prompt.boundaries))
    )


def answers(path: Path, chats: list[Chat], *, cache_bytes: int = 1 << 30) -> list[Answer]:
    async def scenario() -> list[Answer]:
        async with running(load=loader(path), cache_bytes=cache_bytes) as engine:
            return [await ask(engine, chat) for chat in chats]

    return asyncio.run(scenario())


def cached(answer: Answer) -> int:
    assert isinstance(answer.end, Finish)
    return answer.end.usage.cached_tokens


def converse(system: str, sampling: Sampling) -> list[Chat]:
    """A question, the same again, another, the first one's next turns, and the first once more."""
    first, other = Chat(system, ("How many ships?",), sampling), Chat(system, ("And which keeper?",), sampling)
    second = Chat(system, (*first.turns, "There were nine ships, all told.", "When was that?"), sampling)
    third = Chat(system, (*second.turns, "On a Monday.", "Who saw them?"), sampling)
    return [first, first, other, second, third, first]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.value)
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / f"{request.param.value}.gguf"
    write_tiny(request.param, path)
    return path


@pytest.mark.parametrize("sampling", [GREEDY, SEEDED], ids=["greedy", "seeded"])
def test_turns_resends_and_other_questions_are_warm_and_the_same(tiny: Path, sampling: Sampling) -> None:
    chats = converse("The keeper counts the ships. " * 15, sampling)
    cold, warm = answers(tiny, chats, cache_bytes=0), answers(tiny, chats)
    assert [cached(answer) for answer in cold] == [0] * len(chats)
    assert all(cached(answer) > 350 for answer in warm[1:]), [cached(answer) for answer in warm]
    assert [answer.text for answer in warm] == [answer.text for answer in cold]


def test_clients_that_come_together_compute_their_system_prompt_once(tiny: Path) -> None:
    chats = [Chat("The keeper counts the ships. " * 15, (f"{name}: how many?",)) for name in ("Ann", "Bo", "Cy", "Di")]

    async def scenario() -> list[Answer]:
        async with running(load=loader(tiny)) as engine:
            return list(await asyncio.gather(*(ask(engine, chat) for chat in chats)))

    together = asyncio.run(scenario())
    assert sum(cached(answer) == 0 for answer in together) == 1
    assert sum(cached(answer) > 350 for answer in together) == 3


@pytest.mark.slow_suite
def test_on_a_real_model_with_sliding_windows_too() -> None:
    system = "The keeper of the harbour counts the ships and writes them down in a blue book. " * 36
    first = Chat(system, ("How many?",))
    other = Chat(system, ("Tell me of the book.",), SEEDED)
    second = Chat(system, (*first.turns, "Nine.", "And what colour was it?"))
    path = locate_gemma()
    cold = answers(path, [other, second], cache_bytes=0)
    fresh, resent, *warm = answers(path, [first, first, other, second])
    assert cached(fresh) == 0
    assert all(cached(answer) > 512 for answer in (resent, *warm)), "the window has moved on"
    assert resent.text == fresh.text
    assert [answer.text for answer in warm] == [answer.text for answer in cold]
