"""The child that talks to the hub: `python -P -m endpoint.hub pull OWNER/NAME:QUANT`. Not for people: docs/adr/0017.

Events go to standard output, wishes come from standard input, whose end means that the parent has gone. The token is
found here, and is in no argument and no event.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from endpoint.contract import ExitCode
from endpoint.hub.failure import HubFailure
from endpoint.hub.login import find_token
from endpoint.hub.reporter import Reporter
from endpoint.hub.wishes import Wishes, WishHeard
from endpoint.hub_contract import CatalogueKept, Failed, Found, Stopped, Wish


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit code."""
    parsed = _build_parser().parse_args(argv)
    reporter = Reporter(sys.stdout)
    sys.stdout = sys.stderr  # whatever a library prints is no event
    wishes = Wishes(lambda wish: _give_up(reporter, wish))
    wishes.listen(sys.stdin)
    try:
        code = _work(parsed, reporter, wishes)
    except BrokenPipeError:
        code = ExitCode.FAILURE
    wishes.close()
    return code


def _work(parsed: argparse.Namespace, reporter: Reporter, wishes: Wishes) -> int:
    token = None
    try:
        _quieten()
        token = find_token()
        _perform(parsed, reporter, wishes, token)
    except WishHeard as heard:
        reporter.say(Stopped(heard.wish.value))
    except BrokenPipeError:
        raise
    except Exception as error:
        failure = _translate(error, getattr(parsed, "wanted", ""), token)
        reporter.say(Failed(failure.code.value, str(failure)))
        return ExitCode.FAILURE
    return ExitCode.OK


def _perform(parsed: argparse.Namespace, reporter: Reporter, wishes: Wishes, token: str | None) -> None:
    match parsed.deed:
        case "pull":
            _pull(parsed, reporter, wishes, token)
        case "discard":
            _discard(parsed.paths)
            reporter.say(Stopped(Wish.CANCEL.value))
        case "search":
            from endpoint.hub.searching import search

            reporter.say(Found(search(parsed.words, tuple(parsed.kind), parsed.limit, token)))
        case "catalogue":
            from endpoint.hub.lists import fetch_list

            reporter.say(CatalogueKept(fetch_list(parsed.url, Path(parsed.file))))


def _pull(parsed: argparse.Namespace, reporter: Reporter, wishes: Wishes, token: str | None) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # exported without saying so

    from endpoint.hub.pulling import ASK_WAITS_S, PATIENT_WAITS_S, Pull
    from endpoint.hub.room import Room
    from endpoint.hub.transfer import Transfer

    hub = Path(HF_HUB_CACHE)
    room = Room(hub)
    headers = build_hf_headers(token=token or False, library_name="traypoint")
    transfer = Transfer(headers, reporter, wishes, room)
    waits_s = PATIENT_WAITS_S if parsed.patient else ASK_WAITS_S
    Pull(hub, token, reporter, wishes, transfer, room, waits_s).run(parsed.wanted)


def _discard(paths: Sequence[str]) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE

    from endpoint.hub.discarding import discard

    discard(Path(HF_HUB_CACHE), map(Path, paths))


def _quieten() -> None:
    """Before the library is imported. Its log lines would hold signed addresses; and nobody need be told of its use."""
    import logging

    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)


def _translate(error: Exception, wanted: str, token: str | None) -> HubFailure:
    from endpoint.hub.translating import translate

    return translate(error, wanted.partition(":")[0], token)


def _give_up(reporter: Reporter, wish: Wish) -> None:
    """The worker is stuck, most likely in a connection. What is on the disk is in order at any moment."""
    try:
        reporter.say(Stopped(wish.value))
    finally:
        os._exit(ExitCode.OK)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="endpoint.hub", allow_abbrev=False)
    deeds = parser.add_subparsers(dest="deed", required=True)
    pull = deeds.add_parser("pull")
    pull.add_argument("wanted")
    pull.add_argument("--patient", action="store_true")
    deeds.add_parser("discard").add_argument("paths", nargs="+")
    search = deeds.add_parser("search")
    search.add_argument("words")
    search.add_argument("--kind", action="append", required=True, choices=["gguf", "mlx"])
    search.add_argument("--limit", type=int, default=20)
    catalogue = deeds.add_parser("catalogue")
    catalogue.add_argument("url")
    catalogue.add_argument("--file", required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
