"""`python -m endpoint.probe`: tries out one thing that may crash or hang, in a process of its own, and tells the result
as a line of JSON: `{"problem": "…"}`, or what was found. For `traypoint doctor`, which stays free of model libraries.

    device PROVIDER         load the provider's library: {"device": "GPU"}
    model PROVIDER MODEL    look for the model: {"path": "/…", "bytes": 105454432}
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import ExitCode, ModelRef
from endpoint.errors import EndpointError
from endpoint.providers.llamacpp.split import list_files
from endpoint.providers.registry import find_model, name_device


def main(argv: Sequence[str]) -> int:
    """Probe and print; always 0 where the words make sense: a problem found is an answer."""
    try:
        answer = probe(argv)
    except OSError as error:
        answer = {"problem": f"{error.filename}: {error.strerror}" if error.filename else str(error)}
    except (EndpointError, ImportError, RuntimeError) as error:
        answer = {"problem": str(error)}
    if answer is None:
        return ExitCode.USAGE
    print(json.dumps(answer))
    return ExitCode.OK


def probe(words: Sequence[str]) -> dict[str, object] | None:
    """What was found; None for words that say nothing. Raises what the library or the look at the model does."""
    match words:
        case ["device", provider]:
            return {"device": name_device(provider)}
        case ["model", provider, model]:
            path = find_model(ModelRef(provider, model))
            return {"path": str(path), "bytes": measure(path)} if path else {}
    return None


def measure(path: Path) -> int:
    """The bytes of a model's files: one, those that it is split into, or all in its folder. Raises OSError."""
    files = list_files(path) if path.is_file() else [file for file in path.iterdir() if file.is_file()]
    return sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
