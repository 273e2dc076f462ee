"""The address to listen on: can it be bound, and if not, who holds it? No packet leaves this machine."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence

from endpoint.contract import HealthStatus
from tray.actions import HealthReport
from tray.doctor.finding import Circumstances, Finding, Status
from tray.health import Target, ask_health
from tray.portholder import find_free_port, find_holder
from tray.state import LOOPBACK_NAMES

NAME = "port"


def check_port(c: Circumstances) -> Sequence[Finding]:
    """Free; or our own endpoint's, and then how that stands; or somebody else's."""
    host, port = c.options.host, c.options.port
    error = try_bind(host, port)
    if error is None:
        free = f"{port} on {host} is free" if port else f"any free one on {host}"
        return [Finding(NAME, Status.OK, free), *_warn_of_others(host)]
    if error.errno != errno.EADDRINUSE:
        told = f"{host}:{port} can't be bound: {error.strerror or error}"
        return [Finding(NAME, Status.FAIL, told, "Choose an address of this machine: `traypoint config set host …`.")]
    report = ask_health(Target(0, host, port))
    if report.status is None:
        return [_name_stranger(host, port)]
    return [Finding(NAME, Status.OK, f"{port} on {host} is Traypoint's own"), _describe_health(report)]


def try_bind(host: str, port: int) -> OSError | None:
    """Bind as the endpoint would, and let go again; the error, if that can't be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":  # else a port whose last connections are ending would seem to be in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)  # another that is bound and doesn't listen yet would go unnoticed without
    except OSError as error:
        return error
    return None


def _name_stranger(host: str, port: int) -> Finding:
    holder = find_holder(port) or "another program"
    free = find_free_port(host, port)
    advice = f"End that, or take another port: `traypoint config set port {free or 'N'}`."
    return Finding(NAME, Status.FAIL, f"{port} on {host} is in use by {holder}", advice)


def _describe_health(report: HealthReport) -> Finding:
    if report.status in (HealthStatus.HEALTHY, HealthStatus.LOADING):
        return Finding("endpoint", Status.OK, f"{report.status}, model {report.model}")
    told = f"{report.status}: {report.error or 'it gives no reason'}"
    return Finding("endpoint", Status.FAIL, told, "Look at `traypoint logs`, then restart it.")


def _warn_of_others(host: str) -> list[Finding]:
    """A wide bind is meant, but worth a line."""
    if host in LOOPBACK_NAMES - {"0.0.0.0", "::", ""}:  # noqa: S104  compared with, never bound
        return []
    told = f"{host} can be reached from other machines, which need the API key"
    return [Finding("network", Status.OK, told)]
