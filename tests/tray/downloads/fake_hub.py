"""A child of the hub that says what it is told to: a program of a few lines, run by this Python."""

from __future__ import annotations

import os
import queue
import sys

from endpoint.hub_contract import HubEvent, format_event
from tray.downloads.download import Download
from tray.downloads.downloads import DownloadsChanged
from tray.spawn import Command

TIMEOUT_S = 20.0

_PROGRAM = """
import json, sys
for line in json.loads(sys.argv[1]): print(line, flush=True)
if sys.argv[2] == "wait":
    word = sys.stdin.readline().strip() or "pause"
    print(json.dumps({"event": "stopped", "wish": word}), flush=True)
"""


def make_child(*events: HubEvent | str, waits: bool = False) -> Command:
    """Says these events (or lines), then ends, or first waits for a wish."""
    import json

    lines = json.dumps([event if isinstance(event, str) else format_event(event) for event in events])
    return Command((sys.executable, "-c", _PROGRAM, lines, "wait" if waits else "end"), dict(os.environ))


class Reports:
    """Takes what is posted, and waits for what a test looks for."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[DownloadsChanged] = queue.SimpleQueue()

    def post(self, report: DownloadsChanged) -> None:
        self._queue.put(report)

    def wait_for(self, *states: str) -> tuple[Download, ...]:
        """Until the downloads are in these states, in order."""
        while True:
            downloads = self._queue.get(timeout=TIMEOUT_S).downloads
            if tuple(each.state.value for each in downloads) == states:
                return downloads
