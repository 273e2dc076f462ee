"""A model that answers with the last message, be it the user's or a tool's, in the format of its template."""

from __future__ import annotations

import dataclasses

from endpoint.providers.base import Provider
from endpoint.providers.fake import FakeProvider
from endpoint.providers.options import Progress
from tests.endpoint.serving import load_fake

TURNS = """
{%- if tools %}<tools>{{ tools | tojson }}</tools>{% endif %}
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.reasoning_content %}{{ '<think>\\n' + message.reasoning_content + '\\n</think>\\n' }}{% endif %}
{{- message.content or '' }}
{%- for call in message.tool_calls or [] %}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + call.function.arguments | tojson }}
{{- '}\\n</tool_call>' }}
{%- endfor %}{{ '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' + ('<think>\\n' if thinking else '') }}{% endif %}"""
"""What a real model would read."""

# The last message comes first and ends the echo, without tools with the number of messages behind it.
TEMPLATE = (
    """
{%- if messages[-1].role in ('user', 'tool') %}{{ messages[-1].content }}
{{- '' if tools else messages | length }}<|end|>{% endif %}"""
    + TURNS
)
# Only what the user says comes first.
SAYING = "{% if messages[-1].role == 'user' %}{{ messages[-1].content }}<|end|>{% endif %}" + TURNS
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>'


def load(progress: Progress, template: str = TEMPLATE, step_s: float = 0.0) -> Provider:
    made = load_fake()(progress)
    return FakeProvider(dataclasses.replace(made.info, chat_template=template), 8, step_s)


def load_saying(progress: Progress, step_s: float = 0.0) -> Provider:
    return load(progress, SAYING, step_s)
