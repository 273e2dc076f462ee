"""The filters a chat template may use, each paying the ledger. Jinja's others (lipsum-like, HTML, random) are left out:
no chat template needs them, and several make huge values from small ones. Pure but for the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from jinja2 import pass_context
from jinja2.exceptions import FilterArgumentError
from jinja2.filters import FILTERS
from jinja2.runtime import Undefined

from endpoint.text.sandbox import rewrite
from endpoint.text.sandbox.ledger import NODE, Ledger
from endpoint.text.sandbox.methods import join_text, replace_text

if TYPE_CHECKING:
    from jinja2.runtime import Context

LEDGER_KEY = "%ledger"
"""The render variable that holds the ledger; no template can name it."""

Filter = Callable[..., object]

_PLAIN = ("abs", "default", "d", "dictsort", "float", "int", "items", "length", "count", "reverse")
_WITH_ENVIRONMENT = ("attr", "first", "groupby", "last", "max", "min", "sort", "unique")
_WITH_CONTEXT = ("map", "reject", "rejectattr", "select", "selectattr")


class _TextOperation(Protocol):
    def __call__(self, text: str, /) -> object: ...


_TEXT: Mapping[str, _TextOperation] = {
    "capitalize": str.capitalize,
    "e": FILTERS["escape"],
    "escape": FILTERS["escape"],
    "lower": str.lower,
    "safe": str,  # nothing is escaped here, so nothing needs to be marked
    "string": str,
    "title": FILTERS["title"],
    "upper": str.upper,
    "wordcount": FILTERS["wordcount"],
}


def ledger_of(context: Context) -> Ledger:
    """The ledger of the render that `context` belongs to."""
    ledger = context.parent[LEDGER_KEY]
    if not isinstance(ledger, Ledger):
        raise TypeError("a template was rendered without a ledger")
    return ledger


def all_filters() -> dict[str, Filter]:
    """Every filter by name, the rewriter's inner ones included."""
    filters: dict[str, Filter] = {name: _paying(FILTERS[name], None) for name in _PLAIN}
    filters |= {name: _paying(FILTERS[name], "environment") for name in _WITH_ENVIRONMENT}
    filters |= {name: _paying(FILTERS[name], "context") for name in _WITH_CONTEXT}
    filters |= {name: _on_text(operation) for name, operation in _TEXT.items()}
    filters |= {rewrite.STEP: _step, rewrite.TURNS: count_turns, rewrite.MADE: _made, rewrite.CONCAT: _concat}
    own = (_indent, _join, _list, _replace, _round, _sum, _tojson, _trim)
    return filters | {function.__name__.removeprefix("_"): function for function in own}


def _paying(function: Filter, first: str | None) -> Filter:
    @pass_context
    def paid(context: Context, *args: object, **named: object) -> object:
        ledger = ledger_of(context)
        ledger.step()
        given = {"environment": (context.environment,), "context": (context,), None: ()}[first]
        return ledger.take(function(*given, *args, **named))

    return paid


def _on_text(operation: _TextOperation) -> Filter:
    @pass_context
    def paid(context: Context, value: object) -> object:
        ledger = ledger_of(context)
        ledger.step()
        result = operation(ledger.text(value))
        return ledger.take(str(result) if isinstance(result, str) else result)

    return paid


@pass_context
def _step(context: Context, value: object) -> object:
    ledger_of(context).step()
    return value


@pass_context
def _made(context: Context, value: object) -> object:
    ledger = ledger_of(context)
    ledger.step()
    return ledger.take(value)


@pass_context
def _concat(context: Context, values: Iterable[object]) -> object:
    ledger = ledger_of(context)
    return ledger.take(join_text(ledger, "", list(values)))


@pass_context
def count_turns(context: Context, values: Iterable[object]) -> Iterator[object]:
    """The values, each paying for the loop turn it starts."""
    ledger = ledger_of(context)
    for value in values:
        ledger.step()
        yield value


@pass_context
def _indent(context: Context, value: object, width: object = 4, first: bool = False, blank: bool = False) -> object:
    ledger = ledger_of(context)
    text, fill = ledger.text(value), " " * _small(width) if isinstance(width, int) else ledger.text(width)
    ledger.check_size(len(text) + (text.count("\n") + 1) * len(fill))
    return ledger.take(FILTERS["indent"](text, fill, first, blank))


@pass_context
def _join(context: Context, values: Iterable[object], d: object = "", attribute: str | int | None = None) -> object:
    ledger = ledger_of(context)
    if attribute is not None:
        values = FILTERS["map"](context, values, attribute=attribute)
    return ledger.take(join_text(ledger, ledger.text(d), list(values)))


@pass_context
def _list(context: Context, value: Iterable[object]) -> object:
    ledger = ledger_of(context)
    if isinstance(value, str):
        ledger.check_size(4 * NODE * len(value))
    return ledger.take(list(value))


@pass_context
def _replace(context: Context, value: object, old: object, new: object, count: int | None = None) -> object:
    ledger = ledger_of(context)
    text, old_text, new_text = (ledger.text(each) for each in (value, old, new))
    return ledger.take(replace_text(ledger, text, old_text, new_text, -1 if count is None else count))


@pass_context
def _round(context: Context, value: float, precision: int = 0, method: str = "common") -> object:
    ledger_of(context).step()
    return FILTERS["round"](value, _small(precision), method)


@pass_context
def _sum(context: Context, values: Iterable[object], attribute: str | int | None = None, start: float = 0) -> object:
    if attribute is not None:
        values = FILTERS["map"](context, values, attribute=attribute)
    for value in count_turns(context, values):
        if not isinstance(value, int | float):
            raise FilterArgumentError("sum adds numbers only")
        start += value
    return start


@pass_context
def _tojson(
    context: Context,
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> object:
    """As the transformers library defines it: no HTML escapes, and the arguments of `json.dumps`."""
    ledger = ledger_of(context)
    ledger.step()
    if isinstance(value, Undefined):
        raise FilterArgumentError("tojson got an undefined value")
    value = list(value) if isinstance(value, Iterator) else value
    step = 0 if indent is None else _small(indent)
    ledger.check_size(ledger.size(value) * (1 + step * ledger.depth(value) // NODE))
    return ledger.take(
        json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    )


@pass_context
def _trim(context: Context, value: object, chars: str | None = None) -> object:
    ledger = ledger_of(context)
    ledger.step()
    return ledger.take(ledger.text(value).strip(chars))


def _small(number: object) -> int:
    if not isinstance(number, int) or not -100 <= number <= 100:
        raise FilterArgumentError(f"a width must be a number up to 100, got {str(number)[:20]}")
    return number
