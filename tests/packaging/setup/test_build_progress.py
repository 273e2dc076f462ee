from __future__ import annotations

import io

import pytest

from build_progress import Progress, describe_line, format_elapsed

COMPILING = "  [37/83] /usr/bin/g++ -DX -O3 -o src/llama-model.cpp.o -c /s/src/llama-model.cpp\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (COMPILING, "[37/83] llama-model.cpp"),
        ("[7/83] Building CXX object src/CMakeFiles/llama.dir/llama.cpp.o", "[ 7/83] llama.cpp"),
        ("  [80/83] : && /usr/bin/g++ -shared -o bin/libllama.so a.o && :", "[80/83] libllama.so"),
        ("  [81/83] : && /usr/bin/cmake -E true", "[81/83] linking"),
        ("  *** Configuring CMake...", "looking at the compiler"),
        ("  Installing build dependencies: started", "fetching the build tools"),
        ("  warning: [1/2] is not ninja's", None),
        ("", None),
    ],
)
def test_a_line_of_output_tells_what_is_being_done(line: str, told: str | None) -> None:
    assert describe_line(line) == told


def test_elapsed_time_is_told_in_minutes() -> None:
    assert [format_elapsed(each) for each in (0, 9.9, 62.4, 600)] == ["0:00", "0:09", "1:02", "10:00"]


def test_a_terminal_shows_one_line_that_changes_in_place() -> None:
    stream = io.StringIO()
    progress = Progress(stream, columns=80)
    progress.tell(COMPILING)
    for now in (62.0, 62.3, 63.0):
        progress.show(now)
    progress.clear()
    text = "\r\x1b[K  [37/83] llama-model.cpp · "
    assert stream.getvalue() == f"{text}1:02{text}1:03\r\x1b[K"


def test_a_narrow_terminal_never_wraps_the_line() -> None:
    stream = io.StringIO()
    progress = Progress(stream, columns=12)
    progress.tell(COMPILING)
    progress.show(1.0)
    assert stream.getvalue() == "\r\x1b[K  [37/83] l"


def test_a_log_gets_a_line_every_fifteen_seconds_and_no_control_characters() -> None:
    stream = io.StringIO()
    progress = Progress(stream, columns=None)
    progress.doing("unpacking the source")
    for now in range(40):
        progress.show(float(now))
    progress.clear()
    assert stream.getvalue().splitlines() == [f"  unpacking the source · 0:{now:02d}" for now in (0, 15, 30)]
