"""What the tray knows of a model on this machine. Frozen values; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from endpoint.contract import ModelRef

LLAMACPP, MLX = "llamacpp", "mlx"
"""The providers that models are found for."""


class Place(StrEnum):
    """Who keeps the model, in the order in which places are shown."""

    STARTER = "starter"
    OWN = "own"
    HUGGING_FACE = "hugging-face"
    LM_STUDIO = "lm-studio"
    OLLAMA = "ollama"
    LLAMA_CPP = "llama.cpp"
    FOLDER = "folder"
    FILE = "file"


TITLES = {
    Place.STARTER: "Comes with Traypoint",
    Place.OWN: "Traypoint's own folder",
    Place.HUGGING_FACE: "Hugging Face cache",
    Place.LM_STUDIO: "LM Studio",
    Place.OLLAMA: "Ollama",
    Place.LLAMA_CPP: "llama.cpp's cache",
    Place.FOLDER: "Your folders",
    Place.FILE: "Your files",
}
"""How a place is called in a menu or a table."""


class Capability(StrEnum):
    """What a model can do besides going on with a text."""

    TOOLS = "tools"
    REASONING = "reasoning"
    VISION = "vision"
    EMBEDDINGS = "embeddings"


class AttentionKind(StrEnum):
    """What a model's layers remember of the tokens before; the names are those of the endpoint's MemoryKind."""

    ATTENTION = "attention"
    SLIDING_WINDOW = "sliding_window"
    RECURRENT = "recurrent"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class MemoryShape:
    """What a model's context takes, from its metadata. 0: the metadata doesn't say.

    `cell_bytes`: a token in the layers that remember all; `window_bytes`: one in the layers that remember the last
    `window` tokens; `row_bytes`: running states of a sequence, however long it is. `counted_bytes`: what the endpoint
    counts for a token when it chooses the context itself. `heads`, `width`, `vocabulary`: for buffers.
    """

    cell_bytes: int = 0
    window_bytes: int = 0
    window: int = 0
    row_bytes: int = 0
    counted_bytes: int = 0
    heads: int = 0
    width: int = 0
    vocabulary: int = 0


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model that is here, or what is left of one: then `problem` says what is wrong, in one line without a full stop.

    `ref.model` is what the endpoint's --model takes. `size_bytes`: of its weights' files; `modified`: seconds since
    1970; `parameters`: weights, 0 when unknown; `n_ctx`: tokens it was trained for, 0 when unknown.
    """

    ref: ModelRef
    name: str
    place: Place
    size_bytes: int
    modified: float
    family: str = ""
    parameters: int = 0
    quantisation: str = ""
    n_ctx: int = 0
    capabilities: tuple[Capability, ...] = ()
    attention: AttentionKind = AttentionKind.ATTENTION
    shape: MemoryShape = field(default_factory=MemoryShape)
    problem: str = ""
