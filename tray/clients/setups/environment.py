"""The variables that OpenAI's and Anthropic's libraries, and programs built on them, look at."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.quoting import write_exports
from tray.clients.values import ClientFacts


def write_variables(facts: ClientFacts) -> str:
    """Lines for a POSIX shell."""
    return write_exports(
        {
            "OPENAI_BASE_URL": facts.base_url,
            "OPENAI_API_KEY": facts.key,
            "ANTHROPIC_BASE_URL": facts.root_url,
            "ANTHROPIC_API_KEY": facts.key,
        }
    )


CLIENT = Client(
    "environment", "Environment variables", "Paste it into a shell, or into its start-up file.", write_variables
)
