"""Records made by hand: prompts are texts of the fake provider's byte tokens."""

from __future__ import annotations

import dataclasses
import itertools

from endpoint.cache.report import CacheReport, Shortfall, Tier
from endpoint.engine.model import LoadedModel, describe_model
from endpoint.explain.records import Asker, Record, make_record
from endpoint.keycontent import KeyContent
from endpoint.providers import fake
from endpoint.providers.options import LoadOptions

_NUMBERS = itertools.count()
MODEL: LoadedModel = describe_model(fake.load("echo", LoadOptions(), lambda _share: None), 0)


def record(
    prompt: str,
    candidate: str = "",
    shortfall: Shortfall = Shortfall.DIVERGED,
    *,
    asked: KeyContent | None = None,
    cached: int | None = None,
    detail: str = "",
    name: str | None = None,
) -> Record:
    """A request with this prompt, whose best candidate is the other text."""
    tokens, other = tuple(prompt.encode()), tuple(candidate.encode())
    alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(tokens, other, strict=False))
    shared = len(list(alike))
    number = next(_NUMBERS)
    report = CacheReport(
        tokens,
        shared if cached is None else cached,
        Tier.RAM if shared else Tier.NONE,
        shortfall,
        candidate=other,
        shared=shared,
        detail=detail,
    )
    asker = Asker(name or f"chatcmpl-{number}", f"req_{number}", float(number), MODEL, asked)
    return make_record(asker, report)


def of_other_model(made: Record) -> Record:
    """The same, of a model that was loaded another time."""
    return dataclasses.replace(made, asker=dataclasses.replace(made.asker, model=dataclasses.replace(MODEL)))
