"""The real file dialog, on a screen with a window manager, filled in by keyboard as a person would."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.desktop.keyboard import TOOLS, Keyboard
from tests.desktop.session import PATIENCE_S, Desktop, find_missing, wait_until
from tray.chooser import choose_model
from tray.dialogs import CANCELLED

pytestmark = pytest.mark.desktop


class Dialog(Keyboard):
    """A dialog that is being asked on a thread, as the app does, and a keyboard for it."""

    def __init__(self, desktop: Desktop, pool: ThreadPoolExecutor) -> None:
        super().__init__(desktop)
        self._pool = pool

    def ask(self, provider: str | None) -> Future[Path | None]:
        """Ask; returns once the dialog has the keyboard. A window manager must be there first, to give it that."""
        self.wait_for_manager()
        answer = self._pool.submit(choose_model, provider, self._desktop.env, "linux")
        wait_until(lambda: answer.done() or self.finds_window(), "a dialog")
        if answer.done():
            raise AssertionError(f"the dialog ended by itself: {answer.result()}")
        return answer


@pytest.fixture
def dialog(desktop: Desktop) -> Iterator[Dialog]:
    missing = find_missing(TOOLS, ["gi"])
    if missing:
        pytest.skip(missing)
    desktop.start(["openbox"])
    pool = ThreadPoolExecutor(1)
    yield Dialog(desktop, pool)
    pool.shutdown(wait=False)  # a dialog that is still asking ends with its screen


@pytest.mark.parametrize(("provider", "name"), [("llamacpp", "some model.gguf"), ("mlx", "an-mlx-model")])
def test_a_file_or_a_folder_is_chosen_by_typing_its_path(
    dialog: Dialog, desktop: Desktop, provider: str, name: str
) -> None:
    model = desktop.home / name
    model.mkdir() if provider == "mlx" else model.touch()
    answer = dialog.ask(provider)
    dialog.type(str(model))
    dialog.press("Return")
    assert answer.result(PATIENCE_S) == model


def test_escape_cancels(dialog: Dialog) -> None:
    answer = dialog.ask(None)
    dialog.press("Escape")
    assert answer.result(PATIENCE_S) is None


def test_a_dialog_whose_asker_has_gone_ends(desktop: Desktop) -> None:
    missing = find_missing(["openbox", "xdotool"], ["gi"])
    if missing:
        pytest.skip(missing)
    argv = [sys.executable, "-P", "-m", "tray.choosing"]
    with subprocess.Popen(argv, env=desktop.env, stdin=subprocess.PIPE) as asked:
        argv = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "Choose a model"]
        subprocess.run(argv, env=desktop.env, stdout=subprocess.DEVNULL, timeout=PATIENCE_S, check=True)
        assert asked.stdin
        asked.stdin.close()
        assert asked.wait(PATIENCE_S) == CANCELLED
