"""OpenAI's library for JavaScript and TypeScript."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.quoting import quote_code
from tray.clients.values import ClientFacts


def write_code(facts: ClientFacts) -> str:
    """The lines that make a client."""
    return (
        'import OpenAI from "openai";\n\n'
        f"export const client = new OpenAI({{ baseURL: {quote_code(facts.base_url)}, "
        f"apiKey: {quote_code(facts.key)} }});\n"
    )


CLIENT = Client("openai-node", "OpenAI for Node", "Use this client in the program.", write_code)
