"""What this process has at hand: settings, mail, storage, Redis. Filled once, before anything runs."""

import base64
import hashlib
import hmac
import time

import msgspec
from redis.asyncio import Redis

from media.storage import Storage
from server.core.mail import Sender
from server.core.settings import Settings


class Runtime(msgspec.Struct, frozen=True, kw_only=True):
    """The process's parts."""

    settings: Settings
    sender: Sender
    storage: Storage
    redis: Redis

    def ice_servers(self, who: str) -> list[dict[str, str | list[str]]]:
        """TURN servers for a browser, with credentials for `who` that expire after six hours."""
        if not self.settings.turn_urls:
            return []
        urls = [url.strip() for url in self.settings.turn_urls.split(",") if url.strip()]
        name = f"{int(time.time()) + 6 * 3600}:{who}"
        digest = hmac.new(self.settings.turn_secret.encode(), name.encode(), hashlib.sha1).digest()
        return [{"urls": urls, "username": name, "credential": base64.b64encode(digest).decode()}]


_runtime: Runtime | None = None


def start(runtime: Runtime) -> None:
    """Make `runtime` the process's own."""
    global _runtime  # noqa: PLW0603 - one per process
    _runtime = runtime


def here() -> Runtime:
    """The process's parts. Raises RuntimeError before `start`."""
    if _runtime is None:
        msg = "the process has not been put together yet"
        raise RuntimeError(msg)
    return _runtime
