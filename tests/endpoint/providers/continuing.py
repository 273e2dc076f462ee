"""A process of its own that takes up a saved prefix and goes on: what a restart does, in small. It closes its provider
with a job in flight and the prefix held, as a stop may.

Run as `python -m tests.endpoint.providers.continuing`; an Errand as JSON comes on standard input, an Outcome goes out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from endpoint.contract import ModelRef
from endpoint.providers.base import Job, Reuse
from endpoint.providers.state_file import read_state
from tests.endpoint.providers.driving import GREEDY, finish, opened

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Errand:
    """Answer a prompt greedily, once for each depth of the state in a file."""

    provider: str
    model: str
    prompt: tuple[int, ...]
    max_tokens: int
    state: str
    depths: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """The answers in the order of the depths, and what was not computed for them."""

    answers: list[list[int]]
    reused: list[int]


def run_elsewhere(errand: Errand) -> Outcome:
    """In a process of its own, which must end with code 0 and complain of nothing."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.endpoint.providers.continuing"],
        input=json.dumps(asdict(errand)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return Outcome(**json.loads(ended.stdout))


def continue_here(errand: Errand) -> Outcome:
    """In this process."""
    outcome = Outcome([], [])
    with opened(ModelRef(errand.provider, errand.model)) as provider:
        prefix = provider.restore(read_state(Path(errand.state), provider.fingerprint))
        assert prefix is not None
        for number, depth in enumerate(errand.depths):
            job = Job(number, tuple(errand.prompt), errand.max_tokens, GREEDY)
            outcome.reused.append(provider.submit(job, Reuse(prefix, depth)))
            outcome.answers.append(finish(provider, [job])[job.id])
        provider.submit(Job(len(errand.depths), tuple(errand.prompt), errand.max_tokens, GREEDY))
        provider.step()
    return outcome


if __name__ == "__main__":
    fields = json.load(sys.stdin)
    json.dump(asdict(continue_here(Errand(**fields))), sys.stdout)
