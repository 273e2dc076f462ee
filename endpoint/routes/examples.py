"""What to send to each route and what comes back, for the OpenAPI page. Pure data.

A test holds each against its schema, and sends each request to a running endpoint. Names are shown in /docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endpoint.routes import cache_examples, message_examples, response_examples

Examples = Mapping[str, object]
"""Name -> JSON value, the plainest first."""


@dataclass(frozen=True, slots=True)
class Samples:
    """A route's examples: bodies to send, and bodies of good answers."""

    answers: Examples
    requests: Examples = field(default_factory=dict)


_QUESTION = {"role": "user", "content": "What is the capital of France?"}
_WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CHAT_REQUESTS: Examples = {
    "Ask a question": {"model": "starter", "messages": [_QUESTION], "max_tokens": 32},
    "Stream the answer": {
        "messages": [{"role": "system", "content": "Be brief."}, _QUESTION],
        "max_tokens": 32,
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "Offer a tool": {
        "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
        "max_tokens": 32,
        "tools": [_WEATHER],
    },
}
_USAGE = {
    "prompt_tokens": 37,
    "completion_tokens": 8,
    "total_tokens": 45,
    "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
CHAT_ANSWERS: Examples = {
    "An answer": {
        "id": "chatcmpl-1f0e5a",
        "object": "chat.completion",
        "created": 1767225600,
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "system_fingerprint": "fp_2b5d9a1c4e7f",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "The capital of France is Paris.", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": _USAGE,
    }
}
COMPLETION_REQUESTS: Examples = {
    "Go on from a text": {"model": "starter", "prompt": "The capital of France is", "max_tokens": 8},
    "Stop at the end of the line": {"prompt": "1, 2, 3,", "max_tokens": 8, "stop": ["\n"], "temperature": 0},
}
COMPLETION_ANSWERS: Examples = {
    "An answer": {
        "id": "cmpl-1f0e5a",
        "object": "text_completion",
        "created": 1767225600,
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "system_fingerprint": "fp_2b5d9a1c4e7f",
        "choices": [{"index": 0, "text": " Paris.", "logprobs": None, "finish_reason": "stop"}],
        "usage": _USAGE,
    }
}
EMBEDDING_REQUESTS: Examples = {
    "Embed a text": {"model": "starter", "input": "The quick brown fox"},
    "Embed two texts as base64, with fewer dimensions": {
        "input": ["A dog runs.", "Shares fell."],
        "encoding_format": "base64",
        "dimensions": 4,
    },
    "Embed tokens by their last one": {"input": [[72, 105], [72, 111]], "pooling": "last"},
}
EMBEDDING_ANSWERS: Examples = {
    "Numbers": {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8, 0.0]}],
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
        "pooling": "mean",
    },
    "base64": {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": "mpkZP83MTD8AAAAA"}],
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
        "pooling": "mean",
    },
}
TOKENIZE_REQUESTS: Examples = {
    "A text": {"content": "Hello world", "add_special": True},
    "A text, with its tokens' texts": {"content": "Hello world", "with_pieces": True},
    "A text, as vLLM has it": {"prompt": "Hello world"},
    "A conversation": {"messages": [_QUESTION]},
}
TOKENIZE_ANSWERS: Examples = {
    "To `content`": {"tokens": [19556, 905]},
    "To `content`, with texts": {"tokens": [{"id": 19556, "piece": "Hello"}, {"id": 905, "piece": " world"}]},
    "To `prompt` and `messages`": {
        "count": 2,
        "max_model_len": 8192,
        "tokens": [19556, 905],
        "token_strs": None,
    },
}
DETOKENIZE_REQUESTS: Examples = {"Two tokens": {"tokens": [72, 105]}}
DETOKENIZE_ANSWERS: Examples = {"Their text": {"content": "Hello world", "prompt": "Hello world"}}
_MODEL = {
    "id": "SmolLM2-135M-Instruct.Q4_1",
    "object": "model",
    "created": 1767225600,
    "owned_by": "llamacpp",
    "context_length": 8192,
    "max_model_len": 8192,
    "capabilities": {"completion": True, "tools": False, "reasoning": False, "embeddings": True, "vision": False},
    "meta": {
        "n_ctx": 8192,
        "n_ctx_train": 8192,
        "n_vocab": 49152,
        "memory": "attention",
        "description": "llama 135M Q4_1",
        "kv_type": "f16",
        "n_embd": 576,
        "pooling": "mean",
        "sampling": {
            "temperature": 0.8,
            "top_p": 0.95,
            "top_k": 40,
            "min_p": 0.05,
            "repeat_penalty": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
        },
        "recommended_sampling": {},
        "chat_template": "model",
    },
}
MODEL_ANSWERS: Examples = {"The starter model": _MODEL}
MODELS_ANSWERS: Examples = {"The starter model": {"object": "list", "data": [_MODEL]}}
INDEX_ANSWERS: Examples = {
    "Where things are": {"name": "Traypoint endpoint", "api": "/v1", "health": "/health", "docs": "/docs"}
}
HEALTH_ANSWERS: Examples = {
    "Healthy": {
        "status": "healthy",
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "provider": "llamacpp",
        "n_ctx": 8192,
        "kv_type": "f16",
        "memory": cache_examples.LEDGER,
        "requests": {"total": 12, "failed": 0},
        "rates": {"prefill": 204.8, "decode": 41.5},
        "prompt_cache": {"prompt_tokens": 5210, "cached_tokens": 4104, "hit_rate": 0.7877, "saved_s": 2.914},
        "unloaded": False,
        "memory_pressure": "none",
        "active": 1,
        "queued": 0,
        "uptime_s": 61.2,
        "heartbeat_age_s": 0.004,
    }
}
_WISH = {"deed": "start", "wanted": "unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M"}
_DOWNLOAD = {
    "wanted": _WISH["wanted"],
    "title": "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
    "state": "running",
    "summary": "37% · 12 MB/s · 2 min left",
    "done_bytes": 924_000_000,
    "total_bytes": 2_497_281_120,
    "bytes_per_s": 12_200_000,
    "seconds_left": 129,
    "problem": "",
    "waiting": "",
    "note": "",
    "command": "",
}
_OFFER = {"wanted": "ggml-org/gpt-oss-20b-GGUF:MXFP4", "label": "gpt-oss 20B · 12 GB · about 32 min"}
DOWNLOAD_ANSWERS: Examples = {
    "One on its way": {"available": True, "downloads": [_DOWNLOAD], "offers": [_OFFER]},
    "No app": {"available": False, "downloads": [], "offers": []},
}
ROUTES: Mapping[str, Samples] = {
    "POST /v1/chat/completions": Samples(CHAT_ANSWERS, CHAT_REQUESTS),
    "POST /v1/completions": Samples(COMPLETION_ANSWERS, COMPLETION_REQUESTS),
    "POST /v1/embeddings": Samples(EMBEDDING_ANSWERS, EMBEDDING_REQUESTS),
    "POST /tokenize": Samples(TOKENIZE_ANSWERS, TOKENIZE_REQUESTS),
    "POST /detokenize": Samples(DETOKENIZE_ANSWERS, DETOKENIZE_REQUESTS),
    "POST /v1/responses": Samples(response_examples.ANSWERS, response_examples.REQUESTS),
    "GET /v1/responses/{response_id}": Samples(response_examples.ANSWERS),
    "DELETE /v1/responses/{response_id}": Samples(response_examples.DELETIONS),
    "GET /v1/responses/{response_id}/input_items": Samples(response_examples.LISTS),
    "POST /v1/messages": Samples(message_examples.ANSWERS, message_examples.REQUESTS),
    "POST /v1/messages/count_tokens": Samples(message_examples.COUNT_ANSWERS, message_examples.COUNT_REQUESTS),
    **{
        f"{'POST' if name in cache_examples.REQUESTS else 'GET'} /acore/prompt_cache/{name}": Samples(
            answers, cache_examples.REQUESTS.get(name, {})
        )
        for name, answers in cache_examples.ANSWERS.items()
    },
    "GET /acore/prompt_cache/explain": Samples(cache_examples.EXPLANATIONS),
    "GET /acore/prompt_cache/recent": Samples(cache_examples.RECENTS),
    "GET /app/downloads": Samples(DOWNLOAD_ANSWERS),
    "POST /app/downloads": Samples({"Passed on": _WISH}, {"Start one": _WISH}),
    "GET /v1/models": Samples(MODELS_ANSWERS),
    "GET /v1/models/{model_id}": Samples(MODEL_ANSWERS),
    "GET /": Samples(INDEX_ANSWERS),
    "GET /health": Samples(HEALTH_ANSWERS),
}
"""By method and path, as the OpenAPI page writes them."""
