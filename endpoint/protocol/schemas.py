"""The answers as pydantic models: for the OpenAPI page and for tests that hold real answers against it. Pure.

Nothing is serialised through these: `replies` writes plain dicts, which is several times faster a token.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from endpoint.protocol.acore.schemas import Ledger
from endpoint.protocol.health_schemas import LastError, PromptCounts, RequestCounts, TokenRates
from endpoint.protocol.model_schemas import RecommendedSampling, SamplingFigures

FinishReason = Literal["stop", "length", "tool_calls"]


class _Exact(BaseModel):
    """An answer has these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PromptTokensDetails(_Exact):
    """`cached_tokens` of the prompt were not prefilled again."""

    cached_tokens: int


class CompletionTokensDetails(_Exact):
    """`reasoning_tokens` of the answer were reasoning."""

    reasoning_tokens: int


class Usage(_Exact):
    """Token counts."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokensDetails
    completion_tokens_details: CompletionTokensDetails


class FunctionCall(_Exact):
    """What to call; `arguments` is what the model wrote: JSON text, if it wrote JSON."""

    name: str
    arguments: str


class ToolCall(_Exact):
    """A call that the client is asked to make."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class AssistantMessage(_Exact):
    """The answer; `content` is null beside calls without text. `reasoning` repeats `reasoning_content`."""

    role: Literal["assistant"]
    content: str | None
    refusal: None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None


class LikelyToken(_Exact):
    """A token and its log-probability; text that is no whole characters is written as escapes."""

    token: str
    logprob: float
    bytes: list[int]


class DrawnToken(LikelyToken):
    """A token of the answer, and the likeliest in its place."""

    top_logprobs: list[LikelyToken]


class ChatLogprobs(_Exact):
    """Of all tokens of the answer but the one that ended it."""

    content: list[DrawnToken]
    refusal: None


class ChatChoice(_Exact):
    """One of `n` choices."""

    index: int
    message: AssistantMessage
    logprobs: ChatLogprobs | None
    finish_reason: FinishReason


class ChatCompletion(_Exact):
    """Answer of POST /v1/chat/completions."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[ChatChoice]
    usage: Usage


class TextLogprobs(_Exact):
    """Parallel lists, an entry for every token; a prompt's first has no log-probability. Offsets in characters."""

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int]


class TextChoice(_Exact):
    """One of the choices: `n` for each prompt, in the prompts' order."""

    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: FinishReason


class Completion(_Exact):
    """Answer of POST /v1/completions."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[TextChoice]
    usage: Usage


class Embedding(_Exact):
    """One input's vector, of length 1: numbers, or base64 of little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(_Exact):
    """Token counts of all inputs; both are the same."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(_Exact):
    """Answer of POST /v1/embeddings; `pooling` is how an input's token vectors became one."""

    object: Literal["list"]
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage
    pooling: Literal["mean", "cls", "last"]


class TokenPiece(_Exact):
    """A token with its text, or its bytes where it ends inside a character."""

    id: int
    piece: str | list[int]


class TokenList(_Exact):
    """llama-server's answer, to `content`."""

    tokens: list[int] | list[TokenPiece]


class CountedTokens(_Exact):
    """vLLM's answer, to `prompt` and `messages`; `max_model_len` is the context in tokens."""

    count: int
    max_model_len: int
    tokens: list[int]
    token_strs: list[str] | None


class Tokenized(RootModel[TokenList | CountedTokens]):
    """Answer of POST /tokenize."""


class Detokenized(_Exact):
    """Answer of POST /detokenize: the text, under llama-server's name and vLLM's."""

    content: str
    prompt: str


class ModelMeta(_Exact):
    """What the model is: contexts in tokens; where `memory` is not "attention", its state is reused at checkpoints
    only. `kv_type`: of its keys and values, where they have one of their own. `n_embd`: the dimensions of its
    embeddings, by `pooling` where a request names none."""

    n_ctx: int
    n_ctx_train: int
    n_vocab: int
    memory: Literal["attention", "sliding_window", "recurrent", "hybrid"]
    description: str
    kv_type: str | None = None
    n_embd: int | None = None
    pooling: Literal["mean", "cls", "last"] | None = None
    sampling: SamplingFigures | None = None  # None: it only embeds
    recommended_sampling: RecommendedSampling | None = None
    chat_template: Literal["model", "chatml", "override"] | None = None  # where it is from
    chat_template_file: str | None = None  # the override's name


class Capabilities(_Exact):
    """`tools` and `reasoning`: the chat template knows them. Tools can be offered to any model that completes."""

    completion: bool
    tools: bool
    reasoning: bool
    embeddings: bool
    vision: bool


class Model(_Exact):
    """The served model; `created` is when it was loaded, in Unix seconds. Both context lengths are the same."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    context_length: int
    max_model_len: int
    capabilities: Capabilities
    meta: ModelMeta


class ModelList(_Exact):
    """Answer of GET /v1/models."""

    object: Literal["list"]
    data: list[Model]


class ErrorDetail(_Exact):
    """OpenAI's error."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorReply(_Exact):
    """Every error's body."""

    error: ErrorDetail


class Health(_Exact):
    """Answer of GET /health. Times in seconds; `progress` from 0 to 1, while loading. `unloaded`, while healthy: the
    model left memory (--idle-unload); with `progress`, it is on its way back. `memory_pressure`: what short
    memory makes it do. From `requests` to `last_error`: while
    healthy, and only for callers that would be let in elsewhere too."""

    status: Literal["loading", "healthy", "failed", "wedged", "stopping"]
    model: str
    provider: str
    progress: float | None = None
    unloaded: bool | None = None
    memory_pressure: Literal["none", "shedding", "refusing"] | None = None
    n_ctx: int | None = None
    kv_type: str | None = None
    memory: Ledger | None = None
    requests: RequestCounts | None = None
    rates: TokenRates | None = None
    prompt_cache: PromptCounts | None = None
    last_error: LastError | None = None
    error: str | None = None
    active: int
    queued: int
    uptime_s: float
    heartbeat_age_s: float


class Index(_Exact):
    """Answer of GET /: where things are. A browser gets the status page."""

    name: str
    api: str
    health: str
    docs: str
