"""What must, and must not, lie where."""

from __future__ import annotations

import ast

import packaging
from tests.structure.sources import CODE, ROOT, parse, python_files


def test_the_packaging_folder_never_becomes_a_package() -> None:
    """With an __init__.py it would shadow the `packaging` library, which pip's friends import."""
    assert not list((ROOT / "packaging").rglob("__init__.py"))
    assert packaging.__file__ is not None
    assert not packaging.__file__.startswith(str(ROOT / "packaging"))


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in python_files(*CODE) if path.name != "__init__.py" and not ast.get_docstring(parse(path))]
    assert not silent


def test_no_file_is_named_for_anything_and_everything() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}
    assert not [path for path in python_files(*CODE, "tests") if path.name in vague]
