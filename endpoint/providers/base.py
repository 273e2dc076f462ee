"""The provider seam: tokens in, tokens out. Text, HTTP and schemas live above it, written once for all providers.

Owner: every method of a Provider is called on ONE thread, the engine's. A Tokenizer may be used from any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from endpoint.contract import KvType
from endpoint.providers.constraint import Constraint
from endpoint.providers.embedding import Embedder
from endpoint.providers.infill import InfillTokens
from endpoint.providers.logprobs import TokenLogprobs
from endpoint.providers.sampling_wish import NO_WISH, SamplingWish
from endpoint.providers.saved_state import SavedState


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model is. `n_ctx` is the longest prompt plus answer of one request, in tokens."""

    id: str
    path: Path | None
    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    chat_template: str | None
    bos_text: str
    eos_text: str
    description: str = ""
    infill: InfillTokens | None = None  # None: it can't fill gaps
    sampling: SamplingWish = NO_WISH  # what its own files recommend
    weights_bytes: int = 0
    kv_bytes: int = 0  # what cells, windows and running states of all rows take at most, used or not
    kv_type: KvType | None = None  # of keys and values; None: there are none, or they are as the weights are


class MemoryKind(StrEnum):
    """What a model's layers remember of the tokens before."""

    ATTENTION = "attention"  # every token, in every layer
    SLIDING_WINDOW = "sliding_window"  # in some layers only the last ones
    RECURRENT = "recurrent"  # one running state
    HYBRID = "hybrid"  # attention in some layers, a running state in others


@dataclass(frozen=True, slots=True)
class Caps:
    """What a provider can do with this model. `batch_invariant`: a token's state comes out the same, to the bit, alone
    or with the tokens around it. `generates`: takes jobs; else it only embeds. `shares_running`: what a job shares with
    a running one takes no memory a second time."""

    max_parallel: int
    memory: MemoryKind
    batch_invariant: bool = False
    generates: bool = True
    shares_running: bool = True

    @property
    def trimmable(self) -> bool:
        """Whether computed state can be cut back to any earlier token, or only taken up at checkpoints."""
        return self.memory is MemoryKind.ATTENTION

    @property
    def holds_answers(self) -> bool:
        """Whether an answer's state, computed token by token, may stand for that of a prompt with the answer in it."""
        return self.trimmable and self.batch_invariant


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is free now: rows (sequences) and KV cells (tokens)."""

    rows: int
    cells: int


@dataclass(frozen=True, slots=True)
class ProviderStats:
    """What a provider holds now, and what it has done since it was loaded, background jobs left out.

    `prefilled_tokens` counts prompt tokens computed, a second time too; `cached_tokens` those that came from a held
    prefix instead, in `cache_hits` of `cache_lookups` jobs. `parked_rows` wait for cells, their state a copy of
    `parked_bytes` in RAM; it has happened to a row `parkings` times.
    `drafted_tokens` were guessed and computed, of which `accepted_tokens` were what the model would have said.
    `memory_bytes`: all that the library has allocated, weights and held prefixes too; 0 where it doesn't tell.
    """

    cells_used: int = 0
    cells_total: int = 0
    held_bytes: int = 0
    threads: int = 0
    prefilled_tokens: int = 0
    cached_tokens: int = 0
    cache_hits: int = 0
    cache_lookups: int = 0
    parked_rows: int = 0
    parked_bytes: int = 0
    parkings: int = 0
    drafted_tokens: int = 0
    accepted_tokens: int = 0
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. `temperature` 0 is greedy; `top_k` 0, `top_p` 1, `min_p` 0 are off.

    Penalties look at the last `penalty_last_n` tokens, as llama.cpp and OpenAI define them. `seed` None: random.
    `logit_bias`: what is added to the logits of some tokens before anything else; minus infinity forbids one.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    penalty_last_n: int = 64
    seed: int | None = None
    logit_bias: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One sequence to generate: prompt tokens, at most `max_tokens` more, ids unique in an engine's life.

    `background`: nobody waits for it, but somebody else may come: it is prefilled in short steps and not counted.
    `checkpoints`: ascending depths in prompt tokens where its state should be held on the way, if it can't be cut.
    `constraint`: None lets every token come. `logprobs`: how many of the likeliest tokens to tell with each one drawn;
    None tells nothing. `scores_prompt`: tell as much of the prompt's tokens, with the first one drawn; then none of
    them may be reused.
    """

    id: int
    tokens: tuple[int, ...]
    max_tokens: int
    sampling: Sampling
    background: bool = False
    checkpoints: tuple[int, ...] = ()
    constraint: Constraint | None = None
    logprobs: int | None = None
    scores_prompt: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Computed tokens that the provider holds in RAM until they are released.

    `checkpoints`: ascending depths where state that can't be cut may be taken up, the last is all tokens; empty where
    it can be cut anywhere.
    """

    id: int
    tokens: tuple[int, ...]
    checkpoints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningJob:
    """The state of a job in flight, as a source to share."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Reuse:
    """Where the state of a new job's first `depth` tokens comes from. They equal the source's first ones, which are
    computed already; `depth` is less than the job's tokens, so that there is one left to draw from, and one of the
    source's checkpoints where state can't be cut."""

    source: Prefix | RunningJob
    depth: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """A job's next token; `logprobs`, and with the first token the `prompt`'s, where the job asked for them."""

    job_id: int
    token: int
    logprobs: TokenLogprobs | None = None
    prompt: tuple[TokenLogprobs, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that can't go on; the provider has dropped it."""

    job_id: int
    message: str


Event = Sampled | Failed


class Tokenizer(Protocol):
    """Text <-> tokens. Thread-safe."""

    @property
    def longest_piece(self) -> int:
        """The most UTF-8 bytes of text that one token can stand for."""

    def encode(self, text: str, *, add_bos: bool) -> list[int]:
        """Tokens of `text`; special tokens written in it are recognised. `add_bos` adds the model's own start
        token where the model wants one and `text` doesn't begin with it."""

    def encode_whole(self, text: str, *, marks: bool = True) -> list[int]:
        """Tokens of a text that stands for itself, with the `marks` (start, end …) that its vocabulary adds."""

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; empty for control tokens. May end inside a UTF-8 character."""

    def written(self, token: int) -> bytes:
        """As `piece`, but control tokens as they are written in a text."""

    def is_end(self, token: int) -> bool:
        """Whether the token ends a generation (end of sequence, of turn, of message)."""


class Provider(Protocol):
    """Runs one model. Created by a loader on the engine's thread."""

    @property
    def info(self) -> ModelInfo: ...
    @property
    def caps(self) -> Caps: ...
    @property
    def tokenizer(self) -> Tokenizer: ...
    @property
    def embedder(self) -> Embedder: ...

    @property
    def fingerprint(self) -> str:
        """What saved state depends on, as a short hex digest: the model's content, its template, the libraries that
        compute and lay out. Saved by another one, it must not be restored."""

    def capacity(self) -> Capacity:
        """What a new job may use without disturbing the running ones."""

    def stats(self) -> ProviderStats:
        """Called after every step: microseconds, no more."""

    def submit(self, job: Job, reuse: Reuse | None = None) -> int:
        """Take a job; how many of its tokens need not be computed. `len(job.tokens) < info.n_ctx`, a row is free."""

    def computed(self, job_id: int) -> int:
        """How many of a running job's tokens are computed now."""

    def checkpoints(self, job_id: int) -> tuple[int, ...]:
        """Where others may share a running job whose state can't be cut: ascending depths, computed already or to
        come. They may differ a little from those that the job asked for."""

    def limit_checkpoints(self, job_id: int, most: int) -> None:
        """Let a running job hold no more checkpoints than these from now on: the newest, and from two on the first.
        Frees their RAM. Unknown ids are ignored."""

    def step(self) -> Sequence[Event]:
        """One decode for all rows and at most one prefill chunk. No jobs: returns at once."""

    def cancel(self, job_id: int) -> None:
        """Drop a job and free what it held; unknown ids are ignored (it may have failed just now)."""

    def keep(self, job_id: int, base: Reuse | None = None) -> Prefix | None:
        """End a job like `cancel`, but hold a copy of what it has computed: where `caps.holds_answers`, all of it, else
        its prompt but for the last token, or, of state that can't be cut, up to the last checkpoint. None when there
        is none. `base`: a held prefix whose first `depth` tokens are the job's too: what can be shared with it needn't
        be copied, and stays as long as either of them does."""

    def weigh(self, job_id: int, base: Reuse | None = None) -> int:
        """RAM that `keep` would take, in bytes; a few per cent more perhaps. Copies nothing."""

    def held_bytes(self) -> int:
        """RAM that held prefixes and the checkpoints of running jobs take."""

    def release(self, prefix: Prefix) -> None:
        """Forget a held prefix."""

    def thin(self, prefix: Prefix, most: int) -> Prefix:
        """Forget all of its checkpoints but the end and, with `most` above 1, the first and the newest."""

    def save(self, prefix: Prefix) -> SavedState:
        """A held prefix as memory that any thread may read, as long as it likes; the prefix stays held."""

    def restore(self, state: SavedState) -> Prefix | None:
        """Hold a saved prefix again, in this process or another; None when it can't be. It takes over memory that may
        be written to, without a copy. What isn't a state of this model is seen by its sizes and never raises."""

    def lasting_tokenizer(self) -> Tokenizer:
        """One just like `tokenizer` that may be used after `close` too. Takes memory and time of its own where the
        vocabulary is a part of the model. Raises LoadError."""

    def close(self) -> None:
        """Free the model. No call may follow, but another provider may be loaded on this thread."""
