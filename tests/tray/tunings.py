"""A value for each setting, none of them a default."""

from __future__ import annotations

from tray.options import Choices, Tuning, first_of

TUNED = Tuning(
    ctx_size=4096,
    parallel=2,
    threads=3,
    gpu_layers=-1,
    kv_type="q8_0",
    speculation="off",
    chat_template="/t.jinja",
    temperature=0.5,
    top_p=0.9,
    top_k=20,
    min_p=0.0,
    repeat_penalty=1.1,
    presence_penalty=-1.0,
    frequency_penalty=1.5,
)
CHOSEN = first_of(
    TUNED,
    Choices("gguf", "m", "::1", 8002, "k", 100, 0, 600),
)
"""The same, and all else."""
