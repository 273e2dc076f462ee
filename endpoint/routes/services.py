"""What the routes work with, made once by the app and handed to each router. Owner: the event loop."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from endpoint.app_contract import DownloadWish, ToldDownloads
from endpoint.engine.control import Action
from endpoint.engine.embedding import EmbeddingRequest, PendingEmbedding
from endpoint.engine.health import EngineHealth
from endpoint.engine.metrics import EngineMetrics
from endpoint.engine.model import LoadedModel
from endpoint.engine.request import GenerationRequest
from endpoint.engine.stream import Stream
from endpoint.errors import InvalidRequest, ModelNotFound
from endpoint.explain.store import RecordStore
from endpoint.protocol.sampling import choose_defaults
from endpoint.providers.base import Sampling
from endpoint.routes.page import Page, load_page
from endpoint.settings import Settings
from endpoint.text.constraints.compiler import ConstraintCompiler
from endpoint.text.prompt import PromptWriter

Wanted = TypeVar("Wanted")


class EngineGate(Protocol):
    """The engine as the routes see it."""

    def model(self) -> LoadedModel:
        """The loaded model. Raises NotReady or Unavailable."""

    def submit(self, request: GenerationRequest) -> Stream:
        """Queue a generation. Raises NotReady, Unavailable or Overloaded."""

    def embed(self, request: EmbeddingRequest) -> PendingEmbedding:
        """Queue embeddings. Raises NotReady, Unavailable or Overloaded."""

    def health(self) -> EngineHealth:
        """How it stands now."""

    def metrics(self) -> EngineMetrics:
        """What it has done and holds."""

    async def control(self, action: Action[Wanted]) -> Wanted:
        """What the prompt cache's control plane wants. Raises NotReady, Unavailable, and what the action says."""

    @property
    def saves(self) -> bool:
        """Whether prefixes are saved on disk."""

    def occupy(self, seconds: float) -> None:
        """Block the engine thread: a test hook."""


class LinkToApp(Protocol):
    """The app that started this endpoint, as the routes see it."""

    def downloads(self) -> ToldDownloads | None:
        """How its downloads stand; None: it has told nothing yet."""

    def wish(self, wish: DownloadWish) -> None:
        """Pass a wish on. May block. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, the settings, the writer of prompts, the compiler of what answers must look like, and what is
    remembered of generations; the status page; and the app, where one started this endpoint."""

    engine: EngineGate
    settings: Settings
    prompts: PromptWriter
    constraints: ConstraintCompiler = field(default_factory=ConstraintCompiler)
    records: RecordStore = field(default_factory=RecordStore)
    page: Page = field(default_factory=load_page)
    link: LinkToApp | None = None

    def serves(self, model: LoadedModel, name: str) -> bool:
        """Whether `name` is the served model's id or what the endpoint was started with ("starter", a path), alone or
        after the provider's name and a slash."""
        known = (model.info.id, self.settings.ref.model)
        return name in known or name.removeprefix(f"{self.settings.ref.provider}/") in known

    def pick_model(self, name: str | None) -> LoadedModel:
        """The loaded model, to generate with. Raises as `find_model`, and InvalidRequest when it only embeds."""
        model = self.find_model(name)
        if not model.generates:
            raise InvalidRequest(
                f"{model.info.id!r} only makes embeddings (POST /v1/embeddings): it can't write text.", "model"
            )
        return model

    def find_model(self, name: str | None) -> LoadedModel:
        """The loaded model. Raises NotReady, Unavailable; in strict mode ModelNotFound when `name` is another's."""
        model = self.engine.model()
        if self.settings.strict_model and name and not self.serves(model, name):
            raise ModelNotFound(f"The model {name!r} is not served here; {model.info.id!r} is.")
        return model

    def find_defaults(self, model: LoadedModel) -> Sampling:
        """How a request to it is sampled that doesn't say."""
        return choose_defaults(self.settings.sampling, model.info.sampling)

    def fingerprint(self, model: LoadedModel) -> str:
        """OpenAI's `system_fingerprint`: the same for the same provider and model."""
        digest = hashlib.sha256(f"{self.settings.ref.provider}/{model.info.id}".encode())
        return f"fp_{digest.hexdigest()[:12]}"
