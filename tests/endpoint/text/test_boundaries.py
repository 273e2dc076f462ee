from __future__ import annotations

import asyncio

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.engine.model import LoadedModel
from endpoint.providers.base import MemoryKind
from endpoint.providers.fake import FakeTokenizer
from endpoint.text.prompt import Prompt, PromptWriter
from tests.endpoint.text.models import GEMMA, LLAMA2, make_info

SYSTEM, USER, ASSISTANT = Role.SYSTEM, Role.USER, Role.ASSISTANT
RULES = "Answer in one sentence."


def talk(*turns: tuple[Role, str]) -> list[Message]:
    return [Message(role, (TextPart(text),)) for role, text in turns]


def write(template: str | None, messages: list[Message], memory: MemoryKind = MemoryKind.HYBRID) -> Prompt:
    model = LoadedModel(make_info(template), FakeTokenizer(), 0, memory)
    return asyncio.run(PromptWriter().write_chat(model, messages, {}))


def beginnings(prompt: Prompt) -> list[str]:
    return [bytes(prompt.tokens[:depth]).decode() for depth in prompt.boundaries]


def test_other_conversations_part_after_the_system_message() -> None:
    prompt = write(None, talk((SYSTEM, RULES), (USER, "Why?")))
    assert beginnings(prompt) == [f"<|im_start|>system\n{RULES}<|im_end|>\n<|im_start|>user\n"]


def test_and_before_the_last_turn() -> None:
    prompt = write(None, talk((SYSTEM, RULES), (USER, "Why?"), (ASSISTANT, "So."), (USER, "How?")))
    after_system, before_last = beginnings(prompt)
    assert after_system.endswith(f"{RULES}<|im_end|>\n<|im_start|>user\n")
    assert before_last.endswith("assistant\nSo.<|im_end|>\n<|im_start|>user\n")


@pytest.mark.parametrize("template", [GEMMA, LLAMA2])
def test_a_system_message_inside_the_first_turn_is_found_too(template: str) -> None:
    (beginning,) = beginnings(write(template, talk((SYSTEM, RULES), (USER, "Why?"))))
    assert beginning.endswith(f"{RULES}\n\n")


def test_without_a_system_message_a_first_question_has_no_boundary() -> None:
    assert write(None, talk((USER, "Why?"))).boundaries == ()


def test_a_template_that_refuses_the_probe_leaves_no_boundary() -> None:
    refusing = (
        "{% for m in messages %}{% if 'qzProbe' in m.content %}{{ raise_exception('no') }}{% endif %}"
        "{{ m.content }}{% endfor %}"
    )
    assert write(refusing, talk((SYSTEM, RULES), (USER, "Why?"))).boundaries == ()


def test_a_model_whose_state_can_be_cut_pays_nothing() -> None:
    class Counting(FakeTokenizer):
        calls = 0

        def encode(self, text: str, *, add_bos: bool) -> list[int]:
            self.calls += 1
            return super().encode(text, add_bos=add_bos)

    tokenizer = Counting()
    model = LoadedModel(make_info(None), tokenizer, 0, MemoryKind.ATTENTION)
    prompt = asyncio.run(PromptWriter().write_chat(model, talk((SYSTEM, RULES), (USER, "Why?")), {}))
    assert (prompt.boundaries, tokenizer.calls) == ((), 1)
