"""The request bodies as OpenAI defines them: types and ranges only, unknown fields ignored. Pure.

Shared by both API families: sampling, stop strings, delivery. Every field may be null, which means its default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from endpoint.errors import InvalidRequest
from endpoint.protocol.cache_wish import read_cache_wish
from endpoint.protocol.requests import Delivery, Generation
from endpoint.protocol.sampling import fill
from endpoint.providers.base import Sampling
from endpoint.providers.sampling_wish import SamplingWish

_SEED_LIMIT = 2**63
FORBID = 100
"""A bias of minus that much forbids a token, as OpenAI defines it."""
MOST_BIASES = 1024


def name_json_type(value: object) -> str | None:
    """The JSON type of a value, as used for the branches of a union."""
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "a string", list: "a list", dict: "an object", int: "a number", float: "a number"}
    return kinds.get(type(value))


def by_type(wanted: str) -> Discriminator:
    """Choose a union's branch by JSON type; `wanted` completes "must be …"."""
    return Discriminator(name_json_type, custom_error_type="wrong_type", custom_error_message=f"must be {wanted}")


class WireModel(BaseModel):
    """Strict types: "1" is no number. Unknown fields are accepted and ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class StreamOptions(WireModel):
    """`stream_options`."""

    include_usage: bool | None = None


StopString = Annotated[str, Field(min_length=1)]
Stop = Annotated[
    Annotated[StopString, Tag("a string")]
    | Annotated[Annotated[list[StopString], Field(max_length=16)], Tag("a list")],
    by_type("a string or a list of up to 16 strings"),
]
JsonObject = dict[str, Any]
Bias = Annotated[float, Field(ge=-FORBID, le=FORBID)]


class GenerationBody(WireModel):
    """What both API families share."""

    model: str | None = None
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    top_p: Annotated[float | None, Field(ge=0, le=1)] = None
    top_k: Annotated[int | None, Field(ge=-1, le=1_000_000, description="0 and -1: off")] = None
    min_p: Annotated[float | None, Field(ge=0, le=1)] = None
    repetition_penalty: Annotated[float | None, Field(gt=0, le=10)] = None
    repeat_penalty: Annotated[float | None, Field(gt=0, le=10, description="another name, llama.cpp's")] = None
    frequency_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    presence_penalty: Annotated[float | None, Field(ge=-2, le=2)] = None
    seed: Annotated[int | None, Field(ge=-_SEED_LIMIT, le=_SEED_LIMIT - 1)] = None
    stop: Stop | None = None
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    timeout: Annotated[
        float | None, Field(gt=0, allow_inf_nan=False, description="seconds until the answer must be whole; ours")
    ] = None
    n: Annotated[int | None, Field(ge=1, le=16, description="answers to a prompt")] = None
    logit_bias: dict[str, Bias] | None = None
    prompt_cache_key: Annotated[str | None, Field(description="a name for what the prompt begins with")] = None
    prompt_cache_retention: Annotated[str | None, Field(description='"in_memory", "24h", or any such time')] = None
    prompt_cache_mode: Annotated[
        Literal["prefix", "append"] | None, Field(description="append: the messages go on from the key's; ours")
    ] = None
    prompt_cache_binding: Annotated[Any, Field(description="AbstractCore's; not served")] = None

    def delivery(self) -> Delivery:
        """How to answer."""
        options = self.stream_options
        return Delivery(bool(self.stream), bool(options and options.include_usage))

    def generation(self, max_tokens: int | None, defaults: Sampling, logprobs: int | None = None) -> Generation:
        """How to generate; what the request leaves out of sampling is as in `defaults`. Raises InvalidRequest."""
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        why = "names a file of AbstractCore's own, which can't be checked here: leave it out"
        refuse_unless(self.prompt_cache_binding is None, "prompt_cache_binding", why)
        return Generation(
            max_tokens,
            self._sampling(defaults),
            stop,
            self.timeout,
            logprobs=logprobs,
            choices=self.n or 1,
            cache=read_cache_wish(self.prompt_cache_key, self.prompt_cache_retention, self.prompt_cache_mode),
        )

    def _sampling(self, defaults: Sampling) -> Sampling:
        wish = SamplingWish(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            min_p=self.min_p,
            repeat_penalty=self.repeat_penalty if self.repetition_penalty is None else self.repetition_penalty,
            frequency_penalty=self.frequency_penalty,
            presence_penalty=self.presence_penalty,
        )
        return replace(fill(wish, defaults), seed=self.seed, logit_bias=_read_bias(self.logit_bias or {}))


def _read_bias(wire: Mapping[str, float]) -> tuple[tuple[int, float], ...]:
    if len(wire) > MOST_BIASES:
        raise InvalidRequest(f"logit_bias must have at most {MOST_BIASES} entries, got {len(wire)}.", "logit_bias")
    for name in wire:
        if not (name.isascii() and name.isdecimal() and len(name) < 10):
            raise InvalidRequest(f"logit_bias must be keyed by token numbers, got {name[:40]!r}.", "logit_bias")
    return tuple((int(name), -math.inf if bias == -FORBID else bias) for name, bias in wire.items())


def refuse_unless(neutral: bool, param: str, why: str) -> None:
    """Raise InvalidRequest naming `param` unless it is at a value that changes nothing."""
    if not neutral:
        raise InvalidRequest(f"{param} {why}.", param, "unsupported_parameter")


RoleName = Literal["system", "developer", "user", "assistant", "tool"]
