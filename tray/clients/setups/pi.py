"""pi: one more provider."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_folder
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members."""
    model: Value = {"id": facts.model, "contextWindow": facts.context, "maxTokens": facts.answer_tokens}
    return {
        "providers": {
            "traypoint": {
                "baseUrl": facts.base_url,
                "api": "openai-completions",
                "apiKey": facts.key,
                "models": [model],
            }
        }
    }


def locate(machine: Machine) -> Place:
    """The user's models."""
    return in_folder(machine, "PI_CODING_AGENT_DIR", ".pi/agent", "models.json")


CLIENT = Client(
    "pi",
    "pi",
    "Start it with: pi --provider traypoint",
    file=FileSetup("~/.pi/agent/models.json", Format.JSON, locate, choose_settings),
)
