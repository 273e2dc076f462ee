from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import llama_wheel
from build_process import BuildFailed
from llama_wheel import FROM_SOURCE, UPSTREAM, VARIABLE, choose_index, fetch_wheel, get_wheel, pinned_version
from wheel_cache import WheelCache

SCRIPT = Path(llama_wheel.__file__)
VERSION = "0.0.7"
METADATA = f"Metadata-Version: 2.1\nName: llama-cpp-python\nVersion: {VERSION}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(folder: Path) -> Path:
    """A wheel that pip takes for llama-cpp-python: metadata and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"llama_cpp_python-{VERSION}-py3-none-any.whl"
    info = f"llama_cpp_python-{VERSION}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("METADATA", METADATA), ("WHEEL", WHEEL), ("RECORD", "")):
            archive.writestr(f"{info}/{name}", text)
    return path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pip asks no index and reads no configuration."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def write_pyproject(folder: Path, needs: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(f"[project.optional-dependencies]\nllamacpp = [{needs}]\n", encoding="utf-8")
    return path


def test_the_version_is_the_one_that_the_project_pins(tmp_path: Path) -> None:
    assert pinned_version(write_pyproject(tmp_path, '"numpy>=2", "llama-cpp-python == 1.2.3"')) == "1.2.3"
    assert pinned_version(llama_wheel.PYPROJECT).count(".") == 2


@pytest.mark.parametrize("needs", ["", '"llama-cpp-python>=1"', '"llama-cpp-python"'])
def test_a_version_that_is_not_pinned_is_refused(tmp_path: Path, needs: str) -> None:
    with pytest.raises(BuildFailed, match="must hold one llama-cpp-python==version"):
        pinned_version(write_pyproject(tmp_path, needs))


@pytest.mark.parametrize(
    ("named", "system", "machine", "index"),
    [
        ("", "Linux", "x86_64", None),
        ("", "Darwin", "arm64", UPSTREAM + "metal"),
        ("", "Darwin", "x86_64", None),
        ("", "Windows", "AMD64", None),
        (FROM_SOURCE, "Darwin", "arm64", None),
        ("cpu", "Linux", "x86_64", UPSTREAM + "cpu"),
        (" cu124 ", "Linux", "x86_64", UPSTREAM + "cu124"),
        ("https://example.org/whl", "Linux", "x86_64", "https://example.org/whl"),
        ("/srv/wheels", "Darwin", "arm64", "/srv/wheels"),
    ],
)
def test_the_variable_chooses_where_the_wheel_comes_from(
    named: str, system: str, machine: str, index: str | None
) -> None:
    assert choose_index({VARIABLE: named}, system, machine) == index


@pytest.mark.usefixtures("offline")
def test_a_folder_of_wheels_is_an_index(tmp_path: Path) -> None:
    written = write_wheel(tmp_path / "wheels")
    assert fetch_wheel(VERSION, str(tmp_path / "wheels"), tmp_path / "to").name == written.name


def test_a_folder_laid_out_as_a_package_index_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "none").as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    project = tmp_path / "index" / "llama-cpp-python"
    name = write_wheel(project).name
    (project / "index.html").write_text(f'<a href="{name}">{name}</a>', encoding="utf-8")
    assert fetch_wheel(VERSION, str(tmp_path / "index"), tmp_path / "to").name == name


@pytest.mark.usefixtures("offline")
def test_a_wheel_that_the_index_lacks_is_a_reason_and_a_way_out(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels")
    with pytest.raises(BuildFailed) as caught:
        fetch_wheel("9.9.9", str(tmp_path / "wheels"), tmp_path / "to")
    assert f"No llama-cpp-python 9.9.9 wheel for this machine at {tmp_path / 'wheels'}" in str(caught.value)
    assert f"Set {VARIABLE} to" in str(caught.value)


@pytest.mark.usefixtures("offline")
def test_a_fetched_wheel_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_wheel(tmp_path / "wheels")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "wheels"))
    cache, told = WheelCache(tmp_path / "cache"), io.StringIO()
    first = get_wheel(VERSION, cache, told)
    source.unlink()
    assert get_wheel(VERSION, cache, told) == first
    assert told.getvalue().count("Fetching") == 1


@pytest.mark.usefixtures("offline")
def test_a_source_asked_for_by_name_is_not_quietly_replaced_by_compiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(BuildFailed, match="No llama-cpp-python"):
        get_wheel(VERSION, WheelCache(tmp_path / "cache"), io.StringIO())


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows CMake looks for the compiler")
def test_without_a_compiler_the_script_says_what_to_install_before_it_starts(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), VARIABLE: FROM_SOURCE}
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no C++ compiler: install one" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the cache's place is set by HOME")
def test_a_cache_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("a file", encoding="utf-8")
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", VARIABLE: FROM_SOURCE}
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("llama_wheel: the wheel can't be kept in") or "no C++ compiler" in done.stderr
    assert "Traceback" not in done.stderr
