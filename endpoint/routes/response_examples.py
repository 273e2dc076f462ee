"""What to send to /v1/responses and what comes back, for the OpenAPI page. Pure data."""

from __future__ import annotations

_WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Tell the weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
REQUESTS: dict[str, object] = {
    "Ask a question": {"model": "starter", "input": "What is the capital of France?", "max_output_tokens": 32},
    "Stream the answer to a conversation": {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Hello!"},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": [{"type": "input_text", "text": "What is the capital of France?"}]},
        ],
        "max_output_tokens": 32,
        "stream": True,
        "store": False,
    },
    "Offer a tool": {"input": "What is the weather in Paris?", "tools": [_WEATHER], "max_output_tokens": 32},
}
_ANSWER = {
    "id": "resp_1f0e5a",
    "object": "response",
    "created_at": 1767225600,
    "completed_at": 1767225601,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "model": "SmolLM2-135M-Instruct.Q4_1",
    "output": [
        {
            "type": "message",
            "id": "msg_2b5d9a",
            "status": "completed",
            "role": "assistant",
            "content": [
                {
                    "type": "output_text",
                    "text": "The capital of France is Paris.",
                    "annotations": [],
                    "logprobs": [],
                }
            ],
        }
    ],
    "usage": {
        "input_tokens": 37,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 8,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 45,
    },
    "background": False,
    "instructions": None,
    "max_output_tokens": 32,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "default",
    "store": True,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "truncation": "disabled",
    "user": None,
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "temperature": 0.8,
    "top_logprobs": 0,
    "top_p": 0.95,
}
ANSWERS: dict[str, object] = {"An answer": _ANSWER}
DELETIONS: dict[str, object] = {"It is gone": {"id": "resp_1f0e5a", "object": "response", "deleted": True}}
LISTS: dict[str, object] = {
    "One message": {
        "object": "list",
        "data": [
            {
                "type": "message",
                "id": "msg_7c1e0d",
                "status": "completed",
                "role": "user",
                "content": [{"type": "input_text", "text": "What is the capital of France?"}],
            }
        ],
        "first_id": "msg_7c1e0d",
        "last_id": "msg_7c1e0d",
        "has_more": False,
    }
}
