"""The hub's token: from the environment, from `hf auth login`, or from the system's keyring. Never from arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

from endpoint.hub_contract import KEYRING_SERVICE, KEYRING_USER

_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_USER = re.compile(r"(?<=://)[^/\s@]+@")
_TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{8,}")


def read_keyring() -> str | None:
    """The token in the system's keyring; None without the library `keyring`, without a keyring, and without a token."""
    try:
        import keyring  # optional: the extra `keyring`
    except ImportError:
        return None
    try:
        token: str | None = keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except Exception:  # each backend raises errors of its own; a locked keyring is as none
        return None
    return token


def find_token(ask_keyring: Callable[[], str | None] = read_keyring) -> str | None:
    """HF_TOKEN, then the file that `hf auth login` writes, then the keyring; None where the user wants none sent."""
    from huggingface_hub import get_token
    from huggingface_hub.constants import HF_HUB_DISABLE_IMPLICIT_TOKEN

    if HF_HUB_DISABLE_IMPLICIT_TOKEN:
        return None
    return get_token() or ask_keyring() or None


def scrub(text: str, token: str | None) -> str:
    """The text without the token or anything that looks like one, a proxy's password, and what signs an address."""
    if token:
        text = text.replace(token, "…")
    return _TOKEN.sub("…", _USER.sub("", _QUERY.sub(r"\1", text)))
