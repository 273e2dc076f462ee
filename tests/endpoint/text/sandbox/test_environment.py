"""Hostile templates end in a clear error, soon, with little memory; and the dialect is transformers'."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from endpoint.errors import RequestError, TemplateFailed
from endpoint.text.sandbox.environment import PayingEnvironment, render_paid
from endpoint.text.sandbox.ledger import Ledger, Limits
from tests.endpoint.text.models import make_template

SOON_S = 20.0  # generous: a shared machine under load; the worst of them takes two seconds alone
MEMORY = 300_000_000

_GROW = "{% set ns = namespace(x=START) %}{% for i in range(100) %}STEP{% endfor %}"


def _grow(start: str, step: str, use: str = "") -> str:
    return _GROW.replace("START", start).replace("STEP", step) + use


_NAMESPACES = _grow("1", "{% set ns.x = namespace(a=ns.x, b=ns.x) %}")
_BIG = '{% set s = "a" * 1000000 %}'

TOO_MUCH = {
    "nested loops": "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
    "loops that print": "{% for a in range(1000) %}{% for b in range(1000) %}{{ a }}{% endfor %}{% endfor %}",
    "loops that skip": "{% for a in range(300000) if a < 0 %}{% endfor %}" * 4,
    "a huge range": "{{ range(10**12) | list }}",
    "static text in a loop": "{% for i in range(100000) %}" + "x" * 100_000 + "{% endfor %}",
    "text in a filter block": "{% filter upper %}{% for i in range(400000) %}"
    + "a" * 99
    + "{% endfor %}{% endfilter %}",
    "repeated text": '{{ "a" * 10**10 }}',
    "a repeated list": "{{ [1] * 10**9 }}",
    "a repeated tuple": "{{ 10**9 * (1, 2) }}",
    "doubling with +": _grow('"a"', "{% set ns.x = ns.x + ns.x %}"),
    "doubling with ~": _grow('"a"', "{% set ns.x = ns.x ~ ns.x %}"),
    "doubling in a set block": _grow('"a"', "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"),
    "doubling a list": _grow("[1]", "{% set ns.x = [ns.x, ns.x] %}", "{{ ns.x }}"),
    "doubling a tuple": _grow("(1,)", "{% set ns.x = (ns.x, ns.x) %}", "{{ ns.x == 3 }}"),
    "doubling a dict": _grow("1", '{% set ns.x = {"a": ns.x, "b": ns.x} %}', "{{ ns.x | tojson }}"),
    "doubling by dict()": _grow("1", "{% set ns.x = dict(a=ns.x, b=ns.x) %}", "{{ ns.x | tojson }}"),
    "slices kept": _BIG
    + "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = ns.l + [s[1:]] %}{% endfor %}",
    "replace": _BIG + '{{ s.replace("", s) }}',
    "the filter replace": _BIG + '{{ s | replace("a", s) }}',
    "join": _BIG + '{{ s.join(["a"] * 100000) }}',
    "the filter join": _BIG + "{{ range(100000) | join(s) }}",
    "format with many fields": _BIG + '{{ ("{0}" * 1000).format(s) }}',
    "a long string as a list": '{{ ("é" * 7000000) | list }}',
    "recursion that forks": "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "deep nesting": _grow("1", "{% set ns.x = [[ns.x]] %}"),
    "deep indentation": "{{ [[[[[[[[range(20000)|list]]]]]]]] | tojson(indent=100) }}",
}

REFUSED = {
    "a huge power": "{{ 2 ** (10 ** 6) }}",
    "a tower of powers": "{{ 9 ** 9 ** 9 ** 9 }}",
    "squaring": _grow("9", "{% set ns.x = ns.x * ns.x %}"),
    "digits from hex": '{{ ("f" * 7000000) | int(base=16) // 3 }}',
    "endless recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "an endless recursive loop": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "namespaces printed": _NAMESPACES + "{{ ns.x }}",
    "namespaces through a filter": _NAMESPACES + "{{ ns.x | upper }}",
    "namespaces in a list": _NAMESPACES + "{{ [ns.x] | string }}",
    "namespaces formatted": _NAMESPACES + '{{ "{}".format(ns.x) }}',
    "namespaces raised": _NAMESPACES + "{{ raise_exception(ns.x) }}",
    "a wide field": '{{ "{:10000000000}".format(1) }}',
    "a width from an argument": '{{ "{:{}}".format(1, 10**10) }}',
    "a wide field in pieces": '{{ ("{:" ~ "9999999999}").format(1) }}',
    "percent formatting": '{{ "%10000000000d" % 1 }}',
    "ljust": '{{ "a".ljust(10**9) }}',
    "zfill": '{{ "a".zfill(10**9) }}',
    "expandtabs": '{{ "\t".expandtabs(10**9) }}',
    "to_bytes": "{{ (1).to_bytes(10**10) }}",
    "a wide indent": '{{ "a" | indent(10**9) }}',
    "a wide tojson": "{{ [1] | tojson(indent=10**9) }}",
    "a precise round": "{{ 1.5 | round(10**9) }}",
    "a sum of lists": "{{ [[1]] | sum(start=[]) }}",
    "a long date format": '{{ strftime_now("%Y" * 1000) }}',
    "lipsum": "{{ lipsum(10**9) }}",
    "another template": '{% include "/etc/passwd" %}',
    "a class": "{{ ''.__class__.__mro__ }}",
    "a function's globals": "{{ raise_exception.__globals__.x }}",
    "a list that is changed": "{{ messages.append(1) }}",
    "a list that is changed where it is set": "{% set _ = messages.append(1) %}",
    "a dict's class method": "{{ {}.fromkeys(range(10)) }}",
    "something undefined": "{{ nothing.at.all }}",
}

NOT_COMPILED = {
    "deep parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "a very long sum": "{{ " + "+".join(["1"] * 50_000) + " }}",
    "a huge source": "x" * 300_000,
    "a wide filter": '{{ "a" | center(10**9) }}',
    "a filter that pads": "{{ [1] | batch(10**9, 1) | list }}",
    "a syntax error": "{% for %}",
    "an unclosed block": "{% if true %}",
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_too_much_work_is_stopped_as_the_templates_fault(source: str) -> None:
    assert "stopped" in str(_fail(source, TemplateFailed))


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED.keys())
def test_what_no_template_may_do_is_an_error(source: str) -> None:
    _fail(source, RequestError)


@pytest.mark.parametrize("source", NOT_COMPILED.values(), ids=NOT_COMPILED.keys())
def test_what_can_not_be_compiled_is_the_templates_fault(source: str) -> None:
    with pytest.raises(TemplateFailed, match="chat template"):
        make_template(source)


def _fail(source: str, kind: type[RequestError]) -> RequestError:
    """The error that rendering ends in; the render was quick and small."""
    template = make_template(source)
    tracemalloc.start()
    start = time.monotonic()
    try:
        with pytest.raises(kind) as caught:
            template.render([{"role": "user", "content": "hi"}])
        assert time.monotonic() - start < SOON_S
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "source",
    ["{{ ''|attr('__class__') }}", "{{ '{0.__class__}'.format('a') }}", "{{ self._TemplateReference__context }}"],
)
def test_private_things_are_simply_not_there(source: str) -> None:
    assert make_template(source).render([]) == ""


def render(source: str, **variables: object) -> str:
    return render_paid(PayingEnvironment().compile_template(source), Ledger(Limits()), variables)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% if true %}\nA\n{% endif %}\nB", "A\nB"),
        ("  {% if true %}A{% endif %}", "A"),
        ("{% for x in [1,2,3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "13"),
        ("{% for x in [1,2,3] %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}", "1"),
        ("{% generation %}A{{ 1 }}{% endgeneration %}", "A1"),
        ("{% for x in 'ab' %}{{ loop.index }}/{{ loop.length }}{{ loop.last }}{% endfor %}", "1/2False2/2True"),
        ("{% for x in [[1],[2]] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}", "12"),
        ("{{ {'b': '<é>', 'a': 1}|tojson }}", '{"b": "<é>", "a": 1}'),
        ("{{ {'b': 'é'}|tojson(ensure_ascii=True) }}", '{"b": "\\u00e9"}'),
        ("{{ {'b': 2, 'a': 1}|tojson(sort_keys=true, separators=(',', ':')) }}", '{"a":1,"b":2}'),
        ("{{ [1]|tojson(indent=2) }}", "[\n  1\n]"),
        ("{{ [1, 2]|map('string')|tojson }}", '["1", "2"]'),
        ("{{ '<b>'|safe + '<i>' }}", "<b><i>"),
        ("{{ '<b>'|e }}", "&lt;b&gt;"),
        ("{{ 'a' ~ 1 ~ none ~ nothing }}", "a1None"),
        ("{{ '{:.2f} {name}'.format(1.234, name='x') }}", "1.23 x"),
        ("{{ 'a,b'.split(',')|join('-') }}{{ ', '.join(['x', 'y']) }}", "a-bx, y"),
        ("{% for k, v in {'a': 1}.items() %}{{ k }}{{ v }}{% endfor %}{{ {'a': 1}|dictsort }}", "a1[('a', 1)]"),
        ("{{ [{'n': 2}, {'n': 1}]|map(attribute='n')|sort|join(',', none) }}", "1,2"),
        ("{{ [{'n': 2}, {'n': 1}]|selectattr('n', 'equalto', 1)|list|length }}", "1"),
        ("{{ [{'n': 2}, {'n': 1}]|join(',', attribute='n') }}{{ [1, 2]|sum }}", "2,13"),
        ("{{ 'x\ny'|indent(2) }}|{{ 'x'|indent('> ', first=true) }}", "x\n  y|> x"),
        ("{{ ' a '|trim }}{{ 'aXa'|replace('X', '-') }}{{ 'ab'[::-1] }}{{ -3 % 2 }}{{ 7 // 2 }}", "aa-aba13"),
        ("{{ 'ab' is lower }}{{ 'ab' is upper }}{{ x is defined }}{{ 1 in [1] }}", "TrueFalseFalseTrue"),
        ("{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, b=3) }}", "1213"),
        ("{% set ns = namespace(n=0) %}{% for i in range(1, 4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"),
        ("{{ strftime_now('%Y')|length }}", "4"),
        ("{{ 2.55|round(1) }}{{ 3|float }}{{ '7'|int + 1 }}{{ 'ab'|capitalize }}{{ 'a b'|title }}", "2.53.08AbA B"),
    ],
)
def test_the_dialect_is_that_of_transformers(source: str, text: str) -> None:
    assert render(source) == text


def test_a_loop_over_a_dicts_own_key_named_like_a_method_still_finds_the_key() -> None:
    assert render("{{ tool['copy'] }}{{ tool.name }}", tool={"copy": "c", "name": "n"}) == "cn"


def test_the_budget_grows_with_the_conversation() -> None:
    template = make_template("{% for m in messages %}{{ m.content.split('\\n')|join('\\n') }}{% endfor %}")
    content = "a line of text\n" * 200_000
    assert template.render([{"role": "user", "content": content}]) == content
