"""Built front-end files: the manifest that names them, and the route that serves them for ever."""

import contextlib
import json
import time
from pathlib import Path

from litestar.exceptions import ImproperlyConfiguredException
from litestar.router import Router
from litestar.static_files import create_static_files_router

WEB = Path(__file__).resolve().parents[1] / "web"
DIST = WEB / "dist"
LOOK_SECONDS = 1.0  # how often the manifest is looked at


class Assets:
    """Looks names up in `manifest.json`, which is read again when the front end was built anew."""

    def __init__(self, folder: Path = DIST) -> None:
        """Raises ImproperlyConfiguredException when the front end has not been built."""
        self._manifest = folder / "manifest.json"
        self._names: dict[str, str] = {}
        self._read_at = 0
        self._look_at = 0.0
        try:
            self._refresh()
        except FileNotFoundError as error:
            msg = "The front end has not been built: run `./dev run`, or `node web/build.mjs`."
            raise ImproperlyConfiguredException(msg) from error

    def _refresh(self) -> None:
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        written = self._manifest.stat().st_mtime_ns
        if written != self._read_at:
            self._names = json.loads(self._manifest.read_text())
            self._read_at = written

    def url(self, name: str) -> str:
        """The address of a built file, such as `board.js`. Raises KeyError for a name that was not built."""
        with contextlib.suppress(OSError, ValueError):  # just being written: the names we know will do
            self._refresh()
        return f"/static/{self._names[name]}"


def router(folder: Path = DIST) -> Router:
    """Serves the built files, cacheable for a year."""
    return create_static_files_router(
        path="/static",
        directories=[folder],
        include_in_schema=False,
        cache_control=None,
        after_request=_for_ever,
    )


async def _for_ever(response):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - Litestar's hook
    response.headers["cache-control"] = "public, max-age=31536000, immutable"
    return response
