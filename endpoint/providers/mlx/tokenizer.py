"""Text <-> tokens through the `tokenizers` library. Nothing is written after loading: any thread may use it.

The library's tokenizer.json says how texts become tokens; what tokens become is in `pieces`, whose tokens are which in
`special`. No code from a model's folder is run.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Library

from endpoint.errors import LoadError
from endpoint.providers.infill import InfillTokens
from endpoint.providers.mlx.pieces import make_pieces, spell_added
from endpoint.providers.mlx.special import find_special
from endpoint.providers.mlx.tokenizer_settings import TokenizerSettings, read_settings

_FILE = "tokenizer.json"


class HfTokenizer:
    """`n_vocab`: numbers in the model's output. Those that the vocabulary doesn't use are empty and end nothing; tokens
    of the vocabulary beyond them must not be in `library`."""

    def __init__(self, library: Library, settings: TokenizerSettings, n_vocab: int) -> None:
        self.n_vocab = n_vocab
        self._library = library
        self._end = _find(library, settings.end, settings.ends, n_vocab)
        self._start = _find(library, settings.start, settings.starts, n_vocab)
        added = {token: each for token, each in library.get_added_tokens_decoder().items() if token < n_vocab}
        names = {token: str(each.content) for token, each in added.items()}
        declared = {token for token in (self._end, *settings.ends) if token is not None and token < n_vocab}
        special = frozenset(token for token, each in added.items() if each.special)
        self._special = find_special(names, special, frozenset(declared))
        self._pieces, self._control = _render(library, names, self._special.control, n_vocab)
        self._adds_start, self._adds_end = self._read_habits(settings)

    @property
    def can_end(self) -> bool:
        """Whether any token ends an answer."""
        return bool(self._special.ends)

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        """See `providers.base.Tokenizer`. A lone surrogate (JSON can carry one) becomes a question mark."""
        tokens = self._tokenize(text)
        return self._mark_start(tokens) if add_bos else tokens

    def encode_whole(self, text: str, *, marks: bool = True) -> list[int]:
        """See `providers.base.Tokenizer`. Surrogates as in `encode`."""
        if not marks:
            return self._tokenize(text)
        tokens = self._mark_start(self._tokenize(text, marks=True))
        if self._adds_end and self._end is not None and tokens[-1:] != [self._end]:
            tokens.append(self._end)
        return tokens

    def piece(self, token: int) -> bytes:
        """See `providers.base.Tokenizer`. Empty for a token that isn't there."""
        return self._pieces[token] if 0 <= token < self.n_vocab else b""

    def written(self, token: int) -> bytes:
        """See `providers.base.Tokenizer`. Empty for a token that isn't there."""
        return self._control.get(token) or self.piece(token)

    @cached_property
    def longest_piece(self) -> int:
        """Measured when it is first asked for."""
        return max(map(len, (*self._pieces, *self._control.values())), default=1)

    @property
    def bos_text(self) -> str:
        """The start token as templates write it; "" where there is none."""
        return self._text(self._start)

    @property
    def eos_text(self) -> str:
        """The end token as templates write it; "" where there is none."""
        return self._text(self._end)

    def infill(self) -> InfillTokens | None:
        """The vocabulary's tokens for filling gaps; None when one of the three is missing."""
        return self._special.infill

    def is_end(self, token: int) -> bool:
        """See `providers.base.Tokenizer`."""
        return token in self._special.ends

    def _text(self, token: int | None) -> str:
        return "" if token is None else self.written(token).decode("utf-8", "replace")

    def _tokenize(self, text: str, *, marks: bool = False) -> list[int]:
        clean = text.encode("utf-8", "replace").decode()
        # `encode` of one text holds the interpreter's lock all the while, seconds for a long one; that of many doesn't.
        encodings = self._library.encode_batch_fast([clean], add_special_tokens=marks)
        tokens: list[int] = encodings[0].ids
        return [token for token in tokens if token < self.n_vocab] if marks else tokens

    def _mark_start(self, tokens: list[int]) -> list[int]:
        if not self._adds_start or self._start is None or tokens[:1] == [self._start]:
            return tokens
        return [self._start, *tokens]

    def _read_habits(self, settings: TokenizerSettings) -> tuple[bool, bool]:
        """Whether texts get a start and an end: as the settings say, else as the post-processor does with no text."""
        marks = self._tokenize("", marks=True)
        adds_start = marks[:1] == [self._start] if settings.adds_start is None else settings.adds_start
        return adds_start, bool(settings.adds_end)


def load_tokenizer(folder: Path, n_vocab: int) -> HfTokenizer:
    """The tokenizer of a model with `n_vocab` numbers in its output. Raises LoadError."""
    settings = read_settings(folder)
    library = _read_library(folder)
    if max(library.get_vocab().values(), default=0) >= n_vocab:
        library = _leave_out(library, folder, n_vocab)
    library.no_truncation()
    library.no_padding()
    tokenizer = HfTokenizer(library, settings, n_vocab)
    if not tokenizer.can_end:
        raise LoadError(
            f"No token in {folder} ends an answer. Name one by its number: eos_token_id in generation_config.json."
        )
    return tokenizer


def _read_library(folder: Path) -> Library:
    path = folder / _FILE
    if not path.is_file():
        return _convert(folder)
    try:
        return Library.from_buffer(path.read_bytes())
    except Exception as error:  # the library raises a plain Exception for some damage
        raise LoadError(f"{path} can't be read: {error}. Download the model again.") from error


def _convert(folder: Path) -> Library:
    """From a vocabulary in another format; transformers knows most, and takes seconds to import."""
    from transformers import AutoTokenizer

    try:
        found: Any = AutoTokenizer.from_pretrained(
            folder, use_fast=True, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # whatever the formats' own readers raise
        reason = str(error).strip().partition("\n")[0]
        raise LoadError(f"{folder} has no {_FILE}, and no other tokenizer in it can be used: {reason}") from error
    if not getattr(found, "is_fast", False):
        raise LoadError(f"{folder} has no {_FILE}, and its tokenizer exists in Python only, which is too slow here.")
    library: Library = found.backend_tokenizer
    return library


def _leave_out(library: Library, folder: Path, n_vocab: int) -> Library:
    """Without the added tokens that the model has no numbers for: what is written like one is then plain text. A number
    beyond the model's would be read from memory that isn't its own."""
    document = json.loads(library.to_str())
    document["added_tokens"] = [each for each in document["added_tokens"] if each["id"] < n_vocab]
    try:
        rest = Library.from_str(json.dumps(document))
    except Exception as error:  # as in _read_library
        raise LoadError(f"The tokenizer in {folder} has more tokens than the model: {error}.") from error
    most = max(rest.get_vocab().values(), default=0)
    if most >= n_vocab:
        raise LoadError(f"The tokenizer in {folder} has token {most}, but the model only {n_vocab} of them.")
    return rest


def _find(library: Library, name: str | None, numbers: tuple[int, ...], n_vocab: int) -> int | None:
    """The token of a name, else the first of the numbers."""
    named = None if name is None else library.token_to_id(name)
    return next((token for token in (named, *numbers) if token is not None and token < n_vocab), None)


def _render(
    library: Library, names: dict[int, str], control: frozenset[int], n_vocab: int
) -> tuple[list[bytes], dict[int, bytes]]:
    """The tokens' bytes, and apart from them those of control tokens, as they are written."""
    decoder = json.loads(library.decoder.__getstate__()) if library.decoder is not None else None
    pieces = make_pieces(library.get_vocab(with_added_tokens=False), decoder, n_vocab)
    for token, name in names.items():
        pieces[token] = spell_added(name, decoder)
    written = {token: names[token].encode("utf-8", "replace") for token in control}
    for token in control:
        pieces[token] = b""
    return pieces, written
