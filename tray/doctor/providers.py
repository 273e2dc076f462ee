"""The libraries that run models: installed, and does each load? That is tried in a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.util import find_spec

from endpoint.contract import find_provider
from tray.doctor.finding import Circumstances, Finding, Status
from tray.state import PROVIDER_TITLES

CUDA = "Build it for the card: `make clean`, then `TRAYPOINT_LLAMA_WHEELS=cu124 make run` (docs/setup.md)."


def check_llamacpp(c: Circumstances) -> Sequence[Finding]:
    """llama.cpp, for GGUF files."""
    return _check(c, "llamacpp", "llama_cpp", "llama-cpp-python", "Run `make run`, which builds it (docs/setup.md).")


def check_mlx(c: Circumstances) -> Sequence[Finding]:
    """MLX, for Apple silicon."""
    extra = "mlx" if c.platform == "darwin" else "mlx-cpu"
    return _check(c, "mlx", "mlx_lm", "mlx-lm", f"Run `pip install 'traypoint[{extra}]'` (docs/setup.md).")


def _check(c: Circumstances, provider: str, module: str, library: str, advice: str) -> list[Finding]:
    """A provider that isn't the chosen one may be missing, and may be broken."""
    name = PROVIDER_TITLES[provider]
    is_chosen = find_provider(c.options.ref.provider) == provider
    if find_spec(module) is None:
        status = Status.FAIL if is_chosen else Status.SKIP
        return [Finding(name, status, f"{library} isn't installed", advice)]
    answer = c.probe(["device", provider])
    version = _read_version(library)
    if "problem" in answer:
        told = f"{library} {version} can't be loaded: {answer['problem']}"
        return [Finding(name, Status.FAIL if is_chosen else Status.WARN, told, f"Install it anew: {advice}")]
    told = f"{library} {version} · {answer.get('device') or answer.get('skipped')}"
    if provider == "llamacpp" and str(answer.get("device")).startswith("processor") and _has_nvidia_card(c):
        return [Finding(name, Status.WARN, f"{told}, though this machine has a card", CUDA)]
    return [Finding(name, Status.OK, told)]


def _has_nvidia_card(c: Circumstances) -> bool:
    """The driver's tool comes with the driver, and no driver without a card."""
    return shutil.which("nvidia-smi", path=c.env.get("PATH")) is not None


def _read_version(library: str) -> str:
    from importlib import metadata  # slow to import

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "(no version)"
