from __future__ import annotations

import asyncio

import pytest

from endpoint.conversation import MediaPart, Message, Role, TextPart, Tool, ToolCall
from endpoint.errors import InvalidRequest
from endpoint.providers.fake import END
from endpoint.segments import Content, Segment
from endpoint.text.prompt import Prompt, PromptWriter
from endpoint.text.template import CHATML
from tests.endpoint.text.models import GEMMA, LLAMA2, make_model
from tests.endpoint.text.tools.archive import real_templates

USER = Message(Role.USER, (TextPart("Say it."),))
THINKING = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' %}<think>\n{{ m.reasoning_content or '' }}\n</think>\n\n{% endif %}"
    "{{ m.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write(template: str, text: str, *, tools: tuple[Tool, ...] = (), before: tuple[Message, ...] = (USER,)) -> Prompt:
    last = Message(Role.ASSISTANT, (TextPart(text),))
    messages = [*before, last]
    return asyncio.run(PromptWriter().write_chat(make_model(template), messages, {}, tools, continue_last=True))


def text_of(prompt: Prompt) -> str:
    return bytes(token for token in prompt.tokens if token != END).decode()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (CHATML, "<|im_start|>user\nSay it.<|im_end|>\n<|im_start|>assistant\nThe answer is"),
        (GEMMA, "<s><start_of_turn>user\nSay it.<end_of_turn>\n<start_of_turn>model\nThe answer is"),
        (LLAMA2, "<s>[INST] Say it. [/INST] The answer is"),
        (THINKING, "<|im_start|>user\nSay it.<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\nThe answer is"),
    ],
)
def test_the_prompt_ends_in_the_last_message(template: str, expected: str) -> None:
    assert text_of(write(template, "The answer is")) == expected


def test_a_blank_at_its_end_is_kept_where_the_template_trims() -> None:
    assert text_of(write(GEMMA, "The answer is: \n")).endswith("model\nThe answer is: \n")


def test_an_empty_message_leaves_the_turn_open() -> None:
    assert text_of(write(CHATML, "")).endswith("<|im_start|>assistant\n")


def answer(prompt: Prompt, text: str) -> list[Segment]:
    assert prompt.reading is not None
    parser = prompt.reading.parser()
    return [*parser.feed(text), *parser.finish()]


@pytest.mark.parametrize("beginning", ["The answer is", "x" * 1000])
def test_the_answers_first_blank_is_its_own(beginning: str) -> None:
    prompt = write(THINKING, beginning, tools=(Tool("f"),))
    assert answer(prompt, " 42.") == [Content(" 42.")]


@pytest.mark.parametrize(
    "last",
    [
        USER,
        Message(Role.ASSISTANT, (TextPart("x"),), tool_calls=(ToolCall("1", "f", "{}"),)),
        Message(Role.ASSISTANT, (MediaPart("image_url"),)),
    ],
)
def test_what_is_no_text_of_the_assistants_can_not_be_continued(last: Message) -> None:
    with pytest.raises(InvalidRequest, match="can be continued") as caught:
        asyncio.run(PromptWriter().write_chat(make_model(CHATML), [USER, last], {}, continue_last=True))
    assert caught.value.param == "messages"


def test_a_template_that_leaves_the_message_out_is_told() -> None:
    with pytest.raises(InvalidRequest, match="leaves out the message"):
        write("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}", "x")


@pytest.mark.parametrize("name", sorted(real_templates()))
def test_whatever_a_real_template_can_render_can_be_continued(name: str) -> None:
    model, writer = make_model(real_templates()[name], n_ctx=100_000), PromptWriter()
    said = [USER, Message(Role.ASSISTANT, (TextPart("The answer is"),))]
    try:
        asyncio.run(writer.write_chat(model, [*said, USER], {}))
    except InvalidRequest:
        return  # it needs tools, for instance
    prompt = asyncio.run(writer.write_chat(model, said, {}, continue_last=True))
    assert text_of(prompt).endswith("The answer is")
    assert prompt.reading is None or answer(prompt, " 42.") == [Content(" 42.")]
