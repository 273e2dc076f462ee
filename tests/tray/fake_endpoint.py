"""A real process that speaks the managed endpoint's contract, and misbehaves on request.

`python fake_endpoint.py PORT BEHAVIOUR`; standard library only, so it starts in a blink. Behaviours: serve, busy (the
port), nomodel, crash (once told `crash` on stdin), deaf (ignores stop and SIGTERM), unheeding (never reads its stdin),
parrot (says what it reads), wishes, loading, failed, wedged, key.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODIES = {
    "loading": (503, {"status": "loading", "progress": 0.4, "model": "fake"}),
    "failed": (503, {"status": "failed", "error": "fake.gguf is truncated"}),
    "wedged": (503, {"status": "wedged", "error": "no step for 31 s"}),
}
WISHES = """\
WISH nonsense
WISH {"deed": "start", "wanted": "/etc/passwd"}
WISH {"deed": "pause", "wanted": "acme/Tiny-GGUF:Q4_0"}"""
HEALTHY = (200, {"status": "healthy", "model": "fake-model", "active": 0, "queued": 0})


class Handler(BaseHTTPRequestHandler):
    behaviour = "serve"

    def do_GET(self) -> None:
        code, body = BODIES.get(self.behaviour, HEALTHY)
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


def obey_parent(behaviour: str) -> None:
    for line in sys.stdin:
        if behaviour == "parrot":
            print(f"heard: {line}", end="", flush=True)
        if line == "crash\n":
            print("RuntimeError: told to crash", file=sys.stderr, flush=True)
            os._exit(7)
        if line in ("stop\n", "drain\n") and behaviour != "deaf":
            os._exit(0)
    os._exit(0)


def main() -> int:
    port, behaviour = int(sys.argv[1]), sys.argv[2]
    if behaviour == "busy":
        print("BIND 98 Address already in use", flush=True)
        return 98
    if behaviour == "nomodel":
        print("2026-01-01 10:00:00,000 INFO endpoint: starting", file=sys.stderr)
        print("traypoint-endpoint: error: no such model file: /x.gguf", file=sys.stderr, flush=True)
        return 3
    if behaviour == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "key":
        print("API key for callers from other machines: tp-secret (kept in /c)", file=sys.stderr, flush=True)
    Handler.behaviour = behaviour
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"LISTEN {server.server_address[1]}", flush=True)
    if behaviour == "wishes":
        print(WISHES, flush=True)
    if behaviour != "unheeding":
        threading.Thread(target=obey_parent, args=(behaviour,), daemon=True).start()
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
