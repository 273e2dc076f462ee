from __future__ import annotations

import asyncio

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.engine.model import LoadedModel
from endpoint.errors import ContextLengthExceeded, InvalidRequest
from endpoint.keycontent import KeyContent
from endpoint.providers.base import MemoryKind
from endpoint.providers.fake import FakeTokenizer
from endpoint.text.merging import merge_content
from endpoint.text.prompt import Prompt, PromptWriter
from tests.endpoint.text.conversing import CALL, TOOLS, assistant, system, user
from tests.endpoint.text.hostile import CLOCKS, HOSTILE, LINES
from tests.endpoint.text.models import GEMMA, LLAMA2, make_info, make_model

RULES = system("Be brief.\nAnd kind.")


def write(template: str | None, content: KeyContent, memory: MemoryKind = MemoryKind.ATTENTION) -> Prompt | None:
    model = LoadedModel(make_info(template), FakeTokenizer(), 0, memory)
    return asyncio.run(PromptWriter().write_key(model, content))


def chain(template: str | None, *contents: KeyContent) -> list[str]:
    prompts = asyncio.run(PromptWriter().write_chain(make_model(template), contents))
    return [show(prompt) for prompt in prompts]


def show(prompt: Prompt | None, depth: int | None = None) -> str:
    return "" if prompt is None else b"".join(map(FakeTokenizer().written, prompt.tokens[:depth])).decode()


def kept(template: str | None, *messages: Message) -> str:
    return show(write(template, KeyContent(messages)))


def test_a_system_message_is_cached_to_where_the_next_turn_says_whose_it_is() -> None:
    assert kept(None, RULES) == "<|im_start|>system\nBe brief.\nAnd kind.<|im_end|>\n"
    assert kept(LINES, RULES) == "<|end|>system\nBe brief.\nAnd kind.\n<|end|>"


def test_where_the_next_text_would_be_joined_the_last_word_is_left_out() -> None:
    assert kept(GEMMA, RULES) == "<s><start_of_turn>user\nBe brief.\nAnd"


def test_so_it_is_where_users_speak_twice() -> None:
    assert kept(LINES, RULES, user("Why so?")) == "<|end|>system\nBe brief.\nAnd kind.\n<|end|>user\nWhy"


def test_and_where_the_question_may_be_answered_at_once_nothing_of_the_answer_is_foreseen() -> None:
    assert kept(LINES, user("Why?"), assistant("So.")) == "<|end|>user\nWhy?\n<|end|>assistant\nSo.\n<|end|>"


@pytest.mark.parametrize("name", CLOCKS)
def test_a_clock_ends_what_is_cached(name: str) -> None:
    text = kept(HOSTILE[name], RULES)
    assert "<|end|>" not in text
    assert "At".startswith(text) or name == "clock %c"  # that one begins with a date, which stays


def test_a_date_stays() -> None:
    assert kept("It's {{ strftime_now('%Y') }}, {{ datetime }}." + LINES, RULES).endswith("kind.\n<|end|>")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clock behind", "<|end|>system\nBe brief.\nAnd kind.\n<|end|>"),
        ("counter", "Message 1"),
        ("reversed", "<|end|>"),
        ("last first", ""),
        ("odd or even", ""),
        ("every fifth", ""),
        ("many", ""),
        ("system at the end", "<|end|>"),
        ("stripped", "[system]Be brief.\nAnd kind."),
        ("tools behind", "<|end|>system\nBe brief.\nAnd kind.\n<|end|>"),
        ("a preamble for tool results", ""),
    ],
)
def test_what_depends_on_later_messages_is_not_cached(name: str, text: str) -> None:
    assert kept(HOSTILE[name], RULES) == text


def test_old_reasoning_that_goes_later_ends_what_is_cached() -> None:
    text = kept(HOSTILE["reasoning until it is old"], user("Why?"), assistant("So.", reasoning="Hm."))
    assert text == "<|end|>user\nWhy?<|end|>"


def test_results_of_pending_calls_may_follow() -> None:
    calling = Message(Role.ASSISTANT, tool_calls=(CALL,))
    strict = (
        "{% for m in messages %}{{ m.role }}\n{{ m.content }}{% for call in m.tool_calls %}"
        "{{ call.function.name }} {{ call.function.arguments|tojson }}"
        "{% if loop.last and messages[-1].role == 'user' %}{{ raise_exception('no result') }}{% endif %}"
        "{% endfor %}<|end|>{% endfor %}"
    )
    assert kept(strict, user("Why?"), calling) == 'user\nWhy?<|end|>assistant\nget_weather {"city": "Rome"}<|end|>'


def test_a_later_call_may_have_the_number_of_one_before() -> None:
    calling = Message(Role.ASSISTANT, tool_calls=(CALL,))
    result = Message(Role.TOOL, (TextPart("21 degrees"),), tool_call_id=CALL.id)
    template = HOSTILE["calls looked up by their number"]
    text = kept(template, user("Why?"), calling, result)
    assert text == '<|end|>user\nWhy?<|end|>assistant\nget_weather {"city": "Rome"}<|end|>tool\n'
    assert kept(template, user("Why?"), calling, result, assistant("So.")) == text


def test_what_is_written_before_the_last_question_is_not_cached_though_its_call_is_pending() -> None:
    calling = Message(Role.ASSISTANT, tool_calls=(CALL,))
    prompt = write(HOSTILE["tools before the last question"], KeyContent((RULES, user("Why?"), calling), TOOLS))
    assert show(prompt) == "<|end|>system\nBe brief.\nAnd kind.<|end|>"


def test_an_open_turn_is_cached_to_its_end() -> None:
    opened = KeyContent((RULES, user("Why?")), opens_turn=True)
    prompt = asyncio.run(PromptWriter().write_chat(make_model(LINES), opened.messages, {}))
    assert show(write(LINES, opened)) == show(prompt)
    assert show(write(HOSTILE["clock behind"], opened)) == show(prompt).removesuffix("assistant")


def test_content_that_is_refused_whatever_follows_is_refused() -> None:
    refusing = "{{ raise_exception('no system') if messages[0].role == 'system' else 'Go:' + messages[0].content }}"
    with pytest.raises(InvalidRequest, match="refuses these messages: no"):
        write("{{ raise_exception('no tools') if tools else messages[0].content }}", KeyContent((RULES,), TOOLS))
    assert kept(refusing, RULES) == "Go:Be brief.\nAnd"
    assert kept(LLAMA2, RULES) == "<s>[INST] Be brief.\nAnd"


def test_reserved_variables_and_what_does_not_fit_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="bos_token"):
        write(LINES, KeyContent((RULES,), variables={"bos_token": "x"}))
    with pytest.raises(ContextLengthExceeded):
        write(LINES, KeyContent((system("word " * 900),)))


def test_raw_tokens_are_checked_and_taken_as_they_are() -> None:
    prompt = write(LINES, KeyContent(tokens=(65, 66)))
    assert prompt is not None
    assert (prompt.tokens, prompt.boundaries) == ((65, 66), (2,))
    with pytest.raises(InvalidRequest, match="token from 0 to 256"):
        write(LINES, KeyContent(tokens=(257,)))


def test_where_state_cannot_be_cut_the_inner_boundaries_are_told_too() -> None:
    content = KeyContent((RULES, user("Why?"), assistant("So.")))
    prompt = write(LINES, content, MemoryKind.RECURRENT)
    assert prompt is not None
    after_system, end = (show(prompt, depth) for depth in prompt.boundaries)
    assert (after_system, end) == ("<|end|>system\nBe brief.\nAnd kind.\n<|end|>user\n", show(prompt))
    cuttable = write(LINES, content)
    assert cuttable is not None
    assert cuttable.boundaries == (len(prompt.tokens),)


def test_each_of_a_chain_begins_the_one_behind_it() -> None:
    first = KeyContent((RULES,))
    asked = merge_content(first, KeyContent((user("Why?"), assistant("So."))))
    texts = chain(LINES, first, asked, asked, merge_content(asked, KeyContent((user("How do you know?"),))))
    assert texts[0] == "<|end|>system\nBe brief.\nAnd kind.\n<|end|>"
    assert texts[1] == texts[2] == texts[0] + "user\nWhy?\n<|end|>assistant\nSo.\n<|end|>"
    assert texts[3] == texts[1] + "user\nHow do you"


def test_one_of_a_chain_ends_where_a_later_one_changes_what_was_before() -> None:
    first = KeyContent((RULES,))
    texts = chain(None, first, merge_content(first, KeyContent((system("Say no more."),))))
    assert texts[0] == "<|im_start|>system\nBe brief.\nAnd kind."
    assert texts[1] == texts[0] + "\n\nSay no more.<|im_end|>\n"


def test_one_that_the_template_takes_only_with_what_follows_breaks_no_chain() -> None:
    demanding = "{{ raise_exception('how kind?') if 'kind' in messages[0].content and not how }}" + LINES
    first, refused = KeyContent((system("Be brief.\nAnd"),), variables={"how": "very"}), KeyContent((RULES,))
    texts = chain(demanding, first, refused, first)
    assert texts == ["<|end|>system\nBe brief.\nAnd\n<|end|>", "", "<|end|>system\nBe brief.\nAnd\n<|end|>"]
    with pytest.raises(InvalidRequest, match="how kind"):
        chain(demanding, first, refused)
