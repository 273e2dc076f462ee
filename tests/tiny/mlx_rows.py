"""A program: what an MLX model says to some prompts, each alone and all in one batch that rows join and leave late.

Run with a JSON object on stdin, {"folders": [...], "prompts": [[token, ...], ...], "tokens": n}; answers with one of
{"caches", "alone", "together"} for each folder. A process of its own, for mlx wants one thread and OpenBLAS first.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import gc
import json
import sys
from pathlib import Path
from typing import Any

with contextlib.suppress(OSError):  # only for speed
    ctypes.CDLL("libopenblas.so.0", mode=ctypes.RTLD_GLOBAL)

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model

CHUNK = 128
JOINED_AT, LEFT_AT = 5, 20
"""Steps of the batch's first rows at which the others join them, and at which its second row leaves."""

Cache = list[Any]


def main() -> None:
    """Read the wishes, print the answers."""
    wishes = json.load(sys.stdin)
    answers = [_answer(Path(folder), wishes["prompts"], wishes["tokens"]) for folder in wishes["folders"]]
    print(json.dumps(answers))
    gc.collect()
    mx.synchronize()
    mx.clear_streams()  # else the process may abort at its end


def _answer(folder: Path, prompts: list[list[int]], count: int) -> dict[str, object]:
    model, _ = load_model(folder)
    started = [_prefill(model, prompt) for prompt in prompts]
    return {
        "caches": [_name(each) for each in make_prompt_cache(model)],
        "alone": [_go_on(model, copy.deepcopy(cache), first, count) for cache, first in started],
        "together": _go_on_together(model, started, count),
    }


def _prefill(model: Any, prompt: list[int]) -> tuple[Cache, int]:
    cache: Cache = make_prompt_cache(model)
    for start in range(0, len(prompt), CHUNK):
        logits = model(mx.array([prompt[start : start + CHUNK]]), cache=cache)
        mx.eval(logits)
    return cache, int(logits[0, -1].argmax())


def _go_on(model: Any, cache: Cache, first: int, count: int) -> list[int]:
    said = [first]
    while len(said) < count:
        said.append(int(model(mx.array([said[-1:]]), cache=cache)[0, -1].argmax()))
    return said


def _go_on_together(model: Any, started: list[tuple[Cache, int]], count: int) -> list[list[int]]:
    said = [[first] for _, first in started]
    rows = [0, 1]
    batch = _merge([started[row][0] for row in rows])
    for step in range(1, count + JOINED_AT):
        if step == JOINED_AT:
            late = range(2, len(started))
            for mine, theirs in zip(batch, _merge([started[row][0] for row in late]), strict=True):
                mine.extend(theirs)
            rows += late
        if step == LEFT_AT:
            stay = [place for place, row in enumerate(rows) if row != 1]
            for each in batch:
                each.filter(mx.array(stay))
            rows = [rows[place] for place in stay]
        logits = model(mx.array([said[row][-1:] for row in rows]), cache=batch)
        for row, token in zip(rows, logits[:, -1].argmax(-1).tolist(), strict=True):
            said[row].append(token)
    return said


def _merge(caches: list[Cache]) -> Cache:
    return [type(layer[0]).merge(layer) for layer in map(list, zip(*caches, strict=True))]


def _name(cache: Any) -> str:
    inner = ", ".join(map(_name, getattr(cache, "caches", ())))
    return type(cache).__name__ + (f"({inner})" if inner else "")


if __name__ == "__main__":
    main()
