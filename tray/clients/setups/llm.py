"""Simon Willison's llm: one more model, called `traypoint`."""

from __future__ import annotations

from tray.clients.client import Client
from tray.clients.places import in_app_config, in_folder
from tray.clients.values import ClientFacts, FileSetup, Format, Machine, Place, Tree, Value

FOLDER, FILE = "io.datasette.llm", "extra-openai-models.yaml"


def choose_settings(facts: ClientFacts) -> Tree:
    """The file's only list. A key of its own would be the name of a stored one, so a header carries the endpoint's."""
    model: dict[str, Value] = {"model_id": "traypoint", "model_name": facts.model, "api_base": facts.base_url}
    if facts.api_key:
        model["headers"] = {"Authorization": f"Bearer {facts.api_key}"}
    return [model]


def locate(machine: Machine) -> Place:
    """The list of additional models in llm's folder."""
    if machine.env.get("LLM_USER_PATH"):
        return in_folder(machine, "LLM_USER_PATH", "", FILE)
    return in_app_config(machine, FOLDER, FILE)


CLIENT = Client(
    "llm",
    "llm",
    "Use it with: llm -m traypoint",
    file=FileSetup(f"~/.config/{FOLDER}/{FILE}", Format.YAML, locate, choose_settings),
)
