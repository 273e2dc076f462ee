"""Hosts and addresses: which are this machine's loopback, and binding to one. No HTTP in here."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
from dataclasses import dataclass

from endpoint.errors import EndpointError

BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class BindProblem:
    """The operating system's `errno` and a sentence for people."""

    errno: int
    text: str


class BindError(EndpointError):
    """The address can't be bound."""

    def __init__(self, problem: BindProblem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def is_loopback(host: str) -> bool:
    """Whether a bind host, or an address, can only be reached from this machine."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one. Raises BindError, never moves to another port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        problem = BindProblem(error.errno or 0, f"The host {host!r} can't be resolved: {error.strerror}.")
        raise BindError(problem) from error
    server = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen(BACKLOG)  # a bound socket that doesn't listen yet would not keep others from the port
    except OSError as error:
        server.close()
        raise BindError(_explain(error, host, port)) from error
    return server


def format_url(host: str, port: int) -> str:
    """The base URL for clients on this machine: a wildcard address is reached through loopback."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"


def _explain(error: OSError, host: str, port: int) -> BindProblem:
    number = error.errno or 0
    match number:
        case errno.EADDRINUSE:
            text = f"Port {port} on {host} is in use. Stop what uses it, or choose another with --port."
        case errno.EADDRNOTAVAIL:
            text = f"{host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all of its addresses."
        case errno.EACCES:
            text = f"Port {port} on {host} may not be bound by this user. Choose a port above 1023 with --port."
        case _:
            text = f"{host}:{port} can't be bound: {error.strerror or error}."
    return BindProblem(number, text)
