"""docs/cli.md keeps up with the verbs, their flags and examples, the settings and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from endpoint.contract import ExitCode
from tests.tray.cli.pages import list_examples, list_facts, list_flags
from tray.cli.verbs import VERBS
from tray.keys import KEYS, Key

PAGE = Path(__file__).parents[3] / "docs" / "cli.md"
REMEDY = "python -m tests.tray.cli.pages prints what must stand there"


def read_section(heading: str) -> str:
    """What stands beneath a heading, to the next one."""
    page = PAGE.read_text(encoding="utf-8")
    assert f"\n{heading}\n" in page, f"no heading {heading!r} in {PAGE.name}"
    return page.partition(f"\n{heading}\n")[2].partition("\n#")[0]


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_has_its_section_with_every_flag_and_example(name: str) -> None:
    lines = read_section(f"## traypoint {name}").splitlines()
    missing = [line for line in (*list_flags(name), *list_examples(name)) if line not in lines]
    assert not missing, REMEDY


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.dotted)
def test_each_setting_has_its_heading_with_meaning_default_flag_and_variables(key: Key) -> None:
    section = " ".join(read_section(f"### `{key.dotted}`").split())
    assert [fact for fact in list_facts(key) if fact not in section] == [], REMEDY


@pytest.mark.parametrize("code", ExitCode)
def test_each_exit_code_has_its_row(code: ExitCode) -> None:
    assert f"\n| {code.value} | " in read_section("## Exit codes")
