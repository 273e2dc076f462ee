"""What every provider does with a job whose tokens are limited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from endpoint.providers.base import Failed, Job, Provider, Sampled, Sampling
from tests.endpoint.providers.driving import make_job

TEXT = "The keeper of the lighthouse counts the ships and"


@dataclass
class Script:
    """Allows a set of tokens at each place, and then only an end token; forces where there is only one."""

    places: Sequence[frozenset[int]]
    end: int
    n_vocab: int
    forces: bool = True
    taken: list[int] = field(default_factory=list)

    def _allowed(self) -> frozenset[int]:
        return self.places[len(self.taken)] if len(self.taken) < len(self.places) else frozenset({self.end})

    def forced(self) -> Sequence[int]:
        found: list[int] = []
        while self.forces and len(self.taken) + len(found) <= len(self.places):
            place = len(self.taken) + len(found)
            allowed = self.places[place] if place < len(self.places) else frozenset({self.end})
            if len(allowed) > 1:
                break
            found += allowed
        return found

    def allows(self, token: int) -> bool:
        return token in self._allowed()

    def mask(self) -> bytes:
        bits = sum(1 << token for token in self._allowed())
        return bits.to_bytes(4 * -(-self.n_vocab // 32), "little")

    def accept(self, token: int) -> None:
        assert token in self._allowed()
        self.taken.append(token)


@dataclass
class Broken:
    """Goes by a script, until one of its methods raises when a token is taken."""

    script: Script
    where: str

    def _call(self, name: str) -> Script:
        if name == self.where and self.script.taken:
            raise ValueError("the script is wrong")
        return self.script

    def forced(self) -> Sequence[int]:
        return self._call("forced").forced()

    def allows(self, token: int) -> bool:
        return self._call("allows").allows(token)

    def mask(self) -> bytes:
        return self._call("mask").mask()

    def accept(self, token: int) -> None:
        self._call("accept").accept(token)


def make_script(provider: Provider, *places: str, forces: bool = True) -> Script:
    """A place for each text: any of its tokens."""
    sets = [frozenset(provider.tokenizer.encode(text, add_bos=False)) for text in places]
    end = next(token for token in range(provider.info.n_vocab) if provider.tokenizer.is_end(token))
    return Script(sets, end, provider.info.n_vocab, forces)


def collect(provider: Provider, *jobs: Job) -> dict[int, list[int | str]]:
    """All that the provider tells of each job, end tokens too; a failure's message is its last."""
    told: dict[int, list[int | str]] = {job.id: [] for job in jobs}
    waiting = {job.id: job for job in jobs}
    while waiting:
        for event in provider.step():
            job = waiting.get(event.job_id)
            if job is None:
                continue
            told[job.id].append(event.token if isinstance(event, Sampled) else event.message)
            over = isinstance(event, Failed) or provider.tokenizer.is_end(event.token)
            if over or len(told[job.id]) >= job.max_tokens:
                provider.cancel(job.id)
                del waiting[job.id]
    return told


DRAWN = Sampling(temperature=1.0, seed=7)
GREEDY = Sampling(temperature=0.0)


def start(provider: Provider, script: Script | None, max_tokens: int = 16, sampling: Sampling = DRAWN) -> Job:
    job = replace(make_job(provider, TEXT, max_tokens, sampling), constraint=script)
    provider.submit(job)
    return job


@pytest.mark.parametrize(
    "sampling",
    [
        DRAWN,
        GREEDY,
        replace(DRAWN, top_k=1),
        replace(DRAWN, top_p=0.1),
        replace(DRAWN, min_p=0.9),
        replace(DRAWN, repeat_penalty=1.3, presence_penalty=1.0),
    ],
    ids=["random", "greedy", "top_k", "top_p", "min_p", "penalties"],
)
def test_only_allowed_tokens_come_and_each_is_told_once(provider: Provider, sampling: Sampling) -> None:
    script = make_script(provider, "xyzw", "0123456789", "klm", forces=False)
    job = start(provider, script, sampling=sampling)
    assert collect(provider, job)[job.id] == script.taken
    assert len(script.taken) == 4
    assert script.taken[-1] == script.end


def test_what_is_certain_comes_without_choice_and_ends_at_the_limit(provider: Provider) -> None:
    script = make_script(provider, *"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz")
    job = start(provider, script, max_tokens=40)
    told = collect(provider, job)[job.id]
    assert told == [*script.taken[:40]]
    assert len(told) == 40


def test_certain_tokens_and_drawn_ones_take_turns(provider: Provider) -> None:
    script = make_script(provider, *"abcd", "0123456789", *"efgh", "xyz", "xyz", *"ijkl")
    job = start(provider, script, max_tokens=30)
    assert collect(provider, job)[job.id] == script.taken
    assert len(script.taken) == 16


def test_the_answer_is_the_same_whether_certain_tokens_are_forced_or_masked(provider: Provider) -> None:
    if not provider.caps.batch_invariant and provider.info.id != "echo":
        pytest.skip("this build rounds otherwise for one token than for many")
    places = (*"abcd", "0123456789", *"efgh", "0123456789", *"ijkl", "0123456789")
    taken = []
    for forces in (True, False):
        script = make_script(provider, *places, forces=forces)
        collect(provider, start(provider, script, sampling=GREEDY))
        taken.append(script.taken)
    assert taken[0] == taken[1]


@pytest.mark.parametrize("where", ["forced", "allows", "mask", "accept"])
def test_a_constraint_that_raises_fails_its_own_job_alone(provider: Provider, where: str) -> None:
    free = provider.capacity()
    decoding = start(provider, None, max_tokens=8)
    while not provider.step():
        pass
    script = Broken(make_script(provider, "xyz", "xyz", "0123", "xyz", forces=False), where)
    broken = replace(make_job(provider, TEXT, 16, DRAWN), constraint=script)
    provider.submit(broken)
    joining = make_job(provider, TEXT * 12, 6)
    provider.submit(joining)
    told = collect(provider, decoding, broken, joining)
    message = told[broken.id][-1]
    assert isinstance(message, str)
    assert "the script is wrong" in message
    assert (len(told[decoding.id]), len(told[joining.id])) == (8, 6)
    assert provider.capacity() == free


def test_rows_beside_a_limited_one_go_on_as_ever(provider: Provider) -> None:
    free = start(provider, None, max_tokens=8, sampling=GREEDY)
    limited = start(provider, make_script(provider, "xyz", "0123", *"abcdef", "xyz"), sampling=GREEDY)
    told = collect(provider, free, limited)
    assert len(told[free.id]) == 8
    assert len(told[limited.id]) == 10


def test_a_limited_token_tells_its_log_probability_like_any_other(provider: Provider) -> None:
    script = make_script(provider, *"abcd", "xyz")
    job = replace(make_job(provider, TEXT, 16, DRAWN), constraint=script, logprobs=2)
    provider.submit(job)
    told: list[int] = []
    while len(told) < 6:
        for event in provider.step():
            assert isinstance(event, Sampled)
            assert event.logprobs is not None
            assert event.logprobs.token == event.token
            assert len(event.logprobs.top) == 2
            told.append(event.token)
    provider.cancel(job.id)
    assert told[:6] == script.taken[:6]
