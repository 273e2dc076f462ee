"""The table in docs/clients.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.clients.client import Client
from tests.clients.verdicts import Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"
BEGIN, END = "<!-- table: written by make test-clients -->", "<!-- end of table -->"


def format_table(verdicts: Mapping[Client, Verdict]) -> str:
    """A row for each client that went well."""
    rows = [
        f"| [{client.name}](#{client.name}) | {client.version} | {client.api.value} | {client.model.value} "
        f"| {client.checked} | {verdict.generations} ({verdict.streamed}) | {verdict.longest_prompt or '–'} |"
        for client, verdict in verdicts.items()
        if not verdict.problems
    ]
    head = "| client | version | API | model | checked | answers (streamed) | longest prompt, tokens |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- | --- |", *rows])


def put_table(page: str, table: str) -> str:
    """The page with `table` in the place of the one it has. Raises ValueError when it has no place for one."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} or {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
