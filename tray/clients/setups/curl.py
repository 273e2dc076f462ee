"""curl: one question."""

from __future__ import annotations

import json
import shlex

from tray.clients.client import Client
from tray.clients.values import ClientFacts

QUESTION = "What is gravity?"


def write_command(facts: ClientFacts) -> str:
    """A command for a POSIX shell."""
    body = {
        "model": facts.model,
        "messages": [{"role": "user", "content": QUESTION}],
        "max_tokens": 60,
    }
    words = [["curl", "-s", f"{facts.base_url}/chat/completions"], ["-H", "Content-Type: application/json"]]
    if facts.api_key:
        words.append(["-H", f"Authorization: Bearer {facts.api_key}"])
    words.append(["-d", json.dumps(body)])
    return " \\\n  ".join(shlex.join(line) for line in words) + "\n"


CLIENT = Client("curl", "curl", "Paste it into a terminal.", write_command)
