"""A chat template that the user gives in the place of the model's own: read and tried once, before anything is loaded.

Afterwards its text is what counts: a model that leaves memory comes back with it, whatever became of the file.
"""

from __future__ import annotations

from pathlib import Path

from endpoint.errors import LoadError, TemplateFailed
from endpoint.text.template import compile_source

_LARGEST = 1 << 20
"""Bytes; far more than compile."""


def read_template(path: Path) -> str:
    """The template's source, which compiles and isn't empty. Raises LoadError, naming the file and a mistake's line."""
    source = _read_text(path)
    if not source.strip():
        raise LoadError(f"The chat template {path} is empty. Leave --chat-template out to use the model's own.")
    try:
        compile_source(source, f"The chat template {path}")
    except TemplateFailed as error:
        raise LoadError(f"{error} (--chat-template)") from error
    return source


def _read_text(path: Path) -> str:
    """A byte order mark, as some editors write it, is no part of the text."""
    try:
        if not path.is_file():
            raise LoadError(f"There is no file {path} to read a chat template from (--chat-template).")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise LoadError(f"The chat template {path} can't be read: {error.strerror} (--chat-template).") from error
    if len(content) > _LARGEST:
        raise LoadError(f"{path} is larger than {_LARGEST >> 20} MiB: no chat template is (--chat-template).")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LoadError(f"The chat template {path} is not UTF-8 text in line {line} (--chat-template).") from error
