"""Text <-> tokens through llama.cpp's vocabulary. The vocabulary is read-only after loading: any thread may use it."""

from __future__ import annotations

import ctypes
from functools import cached_property

import llama_cpp.llama_cpp as ll

from endpoint.providers.infill import InfillTokens


class LlamaTokenizer:
    """`vocab` is a llama_vocab pointer; its model must outlive this object."""

    def __init__(self, vocab: ll.llama_vocab_p) -> None:
        self._vocab = vocab
        self.n_vocab: int = ll.llama_vocab_n_tokens(vocab)
        self._bos: int = ll.llama_vocab_bos(vocab)
        self._wants_bos = bool(ll.llama_vocab_get_add_bos(vocab)) and self._bos >= 0
        self._ends = frozenset(token for token in range(self.n_vocab) if ll.llama_vocab_is_eog(vocab, token))
        self._pieces: list[bytes | None] = [None] * self.n_vocab

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        """See `providers.base.Tokenizer`. A lone surrogate (JSON can carry one) becomes U+FFFD."""
        data = text.encode("utf-8", "replace")
        tokens = self._tokenize(data)
        if add_bos and self._wants_bos and tokens[:1] != [self._bos]:
            tokens.insert(0, self._bos)
        return tokens

    def encode_whole(self, text: str, *, marks: bool = True) -> list[int]:
        """See `providers.base.Tokenizer`. Surrogates as in `encode`."""
        return self._tokenize(text.encode("utf-8", "replace"), marks=marks)

    def piece(self, token: int) -> bytes:
        """See `providers.base.Tokenizer`."""
        piece = self._pieces[token]
        if piece is None:
            piece = self._pieces[token] = self._render(token, special=False)
        return piece

    def written(self, token: int) -> bytes:
        """See `providers.base.Tokenizer`."""
        return self._render(token, special=True)

    def text(self, token: int) -> str:
        """How a token is written, control tokens included; "" for a token that isn't there (-1)."""
        return self.written(token).decode("utf-8", "replace") if token >= 0 else ""

    @cached_property
    def longest_piece(self) -> int:
        """Measured when it is first asked for, by a very long text: it takes a look at every token."""
        return max(len(self._render(token, special=True)) for token in range(self.n_vocab))

    @property
    def bos_text(self) -> str:
        """The start token as templates write it."""
        return self.text(self._bos)

    @property
    def eos_text(self) -> str:
        """The end token as templates write it."""
        return self.text(ll.llama_vocab_eos(self._vocab))

    def infill(self) -> InfillTokens | None:
        """The vocabulary's tokens for filling gaps; None when one of the three is missing."""
        tokens = [
            find(self._vocab) for find in (ll.llama_vocab_fim_pre, ll.llama_vocab_fim_suf, ll.llama_vocab_fim_mid)
        ]
        return InfillTokens(*tokens) if min(tokens) >= 0 else None

    def is_end(self, token: int) -> bool:
        """See `providers.base.Tokenizer`."""
        return token in self._ends

    def _tokenize(self, data: bytes, *, marks: bool = False) -> list[int]:
        room = len(data) + 16  # a token is at least a byte, but for a few that a vocabulary may put in front
        buffer = (ll.llama_token * room)()
        count = ll.llama_tokenize(self._vocab, data, len(data), buffer, room, marks, True)
        if count < 0:  # more tokens than bytes: told as a negative number
            buffer = (ll.llama_token * -count)()
            count = ll.llama_tokenize(self._vocab, data, len(data), buffer, -count, marks, True)
        return list(buffer[:count])

    def _render(self, token: int, *, special: bool) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        length = ll.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = ll.llama_token_to_piece(self._vocab, token, buffer, len(buffer), 0, special)
        return buffer.raw[:length]
