"""aider: its options as a file. Its model's name begins with what LiteLLM calls the API."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_home
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree


def choose_settings(facts: ClientFacts) -> Tree:
    """The settings file's members. It warns of every model that its own list doesn't have."""
    return {
        "model": f"openai/{facts.model}",
        "openai-api-base": facts.base_url,
        "openai-api-key": facts.key,
        "show-model-warnings": False,
    }


def locate(machine: Machine) -> Place:
    """The user's settings file."""
    return in_home(machine, ".aider.conf.yml")


CLIENT = Client(
    "aider",
    "aider",
    "Start it with: aider",
    file=FileSetup("~/.aider.conf.yml", Format.YAML, locate, choose_settings),
)
