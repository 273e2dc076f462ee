from __future__ import annotations

import math

from endpoint.protocol.logprobs import ChatLogprobs, Echo, TextLogprobs, find_echo
from endpoint.protocol.schemas import ChatLogprobs as ChatSchema
from endpoint.protocol.schemas import TextLogprobs as TextSchema
from endpoint.providers.fake import END, FakeTokenizer
from endpoint.providers.logprobs import TokenLogprobs


def told(token: int, logprob: float | None = -0.5, top: tuple[tuple[int, float], ...] = ()) -> TokenLogprobs:
    return TokenLogprobs(token, logprob, top)


class _StartTokenizer(FakeTokenizer):
    """Puts a start token, 1, before a text."""

    def piece(self, token: int) -> bytes:
        return b"" if token == 1 else super().piece(token)

    def written(self, token: int) -> bytes:
        return b"<s>" if token == 1 else super().written(token)


def test_chat_has_an_entry_a_token_with_its_bytes() -> None:
    body = ChatLogprobs(FakeTokenizer()).write(0, [told(97, -0.5, ((97, -0.5), (98, -1.5)))])
    entry = ChatSchema.model_validate(body).content[0]
    assert (entry.token, entry.logprob, entry.bytes) == ("a", -0.5, [97])
    assert [(each.token, each.logprob) for each in entry.top_logprobs] == [("a", -0.5), ("b", -1.5)]


def test_chat_leaves_the_end_token_out() -> None:
    writer = ChatLogprobs(FakeTokenizer())
    assert writer.write(0, [told(END)]) is None
    assert writer.nothing() == {"content": [], "refusal": None}


def test_half_a_character_is_written_as_escapes() -> None:
    body = ChatLogprobs(FakeTokenizer()).write(0, [told(0xE2)])
    assert ChatSchema.model_validate(body).content[0].token == "\\xe2"
    text = TextLogprobs(FakeTokenizer()).write(0, [told(0xE2)])
    assert TextSchema.model_validate(text).tokens == ["bytes:\\xe2"]


def test_what_can_not_be_is_very_unlikely() -> None:
    for writer in (ChatLogprobs(FakeTokenizer()), TextLogprobs(FakeTokenizer())):
        assert "-9999.0" in str(writer.write(0, [told(97, -math.inf, ((98, -math.inf),))]))


def test_offsets_count_characters_and_go_on_from_piece_to_piece() -> None:
    writer = TextLogprobs(FakeTokenizer())
    first = TextSchema.model_validate(writer.write(0, [told(each) for each in "aé".encode()]))
    second = TextSchema.model_validate(writer.write(0, [told(98), told(END)]))
    assert (first.text_offset, second.text_offset) == ([0, 1, 1], [2, 3])
    assert second.tokens == ["b", "<|end|>"]
    assert TextSchema.model_validate(writer.write(1, [told(98)])).text_offset == [0]


def test_the_likeliest_name_the_drawn_token_too() -> None:
    body = TextLogprobs(FakeTokenizer()).write(0, [told(97, -3.0, ((98, -0.5),)), told(97, -0.5, ((97, -0.5),))])
    assert TextSchema.model_validate(body).top_logprobs == [{"b": -0.5, "a": -3.0}, {"a": -0.5}]


def test_a_prompts_first_token_has_null_and_a_start_token_no_place() -> None:
    tokenizer = _StartTokenizer()
    echo = find_echo(tokenizer, "ab", [1, 97, 98])
    body = TextLogprobs(tokenizer, [echo]).write(0, [told(1, None), told(97), told(98), told(99)])
    lists = TextSchema.model_validate(body)
    assert lists.tokens == ["<s>", "a", "b", "c"]
    assert lists.token_logprobs == [None, -0.5, -0.5, -0.5]
    assert lists.top_logprobs[0] is None
    assert lists.text_offset == [0, 0, 1, 2]


def test_each_prompt_has_its_own_echo() -> None:
    writer = TextLogprobs(FakeTokenizer(), [Echo("a", 1), Echo("b", 2, hidden=1)], each=2)
    offsets = []
    for choice in range(4):
        body = writer.write(choice, [told(97, None), told(98)])
        offsets.append(TextSchema.model_validate(body).text_offset)
    assert offsets == [[0, 1], [0, 1], [0, 0], [0, 0]]


def test_a_prompt_is_repeated_as_it_came_and_tokens_as_they_are_spelled() -> None:
    tokenizer = _StartTokenizer()
    assert find_echo(tokenizer, "<s>ab", [1, 97, 98]) == Echo("<s>ab", 3, 0)
    assert find_echo(tokenizer, (1, 97), (1, 97)) == Echo("<s>a", 2, 0)
    assert find_echo(tokenizer, "ab", (97, 98)) == Echo("ab", 2, 0)
