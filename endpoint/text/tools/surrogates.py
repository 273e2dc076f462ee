"""Half characters, which JSON's escapes can carry and UTF-8 can't. Pure."""

from __future__ import annotations

import re

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def mend(text: str) -> str:
    """Pairs joined to the character they stand for, lone ones replaced: none of them could be sent."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _SURROGATE.search(text) else text
