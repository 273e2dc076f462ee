"""Who holds a port, and which one is free. Only ever looked at, never ended."""

from __future__ import annotations

import socket
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

NEAR = 100
"""How many ports above the wanted one are tried before giving up on an offer."""


def find_holder(port: int) -> str | None:
    """The process listening on this TCP port, as `name (pid 123)`; None where the system doesn't tell."""
    import psutil  # imported only when a port is busy

    try:
        sockets = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return None  # macOS tells only root about others' sockets
    listening = [c for c in sockets if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port]
    pid = next((c.pid for c in listening if c.pid), None)
    if pid is None:
        return None
    try:
        return f"{_name_process(psutil.Process(pid))} (pid {pid})"
    except (psutil.Error, OSError):
        return f"pid {pid}"


def find_free_port(host: str, after: int) -> int | None:
    """The next port above `after` that can be bound on `host` right now."""
    for port in range(after + 1, min(after + 1 + NEAR, 65536)):
        if _can_bind(host, port):
            return port
    return None


def _name_process(process: psutil.Process) -> str:
    """Its name; for an interpreter also what it runs, since `python3` says little."""
    name = process.name()
    if not name.lower().startswith(("python", "node", "java")):
        return name
    words = [w for w in process.cmdline()[1:] if not w.startswith("-")]
    return f"{name} {PurePath(words[0]).name}" if words else name


def _can_bind(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: else a bind succeeds on a port in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
