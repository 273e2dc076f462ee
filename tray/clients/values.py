"""What set-ups are made of: facts of the endpoint, and what belongs into a client's settings file. Pure values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

KEY_NOT_NEEDED = "none"
"""For clients that insist on a key where the endpoint asks for none."""
UNKNOWN_CONTEXT = 8192
"""Tokens. For clients that must be told, while the endpoint doesn't say: too little only makes them summarise early."""
MOST_ANSWER_TOKENS = 4096

Value = str | int | bool | Sequence["Value"] | Mapping[str, "Value"]
"""What settings files hold."""
Tree = Mapping[str, "Value | None"] | Sequence[Value]
"""A whole settings file's. None: left out."""


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What every set-up is made of: the endpoint's base URL with its `/v1`, the model's name, the key that it asks for
    (None: none), and the context's length in tokens (None: not known).
    """

    base_url: str
    model: str
    api_key: str | None = None
    n_ctx: int | None = None

    @property
    def key(self) -> str:
        """A key in any case."""
        return self.api_key or KEY_NOT_NEEDED

    @property
    def root_url(self) -> str:
        """The base URL as Anthropic's clients want it: without `/v1`."""
        return self.base_url.rstrip("/").removesuffix("/v1")

    @property
    def context(self) -> int:
        """Tokens, in any case."""
        return self.n_ctx or UNKNOWN_CONTEXT

    @property
    def answer_tokens(self) -> int:
        """How long an answer a client should plan for: it keeps that much of the context free."""
        return min(MOST_ANSWER_TOKENS, max(self.context // 4, 1))


class Format(Enum):
    """How a settings file is written."""

    JSON = "json"  # with comments and trailing commas where the file has them
    TOML = "toml"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a client would look for its files: `platform` as in sys.platform."""

    home: Path
    env: Mapping[str, str]
    platform: str


@dataclass(frozen=True, slots=True)
class Place:
    """A settings file; `root` is the folder that it must really lie in: the home folder, or what a variable names."""

    path: Path
    root: Path


@dataclass(frozen=True, slots=True)
class FileSetup:
    """A client's settings file. `shown` names it to people, `members` says what is ours in it.

    `defaults` are written only where they are missing, and stay: what every such file begins with.
    """

    shown: str
    format: Format
    locate: Callable[[Machine], Place]
    members: Callable[[ClientFacts], Tree]
    defaults: Mapping[str, Value] | None = None
