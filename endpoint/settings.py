"""The endpoint's settings: flag > environment > default, checked once, then frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from endpoint.contract import DEFAULT_HOST, DEFAULT_PORT, ModelRef
from endpoint.providers.options import LoadOptions
from endpoint.providers.sampling_wish import NO_WISH, SamplingWish


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the endpoint is told at its start. Times in seconds, sizes in bytes."""

    ref: ModelRef = field(default_factory=ModelRef)
    load: LoadOptions = field(default_factory=LoadOptions)
    chat_template: Path | None = None  # a file to use instead of the model's own
    sampling: SamplingWish = NO_WISH  # of requests that don't say; goes before what the model's files recommend
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    managed: bool = False  # a child of the tray or the CLI: start line on stdout, stop on stdin
    strict_model: bool = False
    api_key: str | None = None  # asked of callers from other machines
    require_key: bool = False  # asked of callers on this machine too
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    max_body_bytes: int = 32 * 1024 * 1024
    max_queue: int = 256
    request_timeout_s: float = 0.0  # from being queued to the end of the answer; 0: none
    cache_ram_bytes: int | None = None  # for held prefixes; None: by the memory that is available
    cache_disk_bytes: int | None = None  # for saved prefixes; None: by the space that is free; 0: none are saved
    cache_dir: Path | None = None  # where they are saved; None: in the user's cache directory
    explains: bool = True  # what was reused, and why no more, is remembered for the last requests
    idle_unload_s: float = 0.0  # without a request, and the model leaves memory until one comes; 0: never
    keep_alive_s: float = 5.0
    wedged_after_s: float = 30.0
    failed_linger_s: float = 10.0
    test_hooks: bool = False
