"""Whole names of settings, as TOML has them: `endpoint.port`; a model's own: `model."qwen.gguf".ctx_size`. Pure."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import Any

from tray.keys import BY_NAME, TUNING, Key

MODEL = "model"
"""The table of tables, one for each model that has settings of its own, by the name that --model takes."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value belongs: to a key; with a `model`, for that one alone."""

    key: Key
    model: str = ""

    @property
    def dotted(self) -> str:
        """The whole name."""
        return name_own(self.model, self.key.name) if self.model else self.key.dotted


def name_own(model: str, key: str) -> str:
    """The whole name of a model's own setting."""
    return f"{MODEL}.{quote(model)}.{key}"


def quote(text: str) -> str:
    """As TOML writes any text; JSON's way, but for one character that TOML wants escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def find_target(name: str) -> Target | None:
    """What a whole name means; None where it means nothing."""
    if name in BY_NAME:
        return Target(BY_NAME[name])
    match _parse(name).get(MODEL):
        case dict(models) if len(models) == 1:
            ((model, tuned),) = models.items()
            named = tuple(tuned) if isinstance(tuned, dict) else ()
            key = TUNING.get(named[0]) if len(named) == 1 and model.strip() else None
            return Target(key, model) if key else None
    return None


def _parse(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(f"{name} = 0") if name.startswith(f"{MODEL}.") and "\n" not in name else {}
    except (ValueError, RecursionError):
        return {}
