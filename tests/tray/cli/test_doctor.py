"""`traypoint doctor`: how findings are told, and one whole examination."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tray.cli.environment import clear_environment
from tray.__main__ import main
from tray.cli.doctor import choose_options, format_findings
from tray.doctor.finding import Finding, Status
from tray.options import Choices
from tray.paths import find_paths

FINDINGS = (
    Finding("port", Status.OK, "8001 is free"),
    Finding("API key", Status.FAIL, "others can read it", "Run `chmod 600 key`."),
    Finding("icon", Status.WARN, "no screen", "Nothing."),
    Finding("clipboard", Status.SKIP, "no screen"),
)


def test_findings_are_aligned_marked_and_followed_by_what_to_do() -> None:
    assert format_findings(FINDINGS, is_plain=False, has_colour=False) == [
        "✓ port       8001 is free",
        "✗ API key    others can read it",
        "             Run `chmod 600 key`.",
        "! icon       no screen",
        "             Nothing.",
        "– clipboard  no screen",
        "",
        "1 of 4 checks failed: see what stands beneath them.",
    ]


def test_a_terminal_without_the_marks_gets_others_that_differ_too() -> None:
    lines = format_findings(FINDINGS, is_plain=True, has_colour=False)
    assert {line.split()[0] for line in lines if not line.startswith(" ") and line} >= {"ok", "X", "!", "-"}
    assert "".join(lines).isascii()


def test_colour_is_only_added_to_the_mark() -> None:
    line = format_findings(FINDINGS[:1], is_plain=False, has_colour=True)[0]
    assert line == "\x1b[32m✓\x1b[0m port  8001 is free"


@pytest.mark.parametrize(
    ("findings", "told"), [(FINDINGS[:1], "All is well."), (FINDINGS[2:], "Nothing fails; 1 worth a look.")]
)
def test_the_last_line_sums_up(findings: tuple[Finding, ...], told: str) -> None:
    assert format_findings(findings, is_plain=False, has_colour=False)[-1] == told


def test_options_are_chosen_as_far_as_the_places_can_be_read(tmp_path: Path) -> None:
    env = {"TRAYPOINT_CONFIG_DIR": str(tmp_path), "TRAYPOINT_PORT": "x"}
    (tmp_path / "settings.toml").write_text("[endpoint]\nport = 8005\nthreads = 0\n[app]\nnotifications = false\n")
    options = choose_options(Choices(model="m"), find_paths(env), env)
    assert (options.port, options.ref.model, options.threads) == (8005, "m", None)


def test_a_whole_examination_tells_all_as_json_and_fails_for_what_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clear_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("TRAYPOINT_MODEL", "/no/such.gguf")
    assert main(["doctor", "--json", "--port", "0"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    failed = {finding["name"]: finding for finding in told["findings"] if finding["status"] == "fail"}
    assert "/no/such.gguf" in failed["model"]["told"]
    assert failed["model"]["advice"]
    assert list(tmp_path.iterdir()) == []  # nothing was made
