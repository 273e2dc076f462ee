"""GET /metrics over a real server and engine with the fake provider, read by prometheus-client's own parser."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from endpoint.contract import ModelRef
from endpoint.settings import Settings
from tests.endpoint.scraping import parse
from tests.endpoint.serving import FAKE, Served, load_fake, serving, serving_while_it_loads, wait_until

DOCS = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


def scrape(served: Served) -> dict[str, float]:
    response = served.client.get("/metrics")
    assert response.status_code == 200
    return parse(response.text)


def wait_for_one(served: Served, outcome: str) -> None:
    name = f'traypoint_requests_total{{outcome="{outcome}"}}'
    wait_until(lambda: scrape(served)[name] == 1, f"one request ended so: {outcome}")


def test_everything_is_there_and_zero_before_the_first_request() -> None:
    with serving() as served:
        values = scrape(served)
        assert values["traypoint_healthy"] == 1
        assert values["traypoint_kv_cells_total"] == 4096 * 8
        assert values["traypoint_threads"] == 1
        for name in ("prompt_tokens_computed", "prompt_tokens_cached", "cache_hits", "generated_tokens"):
            assert values[f"traypoint_{name}_total"] == 0
        assert values['traypoint_requests_total{outcome="stop"}'] == 0
        assert values["traypoint_step_seconds_count"] == 0


def test_requests_tokens_and_steps_are_counted() -> None:
    with serving() as served:
        served.complete("hello")
        served.complete("hello", max_tokens=2)
        # The answer is sent within the step that ends it; what the step has freed is told right after.
        wait_until(lambda: scrape(served)["traypoint_kv_cells_used"] == 0, "the cells are free")
        values = scrape(served)
        assert values['traypoint_requests_total{outcome="stop"}'] == 1
        assert values['traypoint_requests_total{outcome="length"}'] == 1
        assert values["traypoint_prompt_tokens_computed_total"] == 10
        assert values["traypoint_generated_tokens_total"] == 6 + 2
        assert values["traypoint_step_seconds_count"] == 10  # a prefill and the tokens, of each
        assert values['traypoint_step_seconds_bucket{le="+Inf"}'] == 10
        assert values["traypoint_decode_tokens_per_second"] > 0


def test_a_prompt_that_comes_again_is_counted_as_saved() -> None:
    prompt = "the same long prompt " * 20
    with serving() as served:
        served.complete(prompt, max_tokens=1)
        wait_until(lambda: scrape(served)["traypoint_requests_active"] == 0, "the first one's row is free")
        served.complete(prompt, max_tokens=1)
        wait_until(lambda: scrape(served)["traypoint_requests_active"] == 0, "the second one's row is free")
        values = scrape(served)
        cached = values["traypoint_prompt_tokens_cached_total"]
        assert cached > len(prompt) / 2
        assert cached + values["traypoint_prompt_tokens_computed_total"] == 2 * len(prompt)
        assert (values["traypoint_cache_lookups_total"], values["traypoint_cache_hits_total"]) == (2, 1)


def test_what_runs_what_waits_and_what_hung_up_is_told_apart() -> None:
    with serving(load_fake("echo,step_ms=20", parallel=1)) as served:
        body = {"prompt": "x" * 2000, "stream": True}
        # A client of its own, that closes its one connection with it; the answer itself would take 40 s.
        with (
            httpx.Client(base_url=served.url, timeout=20) as leaving,
            leaving.stream("POST", "/v1/completions", json=body) as running,
        ):
            chunks = running.iter_bytes()  # kept: letting go of it would close the connection
            next(chunks)
            wait_until(lambda: scrape(served)["traypoint_kv_cells_used"] > 0, "the first one runs")
            assert scrape(served)["traypoint_requests_active"] == 1
            waiting = threading.Thread(target=lambda: served.complete("late", max_tokens=1))
            waiting.start()
            wait_until(lambda: scrape(served)["traypoint_requests_queued"] == 1, "one waits")
            assert scrape(served)["traypoint_requests_active"] == 1
        waiting.join(20)
        # Both may end in one step of the engine, which tells its counts after it: the answer is out before.
        wait_for_one(served, "length")
        wait_for_one(served, "cancelled")


def test_the_loaded_model_is_told_with_its_kind_of_memory() -> None:
    with serving(load_fake("echo,hybrid=1")) as served:
        (labels,) = [name for name in scrape(served) if name.startswith("traypoint_model_info")]
        assert 'model="echo"' in labels
        assert 'memory="hybrid"' in labels


def test_it_answers_while_the_model_loads() -> None:
    with serving_while_it_loads() as served:
        values = scrape(served)
        assert values["traypoint_healthy"] == 0
        assert values["traypoint_kv_cells_total"] == 0


def test_the_format_follows_the_accept_header() -> None:
    with serving() as served:
        plain = served.client.get("/metrics")
        assert plain.headers["content-type"].startswith("text/plain; version=")
        wanted = {"accept": "application/openmetrics-text; version=1.0.0"}
        modern = served.client.get("/metrics", headers=wanted)
        assert modern.headers["content-type"].startswith("application/openmetrics-text")
        assert modern.text.endswith("# EOF\n")
        assert served.client.head("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [(FAKE, {"host": "evil.example"}, 403), (dataclasses.replace(FAKE, require_key=True, api_key="k"), {}, 401)],
)
def test_the_guards_stand_before_it(settings: Settings, headers: dict[str, str], status: int) -> None:
    with serving(settings=settings) as served:
        assert httpx.get(f"{served.url}/metrics", headers=headers).status_code == status


def test_nothing_goes_into_the_librarys_global_registry() -> None:
    with serving(settings=Settings(ref=ModelRef("fake", "echo"))) as served:
        scrape(served)
        assert not [family.name for family in REGISTRY.collect() if family.name.startswith("traypoint")]


def test_no_start_pays_for_importing_the_library() -> None:
    check = "import sys, endpoint.app; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_page_about_metrics_lists_each_by_its_name_and_no_other() -> None:
    with serving() as served:
        text = served.client.get("/metrics").text
    served_names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} == served_names
