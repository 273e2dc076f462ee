"""What a person can want of a download. Values."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.app_contract import Deed

__all__ = ["Deed", "Fetch"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A deed for one download; `wanted` as it was asked for, OWNER/NAME[:FILE|QUANT]."""

    deed: Deed
    wanted: str
