"""`traypoint doctor`: runs every check, and tells what it found and what to do. Changes nothing, reaches no network."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TextIO

from endpoint.contract import ExitCode
from tray.cli.flags import add_json_flag, add_serving_flags, read_choices
from tray.cli.verb import Verb
from tray.doctor.examination import examine
from tray.doctor.finding import Circumstances, Finding, Status
from tray.doctor.probing import run_probe
from tray.errors import TrayError
from tray.inspection import inspect_file
from tray.keys import ENDPOINT
from tray.options import Choices, Options, Places, first_of, read_environment
from tray.paths import Paths, find_paths
from tray.targets import find_target

DESCRIPTION = """\
Look for what could keep Traypoint from serving, and say what to do about it. Nothing is changed, and no packet leaves
this machine. Ends with 0 when nothing fails, else with 1."""
EXAMPLES = """\
  traypoint doctor
  traypoint doctor --json                  for a report, or for a program
  traypoint doctor --port 8002             would that port do?
  traypoint doctor --model ~/models/qwen.gguf
"""
MARKS = {Status.OK: "✓", Status.WARN: "!", Status.FAIL: "✗", Status.SKIP: "–"}
PLAIN_MARKS = {Status.OK: "ok", Status.WARN: "!", Status.FAIL: "X", Status.SKIP: "-"}
"""For terminals that can't write the others."""
COLOURS = {Status.OK: "32", Status.WARN: "33", Status.FAIL: "31", Status.SKIP: "2"}


def add_doctor_arguments(parser: argparse.ArgumentParser) -> None:
    """How to tell it, and what would be served: the flags of `run`."""
    add_json_flag(parser)
    add_serving_flags(parser)


def diagnose(parsed: argparse.Namespace) -> int:
    """Examine and tell. The exit code says whether anything fails."""
    paths = find_paths()
    options = choose_options(read_choices(parsed), paths, os.environ)
    findings = examine(Circumstances(os.environ, sys.platform, paths, options, run_probe))
    fails = any(finding.status is Status.FAIL for finding in findings)
    if parsed.json:
        print(json.dumps({"ok": not fails, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        print(
            "\n".join(format_findings(findings, is_plain=not _can_write_marks(), has_colour=_wants_colour(sys.stdout)))
        )
    return ExitCode.FAILURE if fails else ExitCode.OK


def choose_options(flags: Choices, paths: Paths, env: Mapping[str, str]) -> Options:
    """What would be run, as far as the places can be read: what can't is a finding of its own, not the end."""
    places = [flags]
    with contextlib.suppress(TrayError):
        places.append(read_environment(env))
    try:
        values = inspect_file(paths.settings_file).values
    except TrayError:
        values = {}
    targets = {target: value for name, value in values.items() if (target := find_target(name))}
    asked = Places().change({target: value for target, value in targets.items() if target.key.section == ENDPOINT})
    return replace(asked, launch=first_of(*places)).options


def format_findings(findings: Sequence[Finding], *, is_plain: bool, has_colour: bool) -> list[str]:
    """A line each, aligned, with what to do beneath; at the end how many there are to do something about."""
    marks = PLAIN_MARKS if is_plain else MARKS
    mark_width = max(map(len, marks.values()))
    width = max((len(finding.name) for finding in findings), default=0)
    lines: list[str] = []
    for finding in findings:
        mark = marks[finding.status].ljust(mark_width)
        shown = f"\x1b[{COLOURS[finding.status]}m{mark}\x1b[0m" if has_colour else mark
        lines.append(f"{shown} {finding.name.ljust(width)}  {finding.told}")
        if finding.advice and finding.status in (Status.WARN, Status.FAIL):
            lines.append(f"{' ' * (mark_width + width + 3)}{finding.advice}")
    return [*lines, "", _sum_up(findings)]


def _sum_up(findings: Sequence[Finding]) -> str:
    failed, warned = (sum(f.status is status for f in findings) for status in (Status.FAIL, Status.WARN))
    if failed:
        return f"{failed} of {len(findings)} checks failed: see what stands beneath them."
    return f"Nothing fails; {warned} worth a look." if warned else "All is well."


def _can_write_marks() -> bool:
    try:
        "".join(MARKS.values()).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _wants_colour(out: TextIO) -> bool:
    return out.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


VERB = Verb(DESCRIPTION, EXAMPLES, add_doctor_arguments, diagnose)
