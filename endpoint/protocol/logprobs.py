r"""Tokens' log-probabilities in OpenAI's two shapes: chat's list of entries, and the older one of parallel lists. Pure.

A token whose bytes are no whole characters is written as escapes (`\xf0\x9f`), in the older shape after "bytes:", as
OpenAI does. Chat leaves end tokens out; the older shape has them, for clients count on an entry for every token drawn.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from endpoint.protocol.reply import Body
from endpoint.providers.base import Tokenizer
from endpoint.providers.logprobs import TokenLogprobs

UNLIKELIEST = -9999.0
"""OpenAI's word for next to impossible: JSON knows no infinity."""


class LogprobWriter(Protocol):
    """Writes the log-probabilities of one answer; may remember what it has written."""

    def write(self, choice: int, told: Sequence[TokenLogprobs]) -> Body | None:
        """The next tokens of a choice; None where there is nothing to say of them."""

    def nothing(self) -> Body:
        """A whole choice that has no tokens."""


@dataclass(frozen=True, slots=True)
class Echo:
    """A prompt that is repeated before its answers: its text and its number of tokens, of which the first `hidden` are
    not in the text."""

    text: str
    tokens: int
    hidden: int = 0


class ChatLogprobs:
    """The shape of chat completions."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def write(self, choice: int, told: Sequence[TokenLogprobs]) -> Body | None:
        """Entries of all tokens but an end token."""
        del choice
        entries = [self._entry(each) for each in told if not self._tokenizer.is_end(each.token)]
        return {"content": entries, "refusal": None} if entries else None

    def nothing(self) -> Body:
        """An empty list."""
        return {"content": [], "refusal": None}

    def _entry(self, told: TokenLogprobs) -> Body:
        top = [self._pair(token, logprob) for token, logprob in told.top]
        return {**self._pair(told.token, told.logprob or 0.0), "top_logprobs": top}

    def _pair(self, token: int, logprob: float) -> Body:
        data = self._tokenizer.written(token)
        return {"token": show_bytes(data), "logprob": max(logprob, UNLIKELIEST), "bytes": list(data)}


class TextLogprobs:
    """The shape of text completions. `echoes`: the repeated prompts, none where they are not; each has `each` choices.

    `top_logprobs` names the drawn token too, beside the likeliest; a prompt's first token has null for both.
    """

    def __init__(self, tokenizer: Tokenizer, echoes: Sequence[Echo] = (), each: int = 1) -> None:
        self._tokenizer = tokenizer
        self._echoes = echoes
        self._each = each
        self._places: dict[int, _Place] = {}

    def write(self, choice: int, told: Sequence[TokenLogprobs]) -> Body | None:
        """Parallel lists; offsets count characters of the choice's whole text."""
        if not told:
            return None
        place = self._places.get(choice) or self._places.setdefault(choice, self._begin(choice))
        return {
            "tokens": [self._name(each.token) for each in told],
            "token_logprobs": [None if each.logprob is None else max(each.logprob, UNLIKELIEST) for each in told],
            "top_logprobs": [self._likeliest(each) for each in told],
            "text_offset": [place.take(self._tokenizer, each.token) for each in told],
        }

    def nothing(self) -> Body:
        """Empty lists."""
        return {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}

    def _begin(self, choice: int) -> _Place:
        echo = self._echoes[choice // self._each] if self._echoes else Echo("", 0)
        return _Place(echo.tokens, echo.hidden)

    def _likeliest(self, told: TokenLogprobs) -> dict[str, float] | None:
        if told.logprob is None:
            return None
        named: dict[str, float] = {}
        for token, logprob in (*told.top, (told.token, told.logprob)):
            named.setdefault(self._name(token), max(logprob, UNLIKELIEST))
        return named

    def _name(self, token: int) -> str:
        data = self._tokenizer.written(token)
        return show_bytes(data) if _is_text(data) else f"bytes:{show_bytes(data)}"


class _Place:
    """Where in a choice's text the next token begins."""

    def __init__(self, prompt: int, hidden: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._prompt = prompt  # of its tokens, control tokens are in the text
        self._hidden = hidden
        self._taken = 0
        self._offset = 0

    def take(self, tokenizer: Tokenizer, token: int) -> int:
        """The token's offset."""
        offset, number = self._offset, self._taken
        self._taken += 1
        if number >= self._hidden:
            data = tokenizer.written(token) if number < self._prompt else tokenizer.piece(token)
            self._offset += len(self._decoder.decode(data))
        return offset


def find_echo(tokenizer: Tokenizer, prompt: str | Sequence[int], tokens: Sequence[int]) -> Echo:
    """How a prompt is repeated: a text as it came, tokens as they are spelled. A start token that the text didn't have
    isn't shown."""
    if not isinstance(prompt, str):
        return Echo(b"".join(map(tokenizer.written, tokens)).decode("utf-8", "replace"), len(tokens))
    is_added = not tokenizer.piece(tokens[0]) and not prompt.startswith(tokenizer.written(tokens[0]).decode())
    return Echo(prompt, len(tokens), int(is_added))


def show_bytes(data: bytes) -> str:
    """The text, or escapes where it is none."""
    return data.decode() if _is_text(data) else "".join(f"\\x{byte:02x}" for byte in data)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
