"""Pictures of pages by headless Chromium, for tests that look at pixels."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 60.0  # seconds
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
    "--virtual-time-budget=5000",  # milliseconds of the page's own time: fonts load and charts settle, at full speed
)


def chromium() -> str | None:
    """Return the path of Chromium ($CHROME, else the first of `NAMES` on PATH), or None so that tests can skip."""
    return next((found for name in (os.environ.get("CHROME"), *NAMES) if name and (found := shutil.which(name))), None)


def shot(html_path: Path, png_path: Path, width: int = 1280, height: int = 2000) -> Path:
    """Draw the page at `html_path` in a window of `width` x `height` CSS pixels, write `png_path`, return it.

    Raises FileNotFoundError without Chromium, TimeoutError after `TIMEOUT` seconds, RuntimeError without a picture.
    """
    program = chromium()
    if program is None:
        raise FileNotFoundError(f"no Chromium: set CHROME or install one of {', '.join(NAMES)}")
    png_path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhiyu-chromium-", ignore_cleanup_errors=True) as profile:
        own = (f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={png_path.resolve()}")
        errors = run([program, *FLAGS, *own, html_path.resolve().as_uri()])
    if not png_path.is_file():
        raise RuntimeError(f"Chromium drew no picture of {html_path}: {errors[-2000:]}")
    return png_path


def run(command: list[str]) -> str:
    """Run `command` in a process group of its own, return what it said; the whole group ends when time is up."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True
    ) as process:
        try:
            return process.communicate(timeout=TIMEOUT)[1]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise TimeoutError(f"Chromium took more than {TIMEOUT:g} s") from None
