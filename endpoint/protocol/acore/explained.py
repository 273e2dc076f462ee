"""Explanations as JSON, and the header that every generation's answer has. Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from endpoint.cache.report import CacheReport, Shortfall
from endpoint.explain.explanation import Divergence, Explanation
from endpoint.explain.records import Record

HEADER = "x-prompt-cache"


def write_header(report: CacheReport) -> str:
    """`hit=1372/1380; tier=ram; key=agent; miss=diverged`; the key percent-encoded, `miss` where something was."""
    fields = [f"hit={report.cached}/{len(report.prompt)}", f"tier={report.tier.value}"]
    if report.key is not None:
        fields.append(f"key={quote(report.key, safe=':/@+')}")
    if report.shortfall is not Shortfall.NOTHING:
        fields.append(f"miss={report.shortfall.value}")
    return "; ".join(fields)


def write_line(record: Record) -> dict[str, Any]:
    """A generation in short."""
    report = record.report
    return {
        "request_id": record.reply_id,
        "x_request_id": record.request_id,
        "at_s": record.at,
        "prompt_tokens": len(report.prompt),
        "cached_tokens": report.cached,
        "tier": report.tier.value,
        "key": report.key,
        "miss": report.shortfall.value,
        "detail": report.detail,
    }


def write_explanation(record: Record, explanation: Explanation) -> dict[str, Any]:
    """A generation with all that is known of its cache."""
    return {
        **write_line(record),
        "candidate_tokens": len(record.report.candidate),
        "shared_tokens": record.report.shared,
        "summary": explanation.summary,
        "divergence": None if explanation.divergence is None else _write_divergence(explanation.divergence),
    }


def _write_divergence(found: Divergence) -> dict[str, Any]:
    place = found.place
    message = None if place.index is None else {"index": place.index, "role": place.role, "character": place.character}
    return {
        "token": found.token,
        "character": found.character,
        "message": message,
        "in_template_text": place.between,
        "text_before": found.before,
        "earlier_text": found.earlier,
        "new_text": found.later,
        "change": found.change,
    }
