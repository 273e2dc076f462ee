from __future__ import annotations

import asyncio

from endpoint.engine.request import GenerationRequest
from endpoint.engine.sequence import ActiveSequence, Advance
from endpoint.engine.stream import FinishReason, Stream
from endpoint.providers.base import Sampling
from endpoint.providers.fake import END, FakeTokenizer


def feed(text: bytes, *, max_tokens: int = 100, stop: tuple[str, ...] = (), end: bool = True) -> list[Advance]:
    stream = Stream(asyncio.new_event_loop(), lambda: None, lambda: None)
    stream.loop.close()
    sequence = ActiveSequence(1, GenerationRequest((1,), max_tokens, Sampling(), stop), stream, FakeTokenizer())
    advances = []
    for token in [*text, *([END] if end else [])]:
        advances.append(sequence.feed(token))
        if advances[-1].finished:
            break
    return advances


def text_of(advances: list[Advance]) -> str:
    return "".join(advance.text for advance in advances)


def test_a_character_is_given_out_only_when_all_its_bytes_are_there() -> None:
    assert [advance.text for advance in feed("aé€😀".encode(), end=False)] == list("a") + ["", "é", "", "", "€"] + [
        ""
    ] * 3 + ["😀"]


class _ControlTokenizer(FakeTokenizer):
    def piece(self, token: int) -> bytes:
        return b"" if token < 32 else super().piece(token)


def test_a_control_token_has_text_only_when_the_request_asks_for_it() -> None:
    stream = Stream(asyncio.new_event_loop(), lambda: None, lambda: None)
    stream.loop.close()
    request = GenerationRequest((1,), 100, Sampling(), shown={7: b"<call>"})
    sequence = ActiveSequence(1, request, stream, _ControlTokenizer())
    assert [sequence.feed(token).text for token in (97, 7, 8, 98)] == ["a", "<call>", "", "b"]


def test_a_character_cut_by_the_limit_is_left_out() -> None:
    advances = feed("a€".encode(), max_tokens=3)
    assert (text_of(advances), advances[-1].finished) == ("a", FinishReason.LENGTH)


def test_a_stop_string_at_the_limit_counts_as_a_stop() -> None:
    advances = feed(b"one STOP", max_tokens=8, stop=("STOP",))
    assert (text_of(advances), advances[-1].finished) == ("one ", FinishReason.STOP)


def test_it_knows_the_stop_string_that_ended_it() -> None:
    stream = Stream(asyncio.new_event_loop(), lambda: None, lambda: None)
    stream.loop.close()
    sequence = ActiveSequence(1, GenerationRequest((1,), 9, Sampling(), ("x", "b")), stream, FakeTokenizer())
    assert [sequence.feed(token).finished for token in b"ab"] == [None, FinishReason.STOP]
    assert (sequence.stop, sequence.take_count(), sequence.take_count()) == ("b", 2, 0)


def test_the_start_of_a_stop_string_that_never_comes_is_given_out_at_the_end() -> None:
    advances = feed(b"one STO", stop=("STOP",))
    assert (text_of(advances), advances[-1].finished) == ("one STO", FinishReason.STOP)


def test_an_end_token_ends_it_and_shows_nothing() -> None:
    assert feed(b"")[-1] == Advance("", FinishReason.STOP)
