"""What the files of saved prefixes are called. Pure.

    <root>/<fingerprint>/about.json              what made them, in words
    <root>/<fingerprint>/<entry>.state           one prefix each
    <root>/<fingerprint>/notes/<digest>.note     one note each
    <root>/.lock                                 held while room is made

Names are digests: nothing that a caller says becomes a path. What isn't called so isn't ours, and is left alone.
"""

from __future__ import annotations

import hashlib
import re

from endpoint.providers.state_format import pack_tokens

ABOUT = "about.json"
NOTES = "notes"
LOCK = ".lock"
ENTRY_SUFFIX = ".state"
NOTE_SUFFIX = ".note"
DIGEST_BYTES = 16
_MODEL = re.compile(r"[0-9a-f]{4,128}")
_ENTRY = re.compile(r"[0-9a-f]{32}\.state")
_NOTE = re.compile(r"[0-9a-f]{32}\.note")
_ID = re.compile(r"[0-9a-f]{32}")


def identify_entry(tokens: tuple[int, ...], checkpoints: tuple[int, ...]) -> str:
    """A prefix's id: two endpoints that save the same one write the same file."""
    digest = hashlib.blake2b(pack_tokens(tokens), digest_size=DIGEST_BYTES)
    digest.update(repr(tuple(checkpoints)).encode())
    return digest.hexdigest()


def name_note(name: str) -> str:
    """The file of the note called so."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES)
    return digest.hexdigest() + NOTE_SUFFIX


def is_entry_id(text: str) -> bool:
    """Whether it looks like an entry's id."""
    return _ID.fullmatch(text) is not None


def is_model(name: str) -> bool:
    """Whether a folder called so holds a model's prefixes: a fingerprint in hexadecimal."""
    return _MODEL.fullmatch(name) is not None


def is_entry(name: str) -> bool:
    """Whether a file called so is a prefix."""
    return _ENTRY.fullmatch(name) is not None


def is_note(name: str) -> bool:
    """Whether a file called so is a note."""
    return _NOTE.fullmatch(name) is not None
