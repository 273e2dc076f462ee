"""The control plane's request bodies, checked, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field

from endpoint.conversation import Message, Role, TextPart
from endpoint.engine.control import KeyTerms
from endpoint.errors import InvalidRequest, PromptCacheRefused
from endpoint.keycontent import KeyContent
from endpoint.protocol.acore.modules import ModuleName, name_chain
from endpoint.protocol.acore.tools import read_tool
from endpoint.protocol.chat_request import WireMessage, to_message
from endpoint.protocol.thinking import thinking_variables
from endpoint.protocol.validation import parse_body, parse_value
from endpoint.protocol.wire import JsonObject, WireModel

LONGEST_KEY = 512
MOST_META = 16 * 1024
"""Bytes of a key's own meta, as JSON."""
MOST_MODULES = 256
RESERVED_META = frozenset(
    {
        "backend",
        "token_count",
        "bytes",
        "tier",
        "ttl_s",
        "expires_in_s",
        "created_at_s",
        "used_at_s",
        "forked_from",
        "module_id",
        "module_hash",
        "index",
        "namespace",
    }
)
"""What the endpoint itself says of a key."""

Seconds = Annotated[float, Field(gt=0, le=10 * 365 * 86_400)]


class SetBody(WireModel):
    """POST …/set."""

    key: str
    make_default: bool | None = None
    ttl_s: Seconds | None = None


class ContentBody(WireModel):
    """What is appended; `prompt` is a message of the user's, as in AbstractCore."""

    system_prompt: str | None = None
    prompt: str | None = None
    messages: list[JsonObject] | None = None
    tools: list[JsonObject] | None = None
    add_generation_prompt: bool | None = None


class UpdateBody(ContentBody):
    """POST …/update; `tokens` alone, in place of words."""

    key: str
    tokens: list[Annotated[int, Field(ge=0)]] | None = None
    thinking: Any = None
    ttl_s: Seconds | None = None
    make_default: bool | None = None


class ForkBody(WireModel):
    """POST …/fork."""

    from_key: str
    to_key: str
    make_default: bool | None = None
    ttl_s: Seconds | None = None


class ClearBody(WireModel):
    """POST …/clear."""

    key: str | None = None


class ModuleBody(ContentBody):
    """A module; `meta` is kept with its key."""

    module_id: Annotated[str, Field(min_length=1)]
    scope: str | None = None
    meta: JsonObject | None = None


class PrepareBody(WireModel):
    """POST …/prepare_modules."""

    namespace: str
    modules: list[Any]
    make_default: bool | None = None
    ttl_s: Seconds | None = None
    version: int | None = None
    thinking: Any = None


class MetaBody(WireModel):
    """POST …/key_meta."""

    key: str
    meta: JsonObject


class SaveBody(WireModel):
    """POST …/save; `name` is the key's where none is given."""

    key: str
    name: str | None = None


class LoadBody(WireModel):
    """POST …/load; `key` is the name where none is given."""

    name: str
    key: str | None = None
    make_default: bool | None = None
    ttl_s: Seconds | None = None


class DeleteBody(WireModel):
    """POST …/delete."""

    name: str


@dataclass(frozen=True, slots=True)
class Preparation:
    """Modules in order: what each adds, what it is called, and what its caller says of it."""

    namespace: str
    version: int
    contents: tuple[KeyContent, ...]
    names: tuple[ModuleName, ...]
    meta: tuple[Mapping[str, object], ...]
    terms: KeyTerms


def check_key(key: str) -> str:
    """A key's or a save's name, without blanks around it. Raises PromptCacheRefused."""
    name = key.strip()
    if not name or len(name) > LONGEST_KEY:
        raise PromptCacheRefused(
            f"A key is a text of 1 to {LONGEST_KEY} characters, got {len(name)}.", "prompt_cache_invalid_key", 400
        )
    return name


def read_content(body: ContentBody, thinking: object = None, tokens: list[int] | None = None) -> KeyContent:
    """What a body adds. Raises InvalidRequest naming the field."""
    messages: list[Message] = []
    if body.system_prompt:
        messages.append(Message(Role.SYSTEM, (TextPart(body.system_prompt),)))
    for place, message in enumerate(body.messages or ()):
        messages.append(to_message(parse_value(message, WireMessage, f"messages[{place}]"), place))
    if body.prompt:
        messages.append(Message(Role.USER, (TextPart(body.prompt),)))
    return KeyContent(
        tuple(messages),
        tuple(read_tool(tool, f"tools[{place}]") for place, tool in enumerate(body.tools or ())),
        _read_thinking(thinking),
        tuple(tokens) if tokens else None,
        bool(body.add_generation_prompt),
    )


def read_preparation(data: bytes) -> Preparation:
    """Raises InvalidRequest, PromptCacheRefused."""
    body = parse_body(data, PrepareBody)
    namespace = body.namespace.strip()
    if not namespace or len(namespace) > LONGEST_KEY // 2:
        raise PromptCacheRefused(
            f"namespace must be a text of 1 to {LONGEST_KEY // 2} characters.", "prompt_cache_invalid_namespace", 400
        )
    if not body.modules or len(body.modules) > MOST_MODULES:
        raise PromptCacheRefused(f"modules must be a list of 1 to {MOST_MODULES}.", "prompt_cache_no_modules", 400)
    modules = [_read_module(module, place) for place, module in enumerate(body.modules)]
    version = 1 if body.version is None else body.version
    return Preparation(
        namespace,
        version,
        tuple(read_content(module, body.thinking) for module in modules),
        name_chain(namespace, body.modules, version),
        tuple(module.meta or {} for module in modules),
        KeyTerms(body.ttl_s, body.make_default is True),
    )


def check_meta(meta: Mapping[str, object], size: int) -> None:
    """`size` in bytes of JSON. Raises PromptCacheRefused."""
    reserved = sorted(RESERVED_META & meta.keys())
    if reserved:
        raise PromptCacheRefused(
            f"meta can't set {', '.join(reserved)}: the endpoint says these itself.",
            "prompt_cache_meta_reserved_key",
            400,
        )
    _check_size("meta", size)


def _check_size(name: str, size: int) -> None:
    if size > MOST_META:
        raise PromptCacheRefused(
            f"{name} has {size} bytes of JSON; at most {MOST_META} are kept.", "prompt_cache_meta_too_large", 400
        )


def _read_module(module: object, place: int) -> ModuleBody:
    """Raises PromptCacheRefused with the module's place."""
    path = f"modules[{place}]"
    try:
        body = parse_value(module, ModuleBody, path)
        if not body.module_id.strip():
            raise InvalidRequest(f"{path}.module_id must not be blank.")
    except InvalidRequest as error:
        raise _refuse_module(str(error), path) from error
    try:
        read_content(body)
    except InvalidRequest as error:
        raise _refuse_module(f"In {path}: {error}", path) from error
    _check_size(f"{path}.meta", len(orjson.dumps(body.meta)))
    return body


def _refuse_module(message: str, path: str) -> PromptCacheRefused:
    return PromptCacheRefused(message, "prompt_cache_invalid_module", 400, path)


def _read_thinking(thinking: object) -> dict[str, object]:
    """AbstractCore's word for it: true or false, "on", "off", or an effort."""
    if thinking is None or thinking == "auto":
        return {}
    if isinstance(thinking, bool) or thinking in {"on", "off", "none"}:
        return thinking_variables(None, thinking is True or thinking == "on", None, {})
    if isinstance(thinking, str):
        return thinking_variables(thinking, None, None, {})
    message = 'thinking must be true, false, "on", "off" or an effort.'
    raise PromptCacheRefused(message, "prompt_cache_invalid_thinking", 400, "thinking")
