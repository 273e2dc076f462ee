"""Cline, in the terminal: its own command writes the settings, where its editor extension finds them too."""

from __future__ import annotations

import shlex

from tray.clients.client import Client
from tray.clients.values import ClientFacts


def write_command(facts: ClientFacts) -> str:
    """A command for a POSIX shell."""
    words = ["cline", "auth", "-p", "openai-compatible", "-k", facts.key, "-m", facts.model, "-b", facts.base_url]
    return f"{shlex.join(words)}\n"


CLIENT = Client("cline", "Cline", "Paste it into a terminal, then start: cline", write_command)
