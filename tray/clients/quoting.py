"""Texts as shells, programs and settings files write them. Pure; whatever a model is called, it stays one text."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

_PLAIN_YAML = re.compile(r"[A-Za-z][\w./@+-]*(:[\w./@+-]+)*", re.ASCII)
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Plain words that some reader of YAML takes for something else than a text."""


def write_exports(variables: Mapping[str, str]) -> str:
    """Lines for a POSIX shell that set the variables."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def quote_code(text: str) -> str:
    """A literal that Python and JavaScript read alike: what can't be printed is escaped as far as both know how."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in quoted)


def quote_toml(text: str) -> str:
    """A basic string."""
    return _escape_unprintable(json.dumps(text, ensure_ascii=False))


def quote_yaml(text: str) -> str:
    """A plain scalar where every reader takes it for this text, else a double-quoted one."""
    if _PLAIN_YAML.fullmatch(text) and text.lower() not in _YAML_WORDS:
        return text
    return _escape_unprintable(json.dumps(text, ensure_ascii=False))


def _escape_unprintable(quoted: str) -> str:
    """What JSON leaves as it is in a string, and TOML or YAML don't admit."""
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
