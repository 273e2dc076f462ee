"""The figures in GET /health: what they count, and who is told them."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator, Sequence

import httpx
import pytest

from endpoint.app import create_app
from endpoint.contract import HealthStatus
from endpoint.engine.engine import Engine
from endpoint.protocol.schemas import Health
from endpoint.providers.base import Event, Failed, Job, Provider, Reuse
from endpoint.providers.fake import FakeProvider
from endpoint.providers.options import Progress
from endpoint.settings import Settings
from tests.endpoint.guards.asgi import Answer, call
from tests.endpoint.serving import FAKE, Served, load_fake, serving, wait_until

NEW = ("requests", "rates", "prompt_cache", "last_error")
SECRET = "the prompt says hush"


def figures(served: Served) -> Health:
    return Health.model_validate(served.client.get("/health").json())


class _Failing(FakeProvider):
    """Gives up every row, and says why as a library would."""

    _jobs: tuple[int, ...] = ()

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        self._jobs += (job.id,)
        return super().submit(job, reuse)

    def step(self) -> Sequence[Event]:
        jobs, self._jobs = self._jobs, ()
        for job_id in jobs:
            self.cancel(job_id)
        return [Failed(job_id, f"The generation was given up: the library failed: {SECRET}") for job_id in jobs]


def load_failing(progress: Progress) -> Provider:
    made = load_fake()(progress)
    return _Failing(made.info, 8, 0.0)


def test_all_is_zero_or_unknown_before_the_first_request() -> None:
    with serving() as served:
        body = served.client.get("/health").json()
        assert body["requests"] == {"total": 0, "failed": 0}
        assert body["rates"] == {"prefill": 0.0, "decode": 0.0}
        assert body["prompt_cache"] == {"prompt_tokens": 0, "cached_tokens": 0, "hit_rate": None, "saved_s": None}
        assert "last_error" not in body


def test_prompts_are_counted_with_what_was_reused_of_them() -> None:
    with serving() as served:
        for _ in range(2):
            served.complete("x" * 200, max_tokens=1)
        wait_until(lambda: (told := figures(served).requests) is not None and told.total == 2, "both have ended")
        cache = figures(served).prompt_cache
        assert cache is not None
        assert (cache.prompt_tokens, cache.cached_tokens) == (400, 199)
        assert cache.hit_rate == round(199 / 400, 4)


def test_the_time_saved_follows_from_the_measured_speed() -> None:
    with serving(load_fake("echo,step_ms=20")) as served:
        for _ in range(2):
            served.complete("x" * 640, max_tokens=1)  # ten chunks, each a step of 20 ms or more
        cache = figures(served).prompt_cache
        assert cache is not None
        assert cache.saved_s is not None
        assert cache.saved_s > 0.15


def test_a_failure_is_counted_and_told_without_what_a_library_said() -> None:
    with serving(load_failing) as served:
        assert served.complete("hello").status_code == 500
        wait_until(lambda: figures(served).last_error is not None, "it is told")
        health = figures(served)
        assert health.requests is not None
        assert (health.requests.total, health.requests.failed) == (1, 1)
        assert health.last_error is not None
        assert health.last_error.message == "The generation was given up: the library failed."
        assert 0 <= time.time() - health.last_error.at_s < 60


def test_a_full_queue_is_told_as_the_last_error() -> None:
    with serving(settings=dataclasses.replace(FAKE, max_queue=0)) as served:
        assert served.complete("hello").status_code == 503
        health = figures(served)
        assert health.requests is not None
        assert (health.requests.total, health.requests.failed) == (1, 1)
        assert health.last_error is not None
        assert "refused" in health.last_error.message


def test_a_request_that_hung_up_or_was_wrong_is_no_failure() -> None:
    with serving(load_fake("echo,step_ms=5")) as served:
        assert served.complete("hello", max_tokens=-1).status_code == 400
        body = {"prompt": "x" * 500, "stream": True}
        with served.client.stream("POST", "/v1/completions", json=body) as answer:
            next(answer.iter_bytes())
        wait_until(lambda: (told := figures(served).requests) is not None and told.total == 1, "it has ended")
        health = figures(served)
        assert health.requests is not None
        assert health.requests.failed == 0
        assert health.last_error is None


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A loaded engine, for apps that are called by hand."""
    loaded = threading.Event()
    made = Engine(load_fake(), on_change=loaded.set)
    made.start()
    assert loaded.wait(20)
    yield made
    made.stop(20)


def ask(engine: Engine, client: str, headers: dict[str, str] | None = None) -> Answer:
    settings = Settings(ref=FAKE.ref, host="0.0.0.0", api_key="sk-right")
    app = create_app(engine, settings)
    given = {"host": "192.168.1.5:8001", **(headers or {})}
    return call(app, path="/health", client=(client, 5000), server=("192.168.1.5", 8001), headers=given)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk-wrong"}])
def test_others_are_told_only_how_it_stands(engine: Engine, headers: dict[str, str]) -> None:
    answer = ask(engine, "192.168.1.77", headers)
    told = Health.model_validate_json(answer.body)
    assert (answer.status, told.status) == (200, HealthStatus.HEALTHY)
    assert not [name for name in NEW if getattr(told, name) is not None]


@pytest.mark.parametrize(("client", "headers"), [("127.0.0.1", {}), ("192.168.1.77", {"x-api-key": "sk-right"})])
def test_those_who_would_be_let_in_are_told_the_figures(engine: Engine, client: str, headers: dict[str, str]) -> None:
    told = Health.model_validate_json(ask(engine, client, headers).body)
    assert told.requests is not None
    assert told.prompt_cache is not None


def test_a_required_key_holds_the_figures_back_on_this_machine_too() -> None:
    settings = dataclasses.replace(FAKE, api_key="sk-1", require_key=True)
    with serving(settings=settings) as served:
        assert "requests" not in served.client.get("/health").json()
        told = httpx.get(f"{served.url}/health", headers={"authorization": "Bearer sk-1"}).json()
        assert told["requests"] == {"total": 0, "failed": 0}
