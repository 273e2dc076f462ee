"""From a request's bytes to a checked pydantic model, and from pydantic's errors to one plain sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import annotated_types
import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from endpoint.errors import InvalidRequest

Model = TypeVar("Model", bound=BaseModel)

MOST_LEVELS = 100
"""Of objects and lists in a body. Real ones have ten; what reads them, templates included, may recurse."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # PowerShell writes it

_WANTED = {
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be an integer",
    "int_from_float": "must be an integer",
    "int_parsing_size": "is out of range",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_type": "must be a string",
}
_TAGS = (
    frozenset({"a string", "a list", "an object", "a number", "true or false"})
    | {f"a {kind} block" for kind in ("text", "thinking", "tool_use", "tool_result", "tool_reference")}
    | {"a block"}
)
"""Names of union branches (see `wire.Tag`): they are no part of a field's path."""


def parse_body(body: bytes, model: type[Model]) -> Model:
    """Check a JSON body against `model`. Raises InvalidRequest naming the field, or saying why it is not JSON."""
    try:
        data = orjson.loads(body.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON: {error}.") from error
    if not isinstance(data, dict):
        raise InvalidRequest(f"The body must be a JSON object, got {_show(data)}.")
    if _is_deeper(data, MOST_LEVELS):
        raise InvalidRequest(f"The body is nested too deeply: more than {MOST_LEVELS} levels.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _to_invalid_request(error.errors(include_url=False)[0], model) from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None


def parse_value(data: object, model: type[Model], path: str) -> Model:
    """Check what lies at `path` of a body that was parsed already. Raises InvalidRequest naming the field."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        inner = _to_invalid_request(error.errors(include_url=False)[0], model)
        param = f"{path}.{inner.param}"
        raise InvalidRequest(f"{path}.{inner}", param) from None


def _is_deeper(value: dict[str, Any] | list[Any], levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value
    inner = (child for child in children if isinstance(child, dict | list))
    return levels < 1 or any(_is_deeper(child, levels - 1) for child in inner)


def _to_invalid_request(error: ErrorDetails, model: type[BaseModel]) -> InvalidRequest:
    path = [step for step in error["loc"] if step not in _TAGS]
    param = format_path(path)
    if error["type"] == "missing":
        return InvalidRequest(f"{param} is required.", param)
    return InvalidRequest(f"{param} {_describe(error, path, model)}, got {_show(error['input'])}.", param)


def format_path(path: Sequence[str | int]) -> str:
    """("messages", 0, "content") as "messages[0].content"."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def _describe(error: ErrorDetails, path: Sequence[str | int], model: type[BaseModel]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "less_than_equal" | "greater_than_equal" | "greater_than":
            return _describe_bounds(path, model) or f"is out of range ({error['msg'].lower()})"
        case "literal_error" | "enum":
            return f"must be {context['expected']}"
        case "too_short":
            return f"must have at least {context['min_length']} item{'s' * (context['min_length'] > 1)}"
        case "too_long":
            return f"must have at most {context['max_length']} items"
        case "string_too_short":
            return "must not be an empty string"
        case kind:
            return _WANTED.get(kind) or error["msg"][:1].lower() + error["msg"][1:]


def _describe_bounds(path: Sequence[str | int], model: type[BaseModel]) -> str | None:
    """Both ends of a top-level field's range: pydantic names only the one that was passed."""
    field = model.model_fields.get(str(path[0])) if len(path) == 1 else None
    low: object = None
    high: object = None
    above = False
    for rule in field.metadata if field else ():
        if isinstance(rule, annotated_types.Ge):
            low = rule.ge
        elif isinstance(rule, annotated_types.Gt):
            low, above = rule.gt, True
        elif isinstance(rule, annotated_types.Le):
            high = rule.le
    if low is not None and high is not None:
        return f"must be above {low} and at most {high}" if above else f"must be between {low} and {high}"
    if low is not None:
        return f"must be above {low}" if above else f"must be at least {low}"
    return None if high is None else f"must be at most {high}"


def _show(value: object) -> str:
    """A value as JSON, short: it goes into an error message."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 60 else text[:57] + "…"
