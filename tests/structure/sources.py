"""The project's own source files, parsed: what each imports, and how long its functions are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("tray", "endpoint", "packaging/setup")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `module` is dotted, and holds the name itself when that is a module of ours."""

    importer: str
    module: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.module}"


def python_files(*folders: str) -> list[Path]:
    """Every Python file under the folders, which are relative to the root."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    """endpoint/text/stops.py -> endpoint.text.stops; a package's __init__.py has the package's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parse(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(tree: ast.Module, importer: str) -> Iterator[Import]:
    """All imports anywhere in the file, those inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(importer, alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from endpoint import contract` is an import of endpoint.contract.
            base = node.module or "." * node.level
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield Import(importer, inner if _is_ours(inner) else base, node.lineno)


def _is_ours(module: str) -> bool:
    place = ROOT.joinpath(*module.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def all_imports(*folders: str) -> list[Import]:
    """The imports of every file under the folders."""
    return [found for path in python_files(*folders) for found in imports_of(parse(path), module_name(path))]
