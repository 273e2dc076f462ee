"""What the layers above hand to the engine: tokens and text-level wishes, no wire format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.engine.control import KeyWish
from endpoint.providers.base import Sampling
from endpoint.providers.constraint import MakeConstraint


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One generation. `prompt` and `max_tokens` together fit the context; `stop` is matched on text.

    `timeout_s`: seconds from its submission within which it must have ended, None for no limit.
    `checkpoints`: ascending depths in tokens where other prompts are likely to part from this one.
    `shown`: control tokens whose text the reader of the answer needs, with that text.
    `make_constraint`: makes the job's own constraint, on the engine's thread. `logprobs`, `scores_prompt`: as a Job's.
    `key`: of the prompt cache, that the prompt belongs to.
    `max_tokens` 0: nothing is generated, only the prompt computed.
    """

    prompt: tuple[int, ...]
    max_tokens: int
    sampling: Sampling
    stop: tuple[str, ...] = ()
    timeout_s: float | None = None
    checkpoints: tuple[int, ...] = ()
    shown: Mapping[int, bytes] = field(default_factory=dict)
    make_constraint: MakeConstraint | None = None
    logprobs: int | None = None
    scores_prompt: bool = False
    key: KeyWish | None = None
