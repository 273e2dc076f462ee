"""Templates whose prompts for longer conversations don't simply go on from those for shorter ones."""

from __future__ import annotations

from collections.abc import Mapping

LINES = "{% for m in messages %}<|end|>{{ m.role }}\n{{ m.content }}\n{% endfor %}<|end|>assistant\n"

ALTERNATING = (
    "{% set asked = messages|selectattr('role', 'equalto', 'user')|list %}{% set ns = namespace(turns=0) %}"
    "{% for m in messages if m.role in ('user', 'assistant') and not m.tool_calls %}"
    "{% if (m.role == 'user') != (ns.turns % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% set ns.turns = ns.turns + 1 %}{% endfor %}"
)
"""Calls and their results don't count: behind a pending call only its result, and then an answer, may come."""

CLOCKS: Mapping[str, str] = {
    f"clock {pattern}": f"At {{{{ strftime_now('{pattern}') }}}}" + LINES
    for pattern in ("%H:%M:%S", "%M", "%I %p", "%p", "%c", "%X", "%S.%f", "%f", "%-H")
}
HOSTILE: Mapping[str, str] = {
    **CLOCKS,
    "clock behind": LINES + "{{ strftime_now('%H:%M:%S') }}",
    "greeting by the hour": "{{ 'Morning' if strftime_now('%H') < '12' else 'Day' }}" + LINES,
    "counter": "{% for m in messages %}Message {{ loop.index }} of {{ loop.length }}: {{ m.content }}\n{% endfor %}",
    "counter in front": "{{ messages|length }} messages" + LINES,
    "odd or even": "{{ 'odd' if messages|length is odd else 'even' }}" + LINES,
    "every fifth": "{% if messages|length % 5 == 3 %}Well.\n{% endif %}" + LINES,
    "many": "{% if messages|length > 9 %}So much!\n{% endif %}" + LINES,
    "reversed": "{% for m in messages|reverse %}<|end|>{{ m.role }}\n{{ m.content }}{% endfor %}",
    "last first": "{{ messages[-1].content }}" + LINES,
    "system at the end": "{% for m in messages if m.role != 'system' %}<|end|>{{ m.content }}{% endfor %}<|end|>"
    "{% for m in messages if m.role == 'system' %}{{ m.content }}{% endfor %}",
    "stripped": "{% for m in messages %}[{{ m.role }}]{{ m.content|trim }} {% endfor %}",
    "cut short": "{% for m in messages[-3:] %}<|end|>{{ m.content }}{% endfor %}",
    "joined": "{{ messages|map(attribute='content')|join(' ') }}",
    "tools behind": LINES + "{% if tools %}{{ tools|tojson }}{% endif %}",
    "tools while it is short": "{% if messages|length < 4 and tools %}{{ tools|tojson }}{% endif %}" + LINES,
    "a preamble for tool results": "{% for m in messages if m.role == 'tool' %}Results follow.{% endfor %}"
    "{% for m in messages %}<|end|>{{ m.content }}{% for call in m.tool_calls %}"
    "{{ call.function.name }} {{ call.function.arguments|tojson }}{% endfor %}{% endfor %}",
    "calls looked up by their number": "{% for m in messages %}<|end|>{{ m.role }}\n{% for other in messages %}"
    "{% for call in other.tool_calls or [] if call.id == m.tool_call_id %}{{ call.function.name }}: {% endfor %}"
    "{% endfor %}{{ m.content }}{% for call in m.tool_calls %}{{ call.function.name }} "
    "{{ call.function.arguments|tojson }}{% endfor %}{% endfor %}<|end|>assistant\n",
    "reasoning until it is old": "{% for m in messages %}<|end|>{{ m.role }}\n"
    "{% if m.reasoning_content and loop.index > loop.length - 2 %}({{ m.reasoning_content }}){% endif %}"
    "{{ m.content }}{% endfor %}<|end|>assistant\n",
    "tools before the last question": ALTERNATING
    + "{% for m in messages %}<|end|>{% if tools and m == asked[-1] %}{{ tools|tojson }}{% endif %}{{ m.role }}\n"
    "{{ m.content }}{% for call in m.tool_calls %}{{ call.function|tojson }}{% endfor %}{% endfor %}",
    "all but the last closed": "{% for m in messages %}{{ m.content }}{{ '' if loop.last else '<|end|>' }}{% endfor %}",
}
