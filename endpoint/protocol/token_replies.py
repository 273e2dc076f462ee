"""Answers of /tokenize and /detokenize. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from endpoint.protocol.reply import Body


def write_short(tokens: Sequence[int], written: Callable[[int], bytes] | None) -> Body:
    """llama-server's; `written` gives a token's bytes, None where they weren't asked for."""
    if written is None:
        return {"tokens": list(tokens)}
    return {"tokens": [{"id": token, "piece": _show(written(token))} for token in tokens]}


def write_count(tokens: Sequence[int], n_ctx: int, written: Callable[[int], bytes] | None) -> Body:
    """VLLM's."""
    pieces = None if written is None else [written(token).decode("utf-8", "replace") for token in tokens]
    return {"count": len(tokens), "max_model_len": n_ctx, "tokens": list(tokens), "token_strs": pieces}


def write_text(tokens: Sequence[int], written: Callable[[int], bytes]) -> Body:
    """The text under llama-server's name and vLLM's; bytes that are no UTF-8 become U+FFFD."""
    text = b"".join(map(written, tokens)).decode("utf-8", "replace")
    return {"content": text, "prompt": text}


def _show(piece: bytes) -> str | list[int]:
    """Text, or, as llama-server does it, the bytes of a piece that ends inside a character."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return list(piece)
