"""The engine's metrics in Prometheus's words. Pure translation; docs/metrics.md lists every name, and a test holds it.

Importing this costs a fifth of a second (prometheus_client), so only the first scrape does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from endpoint.contract import HealthStatus
from endpoint.engine.health import MemoryPressure, Presence
from endpoint.engine.metrics import STEP_BOUNDS_S, EngineMetrics, StepTimes
from endpoint.engine.model import LoadedModel

PREFIX = "traypoint_"
_PRESSURES = {MemoryPressure.NONE: 0, MemoryPressure.SHEDDING: 1, MemoryPressure.REFUSING: 2}


class MetricsWriter:
    """Writes what `read` tells, in a registry of its own: two apps in one process don't see each other."""

    def __init__(self, read: Callable[[], EngineMetrics]) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(EngineCollector(read))

    def write(self, accept: str) -> tuple[bytes, str]:
        """The page and its content type, in the format that the Accept header prefers."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


class EngineCollector(Collector):
    """One snapshot a scrape, so that its numbers belong together."""

    def __init__(self, read: Callable[[], EngineMetrics]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """Every family, whether anything has happened or not: a scraper wants zeros, not gaps."""
        metrics = self._read()
        yield _model_info(metrics.model)
        yield from _gauges(metrics)
        yield from _counters(metrics)
        yield _step_histogram(metrics.steps)


def _model_info(model: LoadedModel | None) -> Metric:
    info = InfoMetricFamily(PREFIX + "model", "The loaded model, and what its layers remember.", labels=())
    if model is not None:
        info.add_metric((), {"model": model.info.id, "memory": model.memory.value})
    return info


def _gauges(metrics: EngineMetrics) -> Iterable[Metric]:
    health, provider = metrics.health, metrics.provider
    values = (
        ("healthy", "1 when the endpoint can serve, else 0.", health.status is HealthStatus.HEALTHY),
        (
            "model_in_memory",
            "1 when the model is loaded; 0 before, and while it is unloaded for being idle.",
            metrics.model is not None and health.presence is Presence.LOADED,
        ),
        (
            "memory_pressure",
            "1 while held prefixes had to go because memory is short, 2 while new requests are refused too; else 0.",
            _PRESSURES[health.memory.pressure],
        ),
        ("uptime_seconds", "Seconds since the engine was started.", health.uptime_s),
        ("heartbeat_age_seconds", "Seconds since the engine thread last showed that it lives.", health.heartbeat_age_s),
        ("requests_queued", "Requests that wait for a row, or for their turn to be embedded.", health.queued),
        ("requests_active", "Requests in prefill or decode, and the one that is being embedded.", health.active),
        ("kv_cells_used", "KV cells that hold tokens of running rows and kept prefixes.", provider.cells_used),
        ("kv_cells_total", "KV cells in all.", provider.cells_total),
        ("weights_bytes", "RAM that the model's weights take.", metrics.ledger.weights),
        ("kv_bytes", "RAM that the KV cells take at most, used or not.", metrics.ledger.kv),
        ("prefix_bytes", "RAM that held prefixes take.", provider.held_bytes),
        ("prefix_budget_bytes", "RAM that held prefixes may take.", metrics.ledger.prefix_budget),
        ("disk_bytes", "Disk that saved prefixes of all models take.", metrics.ledger.disk),
        ("disk_budget_bytes", "Disk that they may take; 0: none are saved.", metrics.ledger.disk_budget),
        ("rows_parked", "Requests that wait for KV cells, after having run.", provider.parked_rows),
        ("parked_bytes", "RAM that the state of parked rows takes.", provider.parked_bytes),
        (
            "memory_bytes",
            "What the model library has allocated in all; 0 where it doesn't tell.",
            provider.memory_bytes,
        ),
        ("threads", "Threads that a decode uses now.", provider.threads),
        ("prefill_tokens_per_second", "Prompt tokens computed a second, over the last 10 s.", metrics.rates.prefill),
        ("decode_tokens_per_second", "Tokens generated a second, over the last 10 s.", metrics.rates.decode),
    )
    for name, told, value in values:
        yield GaugeMetricFamily(PREFIX + name, told, float(value))


def _counters(metrics: EngineMetrics) -> Iterable[Metric]:
    provider = metrics.provider
    values = (
        ("prompt_tokens_computed", "Prompt tokens prefilled.", provider.prefilled_tokens),
        ("prompt_tokens_cached", "Prompt tokens taken from a kept prefix: prefill saved.", provider.cached_tokens),
        ("cache_lookups", "Requests whose prompt was looked up in the prefix cache.", provider.cache_lookups),
        ("cache_hits", "Requests that reused a kept prefix.", provider.cache_hits),
        ("parkings", "Times that a row was parked because KV cells ran out.", provider.parkings),
        ("generated_tokens", "Tokens generated, end tokens included.", metrics.generated_tokens),
        ("embedded_tokens", "Tokens of inputs whose embeddings were computed.", metrics.embedded_tokens),
        ("drafted_tokens", "Tokens computed ahead because the text had gone on so before.", provider.drafted_tokens),
        ("accepted_tokens", "Drafted tokens that the model would have said: steps saved.", provider.accepted_tokens),
    )
    for name, told, value in values:
        yield CounterMetricFamily(PREFIX + name, told, value)
    requests = CounterMetricFamily(PREFIX + "requests", "Requests that ended, by outcome.", labels=["outcome"])
    for outcome, count in metrics.outcomes:
        requests.add_metric([outcome.value], count)
    yield requests


def _step_histogram(steps: StepTimes) -> Metric:
    bounds = [*map(str, STEP_BOUNDS_S), "+Inf"]
    buckets = list(zip(bounds, map(float, accumulate(steps.counts)), strict=True))
    told = "Seconds of the engine's steps: one decode of all rows, and at most one chunk of prompts."
    return HistogramMetricFamily(PREFIX + "step_seconds", told, buckets, sum_value=steps.total_s)
