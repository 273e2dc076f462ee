"""The whole suite's switches, tried on a suite of its own in another process, as one run and spread over two."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
PASSES = "def test_fine():\n    pass\n"
SKIPS = "import pytest\n@pytest.mark.skip(reason='no panel here')\ndef test_panel():\n    pass\n"
SKIPS_ALL = "import pytest\npytest.skip('no screen here', allow_module_level=True)\n"
ALONE = "import pytest\n@pytest.mark.alone\ndef test_alone():\n    pass\n"
SLOW = "import pytest\n@pytest.mark.slow\ndef test_slow():\n    pass\n"
SIGNALS = """
import signal, subprocess, sys
def test_a_program_can_be_interrupted():
    code = "import signal; print([signal.getsignal(n) is signal.SIG_IGN for n in (signal.SIGINT, signal.SIGHUP)])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[False, False]\\n"
"""
XFAILS = "import pytest\n@pytest.mark.xfail(reason='known')\ndef test_known():\n    assert False\n"
TWO_PROCESSES = ("-p", "xdist.plugin", "-n", "2")


def run_suite(
    folder: Path, source: str, no_skips: str, *flags: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  alone\n  slow\n", encoding="utf-8")
    (folder / "test_sample.py").write_text(source, encoding="utf-8")
    command = [*before, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *flags, str(folder)]
    # Without other plugins, which take seconds to be imported.
    environment = os.environ | {"TRAYPOINT_NO_SKIPS": no_skips, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("flags", [(), TWO_PROCESSES], ids=["one process", "two processes"])
@pytest.mark.parametrize(
    ("source", "told"), [(SKIPS, "test_panel: no panel here"), (SKIPS_ALL, "test_sample.py: no screen here")]
)
def test_a_skip_fails_the_run_and_is_named_with_its_reason(
    tmp_path: Path, source: str, told: str, flags: tuple[str, ...]
) -> None:
    done = run_suite(tmp_path, PASSES + source, "1", *flags)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert done.stdout.count(told) == 1


@pytest.mark.parametrize("switch", ["", "0"])
def test_a_skip_is_fine_where_the_switch_is_off(tmp_path: Path, switch: str) -> None:
    assert run_suite(tmp_path, SKIPS, switch).returncode == pytest.ExitCode.OK


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run_suite(tmp_path, PASSES + XFAILS, "1").returncode == pytest.ExitCode.OK


@pytest.mark.parametrize(("part", "passed"), [("beside", "test_fine"), ("alone", "test_alone")])
@pytest.mark.parametrize("flags", [(), TWO_PROCESSES], ids=["one process", "two processes"])
def test_a_part_is_run_without_the_other(tmp_path: Path, part: str, passed: str, flags: tuple[str, ...]) -> None:
    done = run_suite(tmp_path, PASSES + ALONE, "1", "--part", part, "-rp", *flags)
    assert done.returncode == pytest.ExitCode.OK
    assert re.findall(r"^PASSED .*::(\w+)", done.stdout, re.MULTILINE) == [passed]


def test_a_part_that_has_none_of_the_tests_says_so_by_its_exit_code(tmp_path: Path) -> None:
    assert run_suite(tmp_path, PASSES, "1", "--part", "alone").returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_files_with_a_slow_test_come_first(tmp_path: Path) -> None:
    (tmp_path / "test_quick.py").write_text("def test_quick():\n    pass\n", encoding="utf-8")
    done = run_suite(tmp_path, PASSES + SLOW, "1", "--part", "beside", "-rp")
    assert re.findall(r"^PASSED .*::(\w+)", done.stdout, re.MULTILINE) == ["test_fine", "test_slow", "test_quick"]


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("flags", [(), TWO_PROCESSES], ids=["one process", "two processes"])
def test_what_a_run_starts_hears_signals_that_the_run_was_told_to_ignore(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    deaf = ("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh")
    done = run_suite(tmp_path, SIGNALS, "1", *flags, before=deaf)
    assert done.returncode == pytest.ExitCode.OK, done.stdout
