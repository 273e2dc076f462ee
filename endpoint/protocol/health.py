"""The figures of GET /health: what the tray's menu and the status page show. Pure."""

from __future__ import annotations

from endpoint.engine.metrics import EngineMetrics, Outcome, PromptCounts

_FAILED = (Outcome.FAILED, Outcome.DEADLINE, Outcome.REFUSED)


def write_figures(metrics: EngineMetrics) -> dict[str, object]:
    """Counts since the start, rates of the last seconds; `last_error` only where there was one."""
    outcomes = dict(metrics.outcomes)
    figures: dict[str, object] = {
        "requests": {"total": sum(outcomes.values()), "failed": sum(outcomes[each] for each in _FAILED)},
        "rates": {"prefill": round(metrics.rates.prefill, 1), "decode": round(metrics.rates.decode, 1)},
        "prompt_cache": _write_prompts(metrics.prompts),
    }
    if metrics.last_failure is not None:
        figures["last_error"] = {"at_s": round(metrics.last_failure.at, 3), "message": metrics.last_failure.message}
    return figures


def _write_prompts(prompts: PromptCounts) -> dict[str, object]:
    return {
        "prompt_tokens": prompts.tokens,
        "cached_tokens": prompts.cached,
        "hit_rate": round(prompts.cached / prompts.tokens, 4) if prompts.tokens else None,
        "saved_s": None if prompts.saved_s is None else round(prompts.saved_s, 3),
    }
