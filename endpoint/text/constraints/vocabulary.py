"""A model's tokens as llguidance sees them. Made once a model, off the event loop; then read-only, for any thread.

The library knows control tokens by number only: no text in a grammar can become one.
"""

from __future__ import annotations

from collections.abc import Sequence

from llguidance import LLTokenizer

from endpoint.providers.base import Tokenizer

_CONTROL_BYTE = b"\xff"
"""The library's own mark of a control token; a byte token of that value is never part of UTF-8 text."""


class Vocabulary:
    """The library's tokenizer, and the tokens that end an answer, the likeliest first."""

    def __init__(self, tokenizer: Tokenizer, n_vocab: int, ends: Sequence[int]) -> None:
        source = _TokenSource(tokenizer, n_vocab, ends[0])
        self.ends = tuple(ends)
        # The stub asks for the library's own wrapper, of which the code only reads what is here.
        self.library = LLTokenizer(source, n_vocab=n_vocab, eos_token=list(ends))  # type: ignore[arg-type]  # see above


def make_vocabulary(tokenizer: Tokenizer, n_vocab: int, eos_text: str) -> Vocabulary:
    """About half a second for 49,000 tokens."""
    ends = [token for token in range(n_vocab) if tokenizer.is_end(token)]
    usual = tokenizer.encode(eos_text, add_bos=False) if eos_text else []
    return Vocabulary(tokenizer, n_vocab, sorted(ends, key=lambda token: (token not in usual[:1], token)))


class _TokenSource:
    """What LLTokenizer reads from the tokenizer that it is given: these attributes, and a call that encodes."""

    is_tokenizer_wrapper = True
    bos_token_id = None

    def __init__(self, tokenizer: Tokenizer, n_vocab: int, eos: int) -> None:
        self._tokenizer = tokenizer
        self.eos_token_id = eos
        self.tokens = [_text_bytes(tokenizer.piece(token)) for token in range(n_vocab)]
        self.special_token_ids = [token for token, piece in enumerate(self.tokens) if not piece]
        self._by_bytes = {piece: token for token, piece in reversed(list(enumerate(self.tokens))) if piece}
        self._longest = max(map(len, self._by_bytes), default=1)

    def __call__(self, text: str | bytes) -> list[int]:
        """The tokens of just these bytes: a tokenizer that puts a blank before every text would add one."""
        data = text.encode() if isinstance(text, str) else text
        tokens = self._tokenizer.encode(data.decode("utf-8", "replace"), add_bos=False)
        return tokens if b"".join(self.tokens[token] for token in tokens) == data else self._cover(data)

    def _cover(self, data: bytes) -> list[int]:
        """Always the longest token; bytes that none stands for are left out."""
        found, at = [], 0
        while at < len(data):
            lengths = range(min(self._longest, len(data) - at), 0, -1)
            length = next((each for each in lengths if data[at : at + each] in self._by_bytes), 0)
            if length:
                found.append(self._by_bytes[data[at : at + length]])
            at += length or 1
        return found


def _text_bytes(piece: bytes) -> bytes:
    return b"" if piece.startswith(_CONTROL_BYTE) else piece
