"""docs/cli.md keeps up with the endpoint's own flags and variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from endpoint.arguments import parse_settings
from endpoint.contract import Env

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## traypoint-endpoint\n")[2].partition("\n## ")[0]


def test_each_flag_of_the_endpoint_is_in_its_section(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_settings(["--help"], {})
    usage = capsys.readouterr().out.partition("\n\n")[0]
    flags = set(re.findall(r"--[a-z-]+", usage)) - {"--version"}
    assert "--speculation" in flags
    assert [flag for flag in sorted(flags) if f"`{flag}`" not in SECTION] == []


@pytest.mark.parametrize("name", Env)
def test_each_variable_is_on_the_page(name: Env) -> None:
    assert name in PAGE
