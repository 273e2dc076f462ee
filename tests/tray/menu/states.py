"""One state of the app for each thing that the menu has to show: for the golden tests and the pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from endpoint.contract import ModelRef
from tray.downloads.download import Download, DownloadState
from tray.figures import CacheFigures, HealthFigures, MemoryFigures, NamedKey, ReuseFigures
from tray.options import Tuning
from tray.preferences import Preferences
from tray.state import AppState, EndpointState, Failure
from tray.surroundings import ClientChoice, ModelChoice, Offer, ProviderChoice, Surroundings

SMOLLM = ModelRef("gguf", "/models/SmolLM2-135M-Instruct.Q4_1.gguf")
QWEN = ModelRef("llamacpp", "/home/me/.lmstudio/models/Qwen3-4B-Instruct-2507-Q4_K_M.gguf")
GPT_OSS = ModelRef("llamacpp", "/home/me/.cache/huggingface/hub/gpt-oss-120b.gguf")
MLX = ModelRef("mlx", "mlx-community/Qwen3-4B-4bit")
AROUND = Surroundings(
    models=(
        ModelChoice(SMOLLM, "Comes with Traypoint", "SmolLM2-135M-Instruct · Q4_1 · 98 MB · fits", n_ctx=8192),
        ModelChoice(QWEN, "LM Studio", "Qwen3-4B-Instruct-2507 · Q4_K_M · 2.5 GB · tight", n_ctx=262144),
        ModelChoice(GPT_OSS, "Hugging Face", "gpt-oss-120b · MXFP4 · 63 GB · too big", n_ctx=131072),
        ModelChoice(MLX, "Hugging Face", "Qwen3-4B-4bit · 2.3 GB", "half downloaded"),
    ),
    recent=(QWEN,),
    providers=(ProviderChoice("llamacpp"), ProviderChoice("mlx", "needs Apple silicon")),
    clients=(ClientChoice("curl", "curl"), ClientChoice("claude-code", "Claude Code")),
    offers=(
        Offer("unsloth/Qwen3-4B-Instruct-2507-GGUF:Q4_K_M", "Qwen3 4B Instruct · 2.5 GB · about 7 min"),
        Offer("unsloth/Qwen3-1.7B-GGUF:Q4_0", "Qwen3 1.7B · 1.1 GB · about 3 min"),
    ),
    versions=("Traypoint 0.1.0", "llama-cpp-python 0.3.36 (MIT)", "pystray 0.19.5 (LGPL-3.0)"),
)
FIGURES = HealthFigures(
    uptime_min=125,
    requests=1234,
    failed=2,
    prefill_rate=412.4,
    decode_rate=38.2,
    n_ctx=8192,
    memory=MemoryFigures(98_000_000, 755_000_000, 34_200_000, 2_147_483_648, 1_204_000_000, 10_000_000_000),
    reuse=ReuseFigures(0.83, 123_456, 301.0),
    last_error="out of memory",
)
CACHE = CacheFigures(
    34_200_000,
    2_147_483_648,
    1_204_000_000,
    10_000_000_000,
    (NamedKey("agent", 30_000_000, 12), NamedKey("docs:1f2e", 4_200_000)),
    "Message 2 (user) differs from character 40 on: a date was changed.",
)
DOWNLOADS = (
    Download(
        AROUND.offers[0].wanted,
        "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        DownloadState.RUNNING,
        925_000_000,
        2_500_000_000,
        12_000_000,
        131,
    ),
    Download("a/waits", "a/waits"),
    Download("a/paused:Q4_0", "a/paused", "paused.gguf", DownloadState.PAUSED, 10, 40),
    Download("a/gated", "a/gated", state=DownloadState.FAILED, problem="a/gated asks for its licence to be accepted."),
    Download("a/done", "a/done", "done.gguf", DownloadState.DONE, 40, 40, ref=ModelRef("llamacpp", "/hub/done.gguf")),
    Download("a/gone", "a/gone", state=DownloadState.CANCELLED),
)
BASE = AppState(ref=SMOLLM, around=AROUND)
READY = replace(BASE, endpoint=EndpointState.READY, model="SmolLM2-135M", figures=FIGURES, cache=CACHE)

STATES: Mapping[str, AppState] = {
    "stopped": BASE,
    "loading": replace(BASE, endpoint=EndpointState.LOADING, progress=0.47),
    "ready": READY,
    "ready-first": replace(READY, figures=HealthFigures(), cache=CacheFigures(ram=0, disk=0, disk_budget=0)),
    "ready-unloaded": replace(READY, is_unloaded=True, idle_unload_s=900),
    "ready-changed": replace(
        READY,
        ref=MLX,
        host="0.0.0.0",
        tuning=Tuning(ctx_size=6000, gpu_layers=12, temperature=0.7, chat_template="/t/qwen.jinja"),
        own_tuning=Tuning(ctx_size=6000, gpu_layers=12, temperature=0.7, chat_template="/t/qwen.jinja"),
        saves_prompts=False,
        starts_at_login=True,
        preferences=Preferences(start_on_launch=False, keep_running=True, notifications=False),
    ),
    "busy": replace(READY, endpoint=EndpointState.BUSY, active=2, queued=1),
    "stopping": replace(READY, endpoint=EndpointState.STOPPING),
    "stopping-draining": replace(READY, endpoint=EndpointState.STOPPING, active=1),
    "failed": replace(
        BASE,
        endpoint=EndpointState.FAILED,
        failure=Failure("Port 8001 on 127.0.0.1 is in use by python (pid 4711).", "Stop it, or use 8002.", 98, 8002),
    ),
    "failed-retrying": replace(
        BASE,
        endpoint=EndpointState.FAILED,
        failure=Failure("The endpoint was ended by SIGSEGV."),
        retry_in_s=5.0,
    ),
    "wedged": replace(BASE, endpoint=EndpointState.WEDGED, failure=Failure("The endpoint hangs: no step for 31 s")),
    "notice": replace(READY, notice="Copied http://127.0.0.1:8001/v1"),
    "downloading": replace(READY, downloads=DOWNLOADS),
    "empty": AppState(),
}
