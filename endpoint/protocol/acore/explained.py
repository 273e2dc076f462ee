"""Explanations as JSON, and the header that every generation's answer has. Pure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from endpoint.cache.report import CacheReport, Shortfall
from endpoint.explain.explanation import Divergence, Explanation, Part, Place
from endpoint.explain.records import Record

HEADER = "x-prompt-cache"


def write_header(report: CacheReport) -> str:
    """`hit=1372/1380; tier=ram; key=agent; miss=diverged`; the key percent-encoded, `miss` where something was."""
    fields = [f"hit={report.cached}/{len(report.prompt)}", f"tier={report.tier.value}"]
    if report.key is not None:
        fields.append(f"key={quote(report.key, safe=':/@+', errors='replace')}")
    if report.shortfall is not Shortfall.NOTHING:
        fields.append(f"miss={report.shortfall.value}")
    return "; ".join(fields)


def write_line(record: Record) -> dict[str, Any]:
    """A generation in short."""
    return {
        "request_id": record.asker.request_id,
        "x_request_id": record.asker.header_id,
        "at_s": record.asker.at,
        "prompt_tokens": record.prompt_tokens,
        "cached_tokens": record.cached,
        "tier": record.tier.value,
        "key": record.key,
        "miss": record.shortfall.value,
        "detail": record.detail,
    }


def write_explanation(explanation: Explanation) -> dict[str, Any]:
    """A generation with all that is known of its cache."""
    record, divergence = explanation.record, explanation.divergence
    return {
        **write_line(record),
        "candidate_tokens": record.candidate_tokens,
        "shared_tokens": record.shared,
        "kind": explanation.kind.value,
        "summary": explanation.summary,
        "divergence": None if divergence is None else _write_divergence(divergence),
    }


def _write_divergence(found: Divergence) -> dict[str, Any]:
    place = found.place
    return {
        "token": found.token,
        "character": found.character,
        "message": _write_message(place),
        "piece": None if place.piece is None else place.piece.value,
        "tool": None if place.tool is None else {"name": place.tool, "path": place.path},
        "in_template_text": place.part is Part.TEMPLATE,
        "text_before": found.before,
        "earlier_text": found.earlier,
        "new_text": found.new,
        "change": found.change,
        "earlier_request_id": found.request_id,
    }


def _write_message(place: Place) -> dict[str, Any] | None:
    if place.message is None:
        return None
    return {"index": place.message, "role": place.role, "character": place.character or 0}
