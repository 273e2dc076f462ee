"""Short files and short functions. A limit is raised only here, with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.sources import CODE, ROOT, parse, python_files

FILE_LINES = 300
FUNCTION_LINES = 40
FILES = python_files(*CODE, "tests")


def functions_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function and method; decorators don't count, docstrings do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def short_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=short_name)
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{lines} lines, of at most {FILE_LINES}: give the second job its own file"
    long = [f"{name}: {length} lines" for name, length in functions_of(parse(path)) if length > FUNCTION_LINES]
    assert not long, f"of at most {FUNCTION_LINES} lines a function"


def test_a_function_is_measured_from_its_def_to_its_last_line() -> None:
    source = "class A:\n    @property\n    async def b(self):\n        x = 1\n\n        return x\n"
    assert list(functions_of(ast.parse(source))) == [("b", 4)]


def test_the_scan_sees_the_code() -> None:
    assert {"tray/menu/menu.py", "endpoint/contract.py", "packaging/setup/llama_wheel.py"} <= set(
        map(short_name, FILES)
    )
