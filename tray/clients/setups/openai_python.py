"""OpenAI's library for Python."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.quoting import quote_code
from tray.clients.values import ClientFacts


def write_code(facts: ClientFacts) -> str:
    """The lines that make a client."""
    return (
        "from openai import OpenAI\n\n"
        f"client = OpenAI(base_url={quote_code(facts.base_url)}, api_key={quote_code(facts.key)})\n"
    )


CLIENT = Client("openai-python", "OpenAI for Python", "Use this client in the program.", write_code)
