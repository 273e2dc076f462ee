"""GitHub's Copilot CLI, by variables: with no account, and nothing but the endpoint asked."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.quoting import write_exports
from tray.clients.values import ClientFacts


def write_variables(facts: ClientFacts) -> str:
    """Lines for a POSIX shell."""
    variables = {
        "COPILOT_PROVIDER_BASE_URL": facts.base_url,
        "COPILOT_MODEL": facts.model,
        "COPILOT_OFFLINE": "true",
    }
    key = {"COPILOT_PROVIDER_API_KEY": facts.api_key} if facts.api_key else {}
    return write_exports({**variables, **key})


CLIENT = Client("copilot", "Copilot CLI", "In the same shell, start: copilot", write_variables)
