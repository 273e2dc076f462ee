"""What to send to /v1/messages and what comes back, for the OpenAPI page. Pure data."""

from __future__ import annotations

_QUESTION = {"role": "user", "content": "What is the capital of France?"}
_WEATHER = {
    "name": "get_weather",
    "description": "Tell the weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
REQUESTS: dict[str, object] = {
    "Ask a question": {"model": "starter", "max_tokens": 32, "messages": [_QUESTION]},
    "Stream the answer": {"max_tokens": 32, "system": "Be brief.", "messages": [_QUESTION], "stream": True},
    "Offer a tool": {
        "max_tokens": 32,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What is the weather in Paris?"}]}],
        "tools": [_WEATHER],
    },
}
ANSWERS: dict[str, object] = {
    "An answer": {
        "id": "msg_1f0e5a",
        "type": "message",
        "role": "assistant",
        "model": "SmolLM2-135M-Instruct.Q4_1",
        "content": [{"type": "text", "text": "The capital of France is Paris."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 37,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 8,
            "output_tokens_details": {"thinking_tokens": 0},
        },
    }
}
COUNT_REQUESTS: dict[str, object] = {"Count a conversation": {"model": "starter", "messages": [_QUESTION]}}
COUNT_ANSWERS: dict[str, object] = {"A count": {"input_tokens": 37}}
