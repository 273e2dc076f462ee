"""What a model's header says of it. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tray.models.model import AttentionKind, Capability, MemoryShape


class Role(StrEnum):
    """What a file is for. Only a MODEL is offered."""

    MODEL = "model"
    PROJECTOR = "projector"  # turns images into a model's tokens
    ADAPTER = "adapter"  # a LoRA
    OTHER = "other"  # a vocabulary alone, an image generator, …


@dataclass(frozen=True, slots=True)
class Facts:
    """As in FoundModel. `lineage`: what a model and its projector have in common; empty when the header doesn't say."""

    role: Role = Role.MODEL
    family: str = ""
    lineage: str = ""
    parameters: int = 0
    quantisation: str = ""
    n_ctx: int = 0
    capabilities: tuple[Capability, ...] = ()
    attention: AttentionKind = AttentionKind.ATTENTION
    shape: MemoryShape = field(default_factory=MemoryShape)
    problem: str = ""
