"""What the files of a model's folder say of its start and end tokens, and its chat template.

Read as data, never run. Any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint.errors import LoadError
from endpoint.providers.mlx.files import read_object

_LONGEST_TEMPLATE = 2_000_000
"""Bytes: a hundred times the longest that models have."""


@dataclass(frozen=True, slots=True)
class TokenizerSettings:
    """`start`, `end`: the tokens as they are written, None where none is named. `starts`, `ends`: their numbers, by
    config.json and generation_config.json. `adds_start`, `adds_end`: whether a text gets them, None: by the tokenizer's
    post-processor."""

    start: str | None
    end: str | None
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    adds_start: bool | None
    adds_end: bool | None


def read_settings(folder: Path) -> TokenizerSettings:
    """From tokenizer_config.json, special_tokens_map.json and the model's own two. Raises LoadError."""
    own = (read_object(folder / "special_tokens_map.json") or {}) | (
        read_object(folder / "tokenizer_config.json") or {}
    )
    config = read_object(folder / "config.json") or {}
    inner = config.get("text_config")
    sources = [read_object(folder / "generation_config.json") or {}, config, inner if isinstance(inner, dict) else {}]
    # A null says that there is none (Qwen's start), whatever number the configuration has.
    names_start = "bos_token" in own
    return TokenizerSettings(
        start=_read_name(own.get("bos_token")),
        end=_read_name(own.get("eos_token")),
        starts=() if names_start else _read_numbers(sources, "bos_token_id"),
        ends=_read_numbers(sources, "eos_token_id"),
        adds_start=_read_flag(own.get("add_bos_token")),
        adds_end=_read_flag(own.get("add_eos_token")),
    )


def read_chat_template(folder: Path) -> str | None:
    """The model's chat template, of several the default one; None where it has none. Raises LoadError."""
    path = folder / "chat_template.jinja"
    if path.is_file():
        return _read_text(path)
    for name in ("chat_template.json", "tokenizer_config.json"):
        found = _pick_template((read_object(folder / name) or {}).get("chat_template"))
        if found is not None:
            return found
    return None


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > _LONGEST_TEMPLATE:
            raise LoadError(f"{path} is larger than {_LONGEST_TEMPLATE // 1_000_000} MB: no chat template is.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LoadError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LoadError(f"{path} is not UTF-8 text ({error}). Download the model again.") from error


def _pick_template(value: object) -> str | None:
    """One template, or a list of {"name", "template"}."""
    if isinstance(value, list):
        named = {str(each.get("name")): each.get("template") for each in value if isinstance(each, dict)}
        value = named.get("default", next(iter(named.values()), None))
    return value if isinstance(value, str) else None


def _read_name(value: object) -> str | None:
    """A token's name alone, or the "content" of its description."""
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) and value else None


def _read_flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_numbers(sources: list[dict[str, Any]], key: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for source in sources for number in _numbers(source, key)))


def _numbers(source: Mapping[str, Any], key: str) -> Iterator[int]:
    value = source.get(key)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, int) and not isinstance(each, bool) and each >= 0:
            yield each
