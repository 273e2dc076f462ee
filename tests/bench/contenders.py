"""Who takes part, with which flags. All get the same model, threads and, where they take it, number of KV cells."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLOTS = 8
_SETTINGS = ("TRAYPOINT_", "ABSTRACTENDPOINT_", "LLAMA_ARG_")
"""Variables that would change what a contender does behind its flags."""
CONTEXT = 32768
"""KV cells for each: 20 idle conversations must fit the peer that keeps them resident."""
MLX_CONTEXT = 4096
"""Tokens of one request; mlx_lm.server sets no limit. Its page has no long conversations."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What is the same for all."""

    model: Path
    threads: int
    port: int


@dataclass(frozen=True, slots=True)
class Contender:
    """A server in one configuration. `only`: the workloads it takes part in, all when None. `warm_up`: it says that it
    is ready before it is, so it is after its first token."""

    name: str
    command: Callable[[Launch], list[str]]
    ready_path: str = "/health"
    only: frozenset[str] | None = None
    warm_up: bool = False

    def takes_part(self, workload: str) -> bool:
        """Whether this workload says something about this configuration."""
        return self.only is None or workload in self.only

    def environment(self, caller: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The caller's, with this checkout's code before any other, and settings that are nobody's."""
        paths = [str(ROOT), *filter(None, [caller.get("PYTHONPATH")])]
        kept = {name: value for name, value in caller.items() if not name.startswith(_SETTINGS)}
        own = {"TRAYPOINT_CONFIG_DIR": str(folder), "TRAYPOINT_CACHE_DIR": str(folder / "prefixes")}
        return {**kept, **own, "PYTHONPATH": os.pathsep.join(paths)}


def make_llamacpp_contenders(llama_server: Path) -> tuple[Contender, ...]:
    """Ours first, then the peers; the first peer is the one that ratios are taken to."""
    contenders = [
        Contender("Traypoint", _traypoint),
        Contender("llama-server", lambda launch: _llama_server(llama_server, launch, SLOTS)),
        Contender(
            "llama-server, 1 slot",
            lambda launch: _llama_server(llama_server, launch, 1),
            only=frozenset({"shared prompt"}),
        ),
        Contender(
            "llama-server, n-grams",
            lambda launch: [*_llama_server(llama_server, launch, SLOTS), "--spec-type", "ngram-simple"],
            only=frozenset({"one stream", "edit"}),
        ),
    ]
    contenders.append(
        Contender(
            "Traypoint, no drafts",
            lambda launch: [*_traypoint(launch), "--speculation", "off"],
            only=frozenset({"one stream", "edit"}),
        )
    )
    if _has_python_server():
        contenders.append(Contender("llama_cpp.server", _python_server, ready_path="/v1/models"))
    return tuple(contenders)


def make_mlx_contenders() -> tuple[Contender, ...]:
    """Ours first. Both are warm: mlx_lm.server answers on /health while its model is still being loaded."""
    return (
        Contender("Traypoint", lambda launch: _traypoint(launch, "mlx", MLX_CONTEXT), warm_up=True),
        Contender("mlx_lm.server", _mlx_server, warm_up=True),
    )


def _traypoint(launch: Launch, provider: str = "llamacpp", context: int = CONTEXT) -> list[str]:
    words = ["--provider", provider, "--model", str(launch.model), "--port", str(launch.port)]
    size = ["--threads", str(launch.threads), "--ctx-size", str(context), "--parallel", str(SLOTS)]
    return [sys.executable, "-P", "-m", "endpoint", *words, *size]


def _mlx_server(launch: Launch) -> list[str]:
    """Its own defaults, written out: 32 rows, 8 prompts at once, 2,048 tokens a prefill step, a prompt cache of 10
    conversations. Fewer prompts or shorter steps gained nothing here; one row at a time lost everywhere."""
    words = ["--threads", str(launch.threads), "--model", str(launch.model)]
    address = ["--host", "127.0.0.1", "--port", str(launch.port), "--log-level", "WARNING"]
    size = ["--decode-concurrency", "32", "--prompt-concurrency", "8", "--prefill-step-size", "2048"]
    return [sys.executable, "-P", "-m", "tests.bench.mlx_peer", *words, *address, *size, "--prompt-cache-size", "10"]


def _llama_server(binary: Path, launch: Launch, slots: int) -> list[str]:
    """Its best flags here: one unified KV cache, flash attention, prompt cache in RAM (its default), warm-up (too).

    --cache-reuse 0: shifting parts of a cache changes what the model says, and ours never does that.
    """
    words = ["--model", str(launch.model), "--host", "127.0.0.1", "--port", str(launch.port), "--offline"]
    size = ["-t", str(launch.threads), "-tb", str(launch.threads), "-c", str(CONTEXT), "-np", str(slots)]
    return [str(binary), *words, *size, "--kv-unified", "-fa", "on", "--cache-reuse", "0"]


def _python_server(launch: Launch) -> list[str]:
    """One request at a time, whatever the flags. It must not break off a request because another has come."""
    words = ["--model", str(launch.model), "--host", "127.0.0.1", "--port", str(launch.port)]
    size = ["--n_threads", str(launch.threads), "--n_threads_batch", str(launch.threads), "--n_ctx", str(CONTEXT)]
    return [sys.executable, "-m", "llama_cpp.server", *words, *size, "--flash_attn", "1", "--interrupt_requests", "0"]


def _has_python_server() -> bool:
    """Its extra requirements are not among ours: it takes part where somebody has installed them."""
    needed = ("llama_cpp", "sse_starlette", "starlette_context", "pydantic_settings")
    return all(importlib.util.find_spec(name) is not None for name in needed)
