"""The response object: what the request asked for, told back, and what became of it. Pure.

Every field is always there: clients' types demand most of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from endpoint.errors import RequestError
from endpoint.protocol.reply import Body, Ending
from endpoint.protocol.responses.body import ResponsesBody, TextFormat
from endpoint.protocol.responses.items import Item
from endpoint.protocol.responses.tools import Toolbox
from endpoint.providers.base import Sampling


def new_response_id() -> str:
    """A response's id: unique."""
    return f"resp_{uuid.uuid4().hex}"


def start_response(wire: ResponsesBody, toolbox: Toolbox, sampling: Sampling, model: str, created: int) -> Body:
    """A response that has just begun, drawn by `sampling`; `created` in Unix seconds."""
    return {
        "id": new_response_id(),
        "object": "response",
        "created_at": created,
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "usage": None,
        **_tell_wishes(wire, toolbox),
        **_tell_sampling(sampling),
    }


def _tell_wishes(wire: ResponsesBody, toolbox: Toolbox) -> Body:
    reasoning = wire.reasoning
    return {
        "background": False,
        "instructions": wire.instructions,
        "max_output_tokens": wire.max_output_tokens,
        "max_tool_calls": wire.max_tool_calls,
        "metadata": wire.metadata or {},
        "parallel_tool_calls": wire.parallel_tool_calls is not False,
        "previous_response_id": wire.previous_response_id,
        "prompt_cache_key": wire.prompt_cache_key,
        "reasoning": {"effort": reasoning and reasoning.effort, "summary": reasoning and reasoning.summary},
        "safety_identifier": wire.safety_identifier,
        "service_tier": "default",
        "store": wire.store is not False,
        "text": _tell_text(wire),
        "tool_choice": wire.tool_choice or "auto",
        "tools": list(toolbox.echo),
        "truncation": "disabled",
        "user": wire.user,
    }


def _tell_sampling(sampling: Sampling) -> Body:
    """What is really used, defaults included."""
    return {
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "temperature": sampling.temperature,
        "top_logprobs": 0,
        "top_p": sampling.top_p,
    }


def _tell_text(wire: ResponsesBody) -> Body:
    text: Body = {"format": _tell_format(wire.text.format if wire.text is not None else None)}
    if wire.text is not None and wire.text.verbosity is not None:
        text["verbosity"] = wire.text.verbosity
    return text


def _tell_format(wished: TextFormat | None) -> Body:
    if wished is None or wished.type != "json_schema":
        return {"type": "text" if wished is None else wished.type}
    return {
        "type": "json_schema",
        "name": wished.name or "answer",
        "description": wished.description,
        "schema": wished.schema_,
        "strict": wished.strict is not False,
    }


def end_response(started: Body, output: Sequence[Item], ending: Ending, now: int) -> Body:
    """A response that is over: whole, or cut off by a limit."""
    is_cut = ending.reason == "length"
    return {
        **started,
        "status": "incomplete" if is_cut else "completed",
        "completed_at": None if is_cut else now,
        "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
        "output": list(output),
        "usage": count_usage(ending),
    }


def fail_response(started: Body, output: Sequence[Item], error: RequestError) -> Body:
    """A response that broke off. The code is OpenAI's for whatever is not the client's fault."""
    failure = {"code": "server_error", "message": str(error)}
    return {**started, "status": "failed", "error": failure, "output": list(output)}


def count_usage(ending: Ending) -> Body:
    """OpenAI's `usage`. Writing to our cache costs nothing and isn't counted: 0."""
    usage = ending.usage
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": ending.reasoning_tokens},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
