"""`traypoint search`: models to download. Without words, the catalogue in the order that suits this machine; with
words, what the hub has.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date

from endpoint.contract import PROVIDER_ALIASES, ExitCode
from endpoint.hub_contract import CatalogueKept, Failed, Found, Hit
from tray.cli.flags import add_json_flag
from tray.cli.table import align
from tray.cli.verb import Verb
from tray.downloads.hub_child import ask_hub
from tray.errors import ModelsError
from tray.models.catalogue import Catalogue, load_catalogue
from tray.models.offer import rank_here, read_here
from tray.models.ranking import Ranked, Suits
from tray.models.sizes import format_bytes
from tray.paths import Paths, find_paths
from tray.settings import load_settings
from tray.spawn import hub_command
from tray.wording import format_count, format_seconds

DESCRIPTION = """\
Show models to download: without WORDS a short list, what suits this machine best first; with WORDS what the hub has.

Needs, speeds and times are estimates: times at the pace of the app's last download, at 50 Mbit/s before the first. The
list is the built-in one, or the one at the address in models.catalogue_url."""
EXAMPLES = """\
  traypoint search                       what suits this machine
  traypoint search --all                 what doesn't, too
  traypoint search qwen coder            what the hub has, the most downloaded first
  traypoint search qwen --provider mlx
"""
LIMIT = 20


def search(parsed: argparse.Namespace) -> int:
    """Print them. Raises SettingsError, ModelsError."""
    if parsed.words:
        _print_hits(find_hits(" ".join(parsed.words), parsed.provider, parsed.limit), as_json=parsed.json)
        return ExitCode.OK
    paths = find_paths()
    catalogue = refresh_catalogue(paths)
    for note in catalogue.notes:
        print(f"traypoint: {note}", file=sys.stderr)
    ranked = rank_here(catalogue, read_here(paths), paths)
    ranked = tuple(each for each in ranked if parsed.provider in (None, each.entry.provider))
    if parsed.json:
        print(json.dumps({"models": [_describe(each) for each in ranked]}, indent=2))
    else:
        _print_ranked([each for each in ranked if parsed.all or each.suits in (Suits.FITS, Suits.TIGHT)])
    return ExitCode.OK


def find_hits(words: str, provider: str | None, limit: int) -> tuple[Hit, ...]:
    """Ask the hub; `provider` None: for both. Raises ModelsError."""
    kinds = [kind for kind, name in (("gguf", "llamacpp"), ("mlx", "mlx")) if provider in (None, name)]
    flags = [f"--kind={kind}" for kind in kinds]
    end = ask_hub(hub_command(("search", f"--limit={limit}", *flags, "--", words)))
    if isinstance(end, Found):
        return end.hits
    raise ModelsError(end.message if isinstance(end, Failed) else "The search was ended.")


def refresh_catalogue(paths: Paths) -> Catalogue:
    """The list as it is now: from the address in the settings, if there is one, as far as it answers. Raises
    SettingsError."""
    url = load_settings(paths.settings_file, date.today()).preferences.catalogue_url
    if not url:
        return load_catalogue(None)
    end = ask_hub(hub_command(("catalogue", f"--file={paths.catalogue_file}", "--", url)))
    found = load_catalogue(paths.catalogue_file)
    if isinstance(end, CatalogueKept):
        return found
    why = end.message if isinstance(end, Failed) else "it was ended"
    return Catalogue(found.entries, (f"models.catalogue_url: {why}", *found.notes), found.is_own)


def _print_ranked(ranked: list[Ranked]) -> None:
    rows = [("name", "size", "needs", "here", "tokens/s", "download", "licence", "traypoint pull …")]
    rows += [
        (
            each.entry.name,
            f"{'~' if each.entry.is_estimate else ''}{format_bytes(each.entry.size_bytes)}",
            format_bytes(each.entry.memory_bytes),
            each.suits.value,
            f"~{each.tokens_per_s:.0f}",
            format_seconds(each.download_s),
            each.entry.licence or "see the hub",
            each.entry.wanted,
        )
        for each in ranked
    ]
    print("\n".join(align(rows)) if ranked else "Nothing on the list suits this machine; --all shows what there is.")


def _print_hits(hits: tuple[Hit, ...], *, as_json: bool) -> None:
    if as_json:
        told = [
            {"repo": hit.repo, "kind": hit.kind, "downloads": hit.downloads, "likes": hit.likes, "licence": hit.licence}
            | {"gated": hit.is_gated}
            for hit in hits
        ]
        print(json.dumps({"repositories": told}, indent=2))
        return
    rows = [
        (
            hit.repo,
            hit.kind,
            f"{format_count(hit.downloads)} downloads",
            hit.licence or "–",
            "gated" if hit.is_gated else "",
        )
        for hit in hits
    ]
    print("\n".join(align(rows)) or "The hub has nothing for these words that could be run here.")


def _describe(ranked: Ranked) -> dict[str, object]:
    entry = ranked.entry
    return {
        "name": entry.name,
        "pull": entry.wanted,
        "provider": entry.provider,
        "kind": entry.kind,
        "size_bytes": entry.size_bytes,
        "memory_bytes": entry.memory_bytes,
        "suits": ranked.suits,
        "tokens_per_s": ranked.tokens_per_s,
        "download_s": ranked.download_s,
        "licence": entry.licence or None,
        "capabilities": list(entry.capabilities),
    }


def _read_provider(name: str) -> str:
    provider = PROVIDER_ALIASES.get(name.strip().lower())
    if provider is None:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(PROVIDER_ALIASES)}, not {name!r}")
    return provider


def _read_limit(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 100:  # one page of the hub's
        return int(text)
    raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 100, not {text!r}")


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """What for, and how much of it."""
    parser.add_argument("words", metavar="WORDS", nargs="*", help="search the hub for these")
    parser.add_argument("--all", action="store_true", help="of the list, what doesn't suit this machine, too")
    parser.add_argument("--provider", metavar="NAME", type=_read_provider, help="only models that this one can run")
    parser.add_argument("--limit", metavar="N", type=_read_limit, default=LIMIT, help=f"at most so many ({LIMIT})")
    add_json_flag(parser)


VERB = Verb(DESCRIPTION, EXAMPLES, add_search_arguments, search)
