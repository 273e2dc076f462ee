"""Models for the text tests: a template of one's own over the fake provider's byte tokens."""

from __future__ import annotations

from endpoint.engine.model import LoadedModel
from endpoint.providers.base import ModelInfo
from endpoint.providers.fake import FakeTokenizer
from endpoint.text.template import ChatTemplate, compile_template


def make_info(template: str | None, n_ctx: int = 4096) -> ModelInfo:
    return ModelInfo("test", None, n_ctx, n_ctx, 257, template, bos_text="<s>", eos_text="</s>")


def make_model(template: str | None, n_ctx: int = 4096) -> LoadedModel:
    return LoadedModel(make_info(template, n_ctx), FakeTokenizer(), loaded_at=0)


def make_template(source: str | None) -> ChatTemplate:
    return compile_template(make_info(source))


LLAMA2 = """
{%- if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}{% set messages = messages[1:] %}
{%- else %}{% set system = '' %}{% endif %}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
{%- endif %}
{%- if message['role'] == 'user' %}
{%- set content = (system + '\n\n' if loop.first and system else '') + message['content'].strip() %}
{{- bos_token + '[INST] ' + content + ' [/INST]' }}
{%- else %}{{ ' ' + message['content'].strip() + ' ' + eos_token }}{% endif %}
{%- endfor %}"""
"""Alternates strictly, knows system messages: after Meta's Llama 2 template."""

GEMMA = """
{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- for message in messages %}
{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
{%- set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{- '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"""
"""Has no system role: after Google's Gemma 2 template."""

TOOLS_AS_OBJECT = """
{%- for message in messages %}<{{ message.role }}>{{ message.content }}
{%- for call in message.tool_calls or [] %}
{%- for key, value in call.function.arguments.items() %}[{{ call.function.name }} {{ key }}={{ value }}]{% endfor %}
{%- endfor %}
{%- endfor %}"""
"""Walks through a call's arguments: needs them parsed."""

TOOLS_AS_TEXT = """
{%- for message in messages %}<{{ message.role }}>
{%- if message.content is none %}
{%- for call in message.tool_calls %}{{ '[' + call.function.name + ' ' + call.function.arguments + ']' }}{% endfor %}
{%- else %}{{ message.content }}{% endif %}
{%- endfor %}"""
"""Joins a call's arguments as text, and only where the content is null: after DeepSeek's template."""

TYPED_CONTENT = """
{%- for message in messages %}<{{ message.role }}>
{%- for part in message.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}
{%- endfor %}"""
"""Knows content as a list of parts only."""
