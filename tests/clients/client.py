"""What is known of a client before it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

NOTES, NOTED = "notes.txt", "seven apples"
"""A file in the folder where a client runs, and what is in it."""


class Registry(Enum):
    """Where a client comes from."""

    PYPI = "pip"
    NPM = "npm"


class Api(Enum):
    """What a client speaks."""

    CHAT = "chat completions"
    RESPONSES = "responses"
    MESSAGES = "messages"
    SEVERAL = "chat completions, responses"


class Model(Enum):
    """What is served to a client."""

    STARTER = "starter"
    """The real one, 8k context: for programs that send no more than their user wrote."""
    SPEAKER = "speaker"
    """tests/tiny/speaker.py, 64k context: for agents, which send long prompts and go on until the model ends."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the speaker calls: a tool of the client's, with one argument; `finds` is in what the tool tells."""

    tool: str
    argument: str
    value: str
    finds: str


@dataclass(frozen=True, slots=True)
class Client:
    """`name` is its name in docs/clients.md too; `packages` are pinned.

    `call`: what the speaker answers a user with, before its sentence.
    `scripts`: its conversations in tests/clients/conversations; none: the commands in docs/clients.md are run.
    `generations`: how many answers the conversation takes when nothing is sent twice.
    `says`: what the whole run must print.
    `obeys_no_proxy`: whether it lets 127.0.0.1 go past a proxy, as NO_PROXY asks; else it is shown no proxy.
    `unasked`: paths that it may try and get a 404 for.
    """

    name: str
    registry: Registry
    packages: tuple[str, ...]
    api: Api
    model: Model
    generations: int
    call: Call | None = None
    scripts: tuple[str, ...] = ()
    says: str = "Hello from your own machine!"
    unasked: tuple[str, ...] = ()
    obeys_no_proxy: bool = True
    checked: str = "stream, usage, 2nd turn"

    @property
    def version(self) -> str:
        """Of its main package, the first."""
        separator = "==" if self.registry is Registry.PYPI else "@"
        return self.packages[0].rpartition(separator)[2]
