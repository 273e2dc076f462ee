"""A model's chat template: compiled once, rendered for each conversation under a budget.

Owner: none; a ChatTemplate is immutable and may render on several threads at once.
Invariants: no template hangs, eats memory or reaches anything but its own variables (see `sandbox`); whatever it does
ends in text or in a RequestError.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2.exceptions import TemplateSyntaxError

from endpoint.errors import InvalidRequest, TemplateFailed
from endpoint.text.sandbox.environment import PayingEnvironment, TemplateRefusal, render_paid
from endpoint.text.sandbox.ledger import Ledger, Limits, WorkLimitExceeded

if TYPE_CHECKING:
    from jinja2 import Template

    from endpoint.providers.base import ModelInfo

_LOGGER = logging.getLogger(__name__)

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""For models whose file has no template: the most common format."""

RESERVED = frozenset({"messages", "tools", "functions", "documents", "add_generation_prompt", "bos_token", "eos_token"})
"""Variables that the renderer sets; a caller can't. `functions` is an older name for the tools, as JSON text."""

WireMessage = Mapping[str, object]
"""A message as templates know it: `role`, `content`, perhaps `tool_calls` and so on."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """A compiled template, its source, and the model's start and end texts."""

    compiled: Template
    source: str
    bos_text: str
    eos_text: str

    def render(
        self,
        messages: Sequence[WireMessage],
        variables: Mapping[str, object] | None = None,
        limits: Limits | None = None,
        *,
        tools: Sequence[WireMessage] | None = None,
        open_turn: bool = True,
        now: dt.datetime | None = None,
    ) -> str:
        """The conversation as the model expects it, open for the assistant's turn; `tools` as OpenAI lists them; `now`
        is the time, with its zone, that the template is told (None: the true one).

        Raises InvalidRequest when the template doesn't take these messages, TemplateFailed when it works too much.
        """
        budget = (limits or Limits()).for_input(_count_chars(messages) + _count_chars(tools or ()))
        now = now or dt.datetime.now().astimezone()
        values = {
            "datetime": now.strftime("%b %d %Y"),  # older templates' word for the date
            **(variables or {}),
            "messages": messages,
            "tools": list(tools) if tools else None,
            "functions": json.dumps(tools, indent=2, ensure_ascii=False) if tools else "",
            "documents": None,
            "add_generation_prompt": open_turn,
            "bos_token": self.bos_text,
            "eos_token": self.eos_text,
        }
        try:
            return render_paid(self.compiled, Ledger(budget), values, now)
        except WorkLimitExceeded as error:
            raise TemplateFailed(f"The model's chat template was stopped because it makes {error}.") from error
        except TemplateRefusal as error:
            raise InvalidRequest(f"The model's chat template refuses these messages: {error}", "messages") from error
        except Exception as error:  # a template can provoke any exception
            raise InvalidRequest(
                f"The model's chat template can't render these messages: {_one_line(error)}", "messages"
            ) from error


def compile_template(info: ModelInfo) -> ChatTemplate:
    """The model's template, ChatML when its file has none. Raises TemplateFailed when it can't be compiled."""
    if info.chat_template is None:
        _LOGGER.warning("%s has no chat template in its file: using ChatML.", info.id)
    source = info.chat_template or CHATML
    return ChatTemplate(compile_source(source, "The model's chat template"), source, info.bos_text, info.eos_text)


def compile_source(source: str, name: str) -> Template:
    """A template in its sandbox. Raises TemplateFailed, whose message begins with `name`."""
    try:
        return PayingEnvironment().compile_template(source)
    except TemplateSyntaxError as error:
        raise TemplateFailed(f"{name} is broken in line {error.lineno}: {_one_line(error)}") from error
    except Exception as error:  # compiling hostile source can end in RecursionError, SyntaxError, MemoryError …
        raise TemplateFailed(f"{name} can't be used: {_one_line(error)}") from error


def _one_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:300]


def _count_chars(value: object) -> int:
    """Characters in all strings; other values count as one. A call's arguments may be nested as deeply as JSON goes."""
    count = 0
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                count += len(text)
            case Mapping() as mapping:
                left += mapping.values()
            case Sequence() as sequence:
                left += sequence
            case _:
                count += 1
    return count
