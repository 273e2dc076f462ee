from __future__ import annotations

import asyncio

from endpoint.engine.request import GenerationRequest
from endpoint.engine.sequence import ActiveSequence
from endpoint.engine.stream import FinishReason, Stream
from endpoint.engine.telling import LogprobLedger
from endpoint.providers.base import Sampling
from endpoint.providers.fake import END, FakeTokenizer
from endpoint.providers.logprobs import TokenLogprobs


def start(max_tokens: int = 100, stop: tuple[str, ...] = ()) -> ActiveSequence:
    stream = Stream(asyncio.new_event_loop(), lambda: None, lambda: None)
    stream.loop.close()
    request = GenerationRequest((1, 2), max_tokens, Sampling(), stop, logprobs=0)
    return ActiveSequence(1, request, stream, FakeTokenizer())


def feed(sequence: ActiveSequence, token: int) -> str:
    """The text, and after a bar the tokens that are told with it."""
    text = sequence.feed(token, TokenLogprobs(token, -0.5)).text
    told = "".join(chr(each.token) for each in sequence.ledger.take_shown())
    return f"{text}|{told}"


def rest(sequence: ActiveSequence) -> list[int]:
    return [each.token for each in sequence.ledger.take_all()]


def test_a_token_is_told_with_its_text() -> None:
    sequence = start()
    assert [feed(sequence, token) for token in b"ab"] == ["a|a", "b|b"]
    assert rest(sequence) == []


def test_what_may_be_a_stop_string_is_told_when_it_turns_out_not_to_be() -> None:
    sequence = start(stop=("STOP",))
    assert [feed(sequence, token) for token in b"xSTSx"] == ["x|x", "|", "|", "ST|ST", "Sx|Sx"]


def test_tokens_of_a_stop_string_are_told_at_the_end() -> None:
    sequence = start(stop=("STOP",))
    assert [feed(sequence, token) for token in b"aSTOP"] == ["a|a", "|", "|", "|", "|"]
    assert rest(sequence) == list(b"STOP")
    assert rest(sequence) == []


def test_the_bytes_of_a_character_are_told_together() -> None:
    sequence = start()
    assert [feed(sequence, token) for token in "é€".encode()] == ["|", "é|Ã©", "|", "|", "€|â\x82¬"]


def test_an_end_token_and_half_a_character_are_told_at_the_end() -> None:
    sequence = start()
    assert feed(sequence, 0xE2) == "|"
    assert feed(sequence, END) == "|"
    assert rest(sequence) == [0xE2, END]


def test_a_prompts_tokens_come_first() -> None:
    sequence = start()
    prompt = (TokenLogprobs(1, None), TokenLogprobs(2, -1.0))
    sequence.feed(97, TokenLogprobs(97, -0.5), prompt)
    assert [each.token for each in sequence.ledger.take_shown()] == [1, 2, 97]


def test_a_prompt_alone_takes_no_token() -> None:
    sequence = start(max_tokens=0)
    advance = sequence.feed(97, TokenLogprobs(97, -0.5), (TokenLogprobs(1, None), TokenLogprobs(2, -1.0)))
    assert (advance.text, advance.finished, sequence.usage.completion_tokens) == ("", FinishReason.LENGTH, 0)
    assert rest(sequence) == [1, 2]


def test_an_empty_ledger_tells_nothing() -> None:
    assert (LogprobLedger().take_shown(), LogprobLedger().take_all()) == ((), ())
