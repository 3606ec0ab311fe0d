"""Settings: everything a deployment may decide, read once from the environment.

`load()` turns the environment into one frozen struct and refuses what it cannot understand, naming the variable. No
other module reads the environment. The table in README.md lists the same names; a test keeps the two in step.
"""

import os
import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
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
    def trusted_proxies(self) -> str:
        """Whose forwarded headers are believed: those named, else this machine's proxy if there is a public address."""
        return self.proxies or ("127.0.0.1,::1" if self.public_url else "")

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


def _proxies(text: str) -> str:
    """As uvicorn takes them, which does not understand 10.0.0.5/24, nor `*` beside others."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if "*" in words:
        return "*"
    try:
        return ",".join(str(ip_network(word, strict=False)) if "/" in word else str(ip_address(word)) for word in words)
    except ValueError as error:
        msg = f"{error}; write 10.0.0.5 or 10.0.0.0/24, several with commas"
        raise ValueError(msg) from error


def _addresses(text: str) -> str:
    for word in filter(None, map(str.strip, text.split(","))):
        try:
            ip_address(word)
        except ValueError as error:
            msg = f"{word} is no IP address; write 203.0.113.10, several with commas"
            raise ValueError(msg) from error
    return text


def _storage(text: str) -> str:
    if text.startswith("s3://"):
        if not urlsplit(text).netloc:
            msg = "name the bucket: s3://bucket, or s3://bucket/prefix"
            raise ValueError(msg)
    elif "://" in text:
        msg = "write a folder, or s3://bucket/prefix"
        raise ValueError(msg)
    return text


def _smtp(text: str) -> str:
    parts = urlsplit(text)
    _ = parts.port  # raises for what is no number
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        msg = "write smtp://user:password@host:587, or smtps://host"
        raise ValueError(msg)
    return text


def _sender(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", parseaddr(text)[1]):
        msg = "write it as Greenroom <jobs@example.org>"
        raise ValueError(msg)
    return text


def _turn(text: str) -> str:
    for url in filter(None, map(str.strip, text.split(","))):
        if not re.match(r"(turn|turns|stun|stuns):[^/\s]", url):
            msg = "write turn:host:3478, several with commas"
            raise ValueError(msg)
    return text


def _names_turn(urls: str) -> bool:
    return any(url.strip().startswith(("turn:", "turns:")) for url in urls.split(","))


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "GREENROOM_HOST": ("host", str),
    "GREENROOM_PORT": ("port", _port),
    "GREENROOM_DATA": ("data", lambda text: Path(text).expanduser()),
    "GREENROOM_PUBLIC_URL": ("public_url", _origin),
    "DATABASE_URL": ("database_url", str),
    "REDIS_URL": ("redis_url", str),
    "GREENROOM_SECRET": ("secret", str),
    "GREENROOM_STORAGE": ("storage", _storage),
    "GREENROOM_MEDIA_ADDRESS": ("media_address", _addresses),
    "GREENROOM_MEDIA_PORT": ("media_port", _port),
    "GREENROOM_RECORDER_HOST": ("recorder_host", str),
    "GREENROOM_RECORDER_PORT": ("recorder_port", _port),
    "GREENROOM_RECORDINGS_PER_PROCESS": ("recordings_per_process", _count),
    "GREENROOM_DRAIN_SECONDS": ("drain_seconds", _count),
    "GREENROOM_MOVIES_AT_ONCE": ("movies_at_once", _count),
    "GREENROOM_SMTP_URL": ("smtp_url", _smtp),
    "GREENROOM_MAIL_FROM": ("mail_from", _sender),
    "GREENROOM_TURN_URLS": ("turn_urls", _turn),
    "GREENROOM_TURN_SECRET": ("turn_secret", str),
    "GREENROOM_DISK_FLOOR_MB": ("disk_floor_mb", _count),
    "GREENROOM_UNKEPT_DAYS": ("unkept_days", _count),
    "GREENROOM_PROXIES": ("proxies", _proxies),
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
            msg = f"{name} is {_shown(name, text)}: {error}."
            raise SettingError(msg) from error
    settings = Settings(**values)
    if _names_turn(settings.turn_urls) and not settings.turn_secret:
        msg = "GREENROOM_TURN_URLS names a TURN server: set GREENROOM_TURN_SECRET to the secret it shares with us."
        raise SettingError(msg)
    return settings


def _shown(name: str, text: str) -> str:
    """A value as it may be printed: an address with a password in it may not."""
    return "not understood" if name.endswith("_URL") and "@" in text else repr(text)
