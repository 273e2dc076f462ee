from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from endpoint.conversation import Message, Role, TextPart
from endpoint.engine.model import LoadedModel
from endpoint.errors import ContextLengthExceeded, InvalidRequest, TemplateFailed
from endpoint.providers.fake import FakeTokenizer
from endpoint.text.prompt import LARGE_INPUT, SMALL_INPUT, Prompt, PromptWriter
from tests.endpoint.text.models import make_info, make_model

ECHO = "{% for m in messages %}{{ m.content }}{% endfor %}{{ effort }}"


def ask(text: str) -> list[Message]:
    return [Message(Role.USER, (TextPart(text),))]


def write(model: LoadedModel, text: str, **variables: object) -> Prompt:
    return asyncio.run(PromptWriter().write_chat(model, ask(text), variables))


def test_a_conversation_becomes_tokens_and_the_rest_is_room() -> None:
    prompt = write(make_model(ECHO, n_ctx=10), "abc")
    assert (prompt.tokens, prompt.room) == (tuple(b"abc"), 7)


def test_the_limit_is_the_wish_but_never_more_than_the_room() -> None:
    prompt = Prompt((1,), room=7)
    assert [prompt.limit(wish) for wish in (None, 3, 7, 100)] == [7, 3, 7, 7]


@pytest.mark.parametrize("length", [10, 11, SMALL_INPUT + 1])
def test_a_prompt_that_leaves_no_room_is_refused_with_both_counts(length: int) -> None:
    with pytest.raises(ContextLengthExceeded, match=rf"10 tokens.*has {length} tokens") as caught:
        write(make_model(ECHO, n_ctx=10), "x" * length)
    assert caught.value.param == "messages"


def test_variables_are_handed_to_the_template_unless_reserved() -> None:
    assert write(make_model(ECHO), "a", effort="high").tokens == tuple(b"ahigh")
    with pytest.raises(InvalidRequest, match="bos_token") as caught:
        write(make_model(ECHO), "a", bos_token="x")
    assert caught.value.param == "chat_template_kwargs"


def test_a_text_is_tokenised_and_tokens_are_checked() -> None:
    writer, model = PromptWriter(), make_model(ECHO, n_ctx=10)
    assert asyncio.run(writer.write_text(model, "ab")).tokens == (97, 98)
    assert writer.take_tokens(model, [1, 256]).room == 8
    for tokens in ([257], [-1], [0, 10**12]):
        with pytest.raises(InvalidRequest, match="must be a token from 0 to 256"):
            writer.take_tokens(model, tokens)
    with pytest.raises(ContextLengthExceeded):
        writer.take_tokens(model, [1] * 10)
    with pytest.raises(InvalidRequest, match="empty"):
        writer.take_tokens(model, [])


class _WatchedTokenizer(FakeTokenizer):
    """Notes the threads it is called on."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        self.threads.append(threading.current_thread())
        return super().encode(text, add_bos=add_bos)


def test_long_inputs_are_worked_on_beside_the_event_loop_and_short_ones_on_it() -> None:
    tokenizer = _WatchedTokenizer()
    model = LoadedModel(make_info(ECHO, n_ctx=10**6), tokenizer, loaded_at=0)
    write(model, "short")
    write(model, "x" * SMALL_INPUT)
    asyncio.run(PromptWriter().write_text(model, "x" * (SMALL_INPUT + 1)))
    assert [thread is threading.current_thread() for thread in tokenizer.threads] == [True, False, False]


def test_a_template_is_compiled_once_a_model(caplog: pytest.LogCaptureFixture) -> None:
    writer = PromptWriter()

    async def write_thrice() -> None:
        first, second = make_model(None), make_model(None)
        await asyncio.gather(*(writer.write_chat(first, ask("a"), {}) for _ in range(5)))
        await writer.write_chat(second, ask("a"), {})

    with caplog.at_level(logging.WARNING):
        asyncio.run(write_thrice())
    assert len(caplog.messages) == 2


def test_a_broken_template_fails_each_chat_but_no_text() -> None:
    writer, model = PromptWriter(), make_model("{% if %}")
    for _ in range(2):
        with pytest.raises(TemplateFailed, match="line 1"):
            asyncio.run(writer.write_chat(model, ask("a"), {}))
    assert asyncio.run(writer.write_text(model, "a")).tokens == (97,)


def test_a_text_of_megabytes_is_refused_by_its_length_alone() -> None:
    class Unread(FakeTokenizer):
        def encode(self, text: str, *, add_bos: bool) -> list[int]:
            raise AssertionError("it was tokenised")

    model = LoadedModel(make_info(None, n_ctx=10), Unread(), loaded_at=0)
    with pytest.raises(ContextLengthExceeded, match=r"has at least \d+ tokens"):
        asyncio.run(PromptWriter().write_text(model, "x" * (LARGE_INPUT + 1)))
