"""VS Code's chat: a Custom Endpoint among its language models, which needs no account and no plan."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_app_config
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value


def choose_settings(facts: ClientFacts) -> Tree:
    """The file's only list: one more group of models."""
    model: Value = {
        "id": facts.model,
        "name": facts.model,
        "url": f"{facts.base_url}/chat/completions",
        "toolCalling": True,
        "vision": False,
        "maxInputTokens": max(facts.context - facts.answer_tokens, 1),
        "maxOutputTokens": facts.answer_tokens,
    }
    return [
        {
            "name": "Traypoint",
            "vendor": "customendpoint",
            "apiKey": facts.key,
            "apiType": "chat-completions",
            "models": [model],
        }
    ]


def locate(machine: Machine) -> Place:
    """The file of the default profile."""
    return in_app_config(machine, "Code", "User", "chatLanguageModels.json")


CLIENT = Client(
    "vscode",
    "VS Code",
    "Choose the model in the chat's model picker; restart VS Code where it isn't shown.",
    file=FileSetup("Code/User/chatLanguageModels.json", Format.JSON, locate, choose_settings),
)
