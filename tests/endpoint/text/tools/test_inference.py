"""Formats inferred from small templates of our own; test_templates.py does it with real ones."""

from __future__ import annotations

import pytest

from endpoint.text.tools.dialect import find_dialect
from endpoint.text.tools.formats import CallStyle, Origin
from endpoint.text.tools.known import ENTRIES
from tests.endpoint.text.models import make_template

CHAT = """
{%- if tools %}{{ tools | tojson }}{% endif %}
{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}
{%- if m.reasoning %}{{ '<think>' + m.reasoning + '</think>' }}{% endif %}{{ m.content or '' }}
{%- if m.tool_calls %}CALLS{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""


def with_calls(body: str) -> str:
    return CHAT.replace("CALLS", "{% for c in m.tool_calls %}" + body + "{% endfor %}")


OBJECT = with_calls(
    """{{ '\\n<tool_call>\\n{"name": "' + c.function.name + '", "arguments": ' }}
{{- c.function.arguments | tojson + '}\\n</tool_call>' }}"""
)
TAGGED = with_calls("{{ '[CALL]' + c.function.name + '[ARGS]' + c.function.arguments | tojson }}")
PARAMETERS = with_calls(
    """<invoke name="{{ c.function.name }}">{% for k, v in c.function.arguments.items() -%}
<p name="{{ k }}">{{ v }}</p>{% endfor %}</invoke>"""
)


def test_json_objects_in_tags_are_recognised() -> None:
    dialect = find_dialect(make_template(OBJECT))
    form = dialect.calls
    assert (form.style, form.origin) == (CallStyle.OBJECT, Origin.INFERRED)
    assert (form.call_starts, form.call_end) == (("<tool_call>",), "</tool_call>")
    assert (form.name_key, form.arguments_key) == ("name", "arguments")
    assert (dialect.shows_tools, dialect.writes_calls, dialect.writes_several) == (True, True, True)


def test_json_after_a_name_is_recognised() -> None:
    form = find_dialect(make_template(TAGGED)).calls
    assert (form.style, form.call_starts, form.name_end) == (CallStyle.TAGGED, ("[CALL]",), "[ARGS]")


def test_parameters_in_markup_are_recognised() -> None:
    form = find_dialect(make_template(PARAMETERS)).calls
    assert form.style is CallStyle.PARAMETERS
    assert (form.call_starts, form.call_end, form.name_end) == (('<invoke name="',), "</invoke>", '"')
    assert (form.key_start, form.key_end, form.value_start, form.value_end) == ('<p name="', '"', ">", "</p>")


def test_reasoning_is_recognised_with_the_field_it_is_read_from() -> None:
    dialect = find_dialect(make_template(OBJECT))
    assert dialect.answer.reasoning is not None
    assert (dialect.answer.reasoning.start, dialect.answer.reasoning.end) == ("<think>", "</think>")
    assert dialect.traits.reasoning_field == "reasoning"
    assert dialect.answer.header == "<|im_start|>assistant"
    assert dialect.answer.ends == ("<|im_end|>",)


@pytest.mark.parametrize(
    "source", ["", "{{ raise_exception('no') }}", "{{ messages[0].content }}", "{{ tools | tojson }}"]
)
def test_a_template_that_tells_nothing_gets_the_fallback(source: str) -> None:
    dialect = find_dialect(make_template(source or " "))
    assert dialect.calls.origin is Origin.FALLBACK
    assert dialect.answer.reasoning is None


def test_every_entry_of_the_table_has_a_reason() -> None:
    assert all(entry.why and entry.marks for entry in ENTRIES)
