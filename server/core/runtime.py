"""What this process has at hand: settings, mail, storage, Redis. Filled once by the composition root before anything runs."""

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
