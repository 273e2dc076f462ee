"""The one table of verbs. A verb is a line here and a file of the same name beside this one, which holds its `VERB`.

Invariant: a verb's file is imported only when that verb is meant, so that none pays for another.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from tray.cli.verb import Verb

DEFAULT_VERB = "run"
"""What no verb at all means."""

VERBS: Mapping[str, str] = {
    "run": "serve a model, with an icon where there is a desktop",
    "start": "start the endpoint, in the background where no app runs",
    "stop": "stop the endpoint",
    "restart": "stop the endpoint and start it again",
    "status": "how things stand",
    "use": "serve another model",
    "models": "the models that are on this machine",
    "search": "models to download, for this machine or by words",
    "pull": "download a model",
    "rm": "delete a model",
    "cache": "what a running endpoint's prompt cache takes; clear it",
    "config": "read and change the settings",
    "logs": "show the endpoint's log",
    "connect": "point a coding agent or a chat program at the endpoint",
    "doctor": "look for what could be wrong, and say what to do",
    "completion": "a script that completes these words in your shell",
}
"""Verb -> what `traypoint --help` says of it, in the order in which it is shown."""


def load_verb(name: str) -> Verb:
    """The verb of this name, which is one of VERBS."""
    verb: Verb = importlib.import_module(f"tray.cli.{name}").VERB
    return verb
