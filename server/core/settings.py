"""Settings: everything a deployment may decide, read once from the environment.

`load()` turns the environment into one frozen struct and refuses what it cannot understand, naming the variable. No
other module reads the environment. The table in README.md lists the same names; a test keeps the two in step.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - listened on, but no address to go to


class SettingError(Exception):
    """A variable holds something unusable; the message names it and says what would do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What one process of Greenroom knows about its surroundings."""

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path("var")
    public_url: str = ""
    database_url: str = ""
    redis_url: str = ""
    secret: str = ""
    storage: str = ""
    media_address: str = ""
    media_port: int = 0
    recorder_host: str = "127.0.0.1"
    recorder_port: int = 0
    recordings_per_process: int = 20
    drain_seconds: int = 330  # the longest answer and its grace
    movies_at_once: int = 1
    smtp_url: str = ""
    mail_from: str = "Greenroom <greenroom@localhost>"
    turn_urls: str = ""
    turn_secret: str = ""
    disk_floor_mb: int = 500
    unkept_days: int = 7
    proxies: str = ""
    demo: bool = False

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers use: links, allowed Origin and Secure cookies follow from it."""
        host = "localhost" if self.host in EVERYWHERE else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS, so that cookies are marked Secure."""
        return self.origin.startswith("https:")

    @property
    def storage_url(self) -> str:
        """Where recordings and files are kept: a folder, or `s3://bucket/prefix`."""
        return self.storage or str(self.data / "media")

    @property
    def outbox(self) -> Path:
        """Folder that mails are written to while no SMTP server is named."""
        return self.data / "outbox"


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        msg = "a port is a number from 0 to 65535"
        raise ValueError(msg)
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        msg = "it cannot be negative"
        raise ValueError(msg)
    return number


def _flag(text: str) -> bool:
    if text not in {"0", "1"}:
        msg = "write 1 for yes or 0 for no"
        raise ValueError(msg)
    return text == "1"


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        msg = "write it as https://jobs.example.org, without a path"
        raise ValueError(msg)
    return f"{parts.scheme}://{parts.netloc}"


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "GREENROOM_HOST": ("host", str),
    "GREENROOM_PORT": ("port", _port),
    "GREENROOM_DATA": ("data", lambda text: Path(text).expanduser()),
    "GREENROOM_PUBLIC_URL": ("public_url", _origin),
    "DATABASE_URL": ("database_url", str),
    "REDIS_URL": ("redis_url", str),
    "GREENROOM_SECRET": ("secret", str),
    "GREENROOM_STORAGE": ("storage", str),
    "GREENROOM_MEDIA_ADDRESS": ("media_address", str),
    "GREENROOM_MEDIA_PORT": ("media_port", _port),
    "GREENROOM_RECORDER_HOST": ("recorder_host", str),
    "GREENROOM_RECORDER_PORT": ("recorder_port", _port),
    "GREENROOM_RECORDINGS_PER_PROCESS": ("recordings_per_process", _count),
    "GREENROOM_DRAIN_SECONDS": ("drain_seconds", _count),
    "GREENROOM_MOVIES_AT_ONCE": ("movies_at_once", _count),
    "GREENROOM_SMTP_URL": ("smtp_url", str),
    "GREENROOM_MAIL_FROM": ("mail_from", str),
    "GREENROOM_TURN_URLS": ("turn_urls", str),
    "GREENROOM_TURN_SECRET": ("turn_secret", str),
    "GREENROOM_DISK_FLOOR_MB": ("disk_floor_mb", _count),
    "GREENROOM_UNKEPT_DAYS": ("unkept_days", _count),
    "GREENROOM_PROXIES": ("proxies", str),
    "GREENROOM_DEMO": ("demo", _flag),
}


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises SettingError naming the first variable that cannot be used."""
    values: dict[str, Any] = {}
    for name, (field, parse) in VARIABLES.items():
        text = environ.get(name, "").strip()
        if not text:
            continue
        try:
            values[field] = parse(text)
        except ValueError as error:
            msg = f"{name} is {text!r}: {error}."
            raise SettingError(msg) from error
    return Settings(**values)
