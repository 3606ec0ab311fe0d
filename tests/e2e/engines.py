"""Finds the browsers for the tests, or installs them: `python -m tests.e2e.engines [chromium] [firefox]`.

An installed Chromium or Chrome and Firefox come first, then Playwright's own. Of Chromium, the one without windows of
its own is preferred, as Playwright does: the same engine for a third less of the processor. What is missing is
installed: Debian's packages when we are root there, else Playwright's. Prints where each engine is and exits 1 naming
those that cannot be had. Needs nothing but the standard library and, to install, Playwright.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ENGINES = ("chromium", "firefox")
NAMES = {
    "chromium": (
        "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    ),
    "firefox": ("firefox-esr", "firefox"),
}  # fmt: skip
APPLICATIONS = {
    "chromium": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "firefox": ("/Applications/Firefox.app/Contents/MacOS/firefox",),
}
PACKAGES = {"chromium": ("chromium-headless-shell", "chromium"), "firefox": ("firefox-esr",)}  # the first there is


def installed(engine: str) -> Path | None:
    """The program of an engine that is installed on this machine, None if there is none."""
    if named := os.environ.get(f"GREENROOM_{engine.upper()}"):
        return Path(named)
    for name in NAMES[engine]:
        if found := shutil.which(name):
            return Path(found)
    return next((Path(path) for path in APPLICATIONS[engine] if Path(path).exists()), None)


def bundled(engine: str) -> Path | None:
    """Playwright's own build of an engine, if it has been downloaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(getattr(playwright, engine).executable_path)
    return path if path.exists() else None


def find(engine: str) -> Path | None:
    """An installed program, else Playwright's own."""
    return installed(engine) or bundled(engine)


def install(engines: Sequence[str]) -> None:
    """Install engines, Debian's when we may, else Playwright's. Failures show in what `find` says afterwards."""
    missing = list(engines)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
        for package in (name for engine in missing for name in PACKAGES[engine] if installed(engine) is None):
            words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            subprocess.run(words, check=False, **quiet)  # type: ignore[call-overload]
        missing = [engine for engine in missing if installed(engine) is None]
    if missing:
        subprocess.run([sys.executable, "-m", "playwright", "install", *missing], check=False)


def main(wanted: Sequence[str]) -> int:
    """Find or install each engine; the exit status."""
    wanted = wanted or ENGINES
    if missing := [engine for engine in wanted if find(engine) is None]:
        print(f"installing {' and '.join(missing)} for the browser tests ...", flush=True)
        install(missing)
    status = 0
    for engine in wanted:
        path = find(engine)
        print(f"{engine}: {path or 'cannot be had here: install it, or test with `--browser` and the other engine'}")
        status |= path is None
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
