"""The Jinja environment for chat templates: transformers' dialect, sandboxed, and paying a ledger for all it does.

Owner: none; an environment may be used from any thread, each render brings its own ledger.
Invariants: templates change no list or dict, reach no private attribute, call only the methods of plain values that
`methods` allows, load no other template, and are compiled without constant folding (folding would work unpaid).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from jinja2 import Template, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

from endpoint.text.sandbox.filters import LEDGER_KEY, all_filters, count_turns, ledger_of
from endpoint.text.sandbox.ledger import Ledger
from endpoint.text.sandbox.methods import GUARDED, FormatMethod, format_text, is_allowed
from endpoint.text.sandbox.rewrite import add_payments

MAX_SOURCE = 256_000
"""Characters of template source. The longest real ones have 20,000."""

_NOW_KEY = "%now"
"""The render variable that holds the time; no template can name it."""

_INT_BITS = 1024


class TemplateRefusal(TemplateError):
    """The template called raise_exception: it does not take this conversation."""


class GenerationTag(Extension):
    """`{% generation %}…{% endgeneration %}` marks the assistant's text for training; here it is just its body."""

    tags = {"generation"}  # noqa: RUF012 -- Jinja's own declaration of this attribute

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The statements between the tags."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class PayingEnvironment(ImmutableSandboxedEnvironment):
    """See the module. Its methods are the hooks that Jinja's compiled code calls."""

    intercepted_binops = frozenset({"//", "%", "+", "*", "-", "/", "**"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            extensions=[GenerationTag, loopcontrols],
            finalize=_pay_for_output,
        )
        self.filters = dict(all_filters())
        # These two print their value, which may be endless to print.
        self.tests = {**self.tests, "lower": _is_lower, "upper": _is_upper}
        self.globals = {
            "cycler": Cycler,
            "dict": dict,
            "joiner": Joiner,
            "namespace": Namespace,
            "raise_exception": _refuse,
            "range": _range,
            "strftime_now": _strftime_now,
        }

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """As the sandbox says, and of plain values only the listed methods."""
        allowed = is_allowed(obj, attr)
        return super().is_safe_attribute(obj, attr, value) if allowed is None else allowed

    def wrap_str_format(self, value: object) -> Callable[..., str] | None:
        """`str.format` becomes a marker that only `call` understands; `format_map` is not offered."""
        if getattr(value, "__name__", None) == "format" and isinstance(text := getattr(value, "__self__", None), str):
            return FormatMethod(text)  # type: ignore[return-value]  # not callable, on purpose: `call` gets it
        return None

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """The operator's result, checked before and paid after."""
        ledger = ledger_of(context)
        ledger.step()
        _check_operands(ledger, operator, left, right)
        return ledger.take(super().call_binop(context, operator, left, right))

    # Jinja's odd names, so that none clashes with a template's keyword argument.
    def call(__self, __context: Context, __obj: object, *args: object, **kwargs: object) -> object:  # noqa: N805  see above
        """The call's result, paid for."""
        ledger = ledger_of(__context)
        ledger.step()
        if isinstance(__obj, FormatMethod):
            return ledger.take(format_text(ledger, __self, __obj.template, args, _written(kwargs)))
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name in GUARDED:
            return ledger.take(GUARDED[name](ledger, owner, *args, **_written(kwargs)))
        if isinstance(__obj, LoopContext) and args and isinstance(args[0], Iterable):
            args = (count_turns(__context, args[0]), *args[1:])
        return ledger.take(super().call(__context, __obj, *args, **kwargs))

    def compile_template(self, source: str) -> Template:
        """Parse, add payments, compile. Raises TemplateError, or RecursionError and the like for absurd sources."""
        if len(source) > MAX_SOURCE:
            raise TemplateError(f"it has {len(source):,} characters; {MAX_SOURCE:,} are allowed")
        code = self.compile(add_payments(self.parse(source)), name="chat template")
        return Template.from_code(self, code, self.make_globals(None))


def render_paid(
    template: Template, ledger: Ledger, variables: Mapping[str, object], now: dt.datetime | None = None
) -> str:
    """The template's text; `now`: the time, with its zone, that it is told (None: the true one). Raises
    WorkLimitExceeded, TemplateError, or whatever the template provokes."""
    inner = {LEDGER_KEY: ledger, _NOW_KEY: now or dt.datetime.now().astimezone()}
    return "".join(template.generate({**variables, **inner}))


def _is_lower(value: object) -> bool:
    return isinstance(value, str) and value.islower()


def _is_upper(value: object) -> bool:
    return isinstance(value, str) and value.isupper()


@pass_context
def _pay_for_output(context: Context, value: object) -> str:
    ledger = ledger_of(context)
    ledger.step()
    text = ledger.text(value)
    ledger.spend(len(text))
    return text


def _written(named: Mapping[str, object]) -> Mapping[str, object]:
    # Jinja adds two of its own inside loops and blocks; `Context.call` takes them out again.
    return {name: value for name, value in named.items() if name not in {"_loop_vars", "_block_vars"}}


def _check_operands(ledger: Ledger, operator: str, left: object, right: object) -> None:
    for value in (left, right):
        if isinstance(value, int) and value.bit_length() > _INT_BITS:
            raise SecurityError("a number has too many digits")
    if operator == "%" and isinstance(left, str):
        raise SecurityError("text can't be formatted with %")
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        ledger.check_size(len(left) + len(right))
    if isinstance(left, int) and isinstance(right, int):
        if operator == "**" and left.bit_length() * abs(right) > _INT_BITS:
            raise SecurityError("a number has too many digits")
    elif operator == "*":
        _check_repetition(ledger, left, right)
        _check_repetition(ledger, right, left)


def _check_repetition(ledger: Ledger, value: object, times: object) -> None:
    if isinstance(value, str | list | tuple) and isinstance(times, int):
        ledger.check_size(ledger.size(value) * max(0, times))


@pass_context
def _range(context: Context, *bounds: int) -> range:
    numbers = range(*bounds)
    ledger_of(context).step(len(numbers))
    return numbers


@pass_context
def _refuse(context: Context, message: object) -> None:
    raise TemplateRefusal(ledger_of(context).text(message)[:500])


@pass_context
def _strftime_now(context: Context, pattern: str) -> str:
    if len(pattern) > 100:
        raise SecurityError("the date format is too long")
    now = context.parent[_NOW_KEY]
    if not isinstance(now, dt.datetime):
        raise TypeError("a template was rendered without a clock")
    return now.strftime(pattern)
