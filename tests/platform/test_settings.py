"""Settings: what the README promises is what the program reads, and what it cannot read it names."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server.app import serving
from server.core.settings import VARIABLES, SettingError, load

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def test_the_readme_names_every_variable_and_no_other() -> None:
    table = README.split("## Settings")[1].split("\n## ")[0]
    named = set(re.findall(r"`((?:GREENROOM_|DATABASE_|REDIS_)[A-Z_]+)`", table))
    assert named == set(VARIABLES)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GREENROOM_PORT", "http"),
        ("GREENROOM_PORT", "70000"),
        ("GREENROOM_PUBLIC_URL", "jobs.example.org"),
        ("GREENROOM_PUBLIC_URL", "https://jobs.example.org/path"),
        ("GREENROOM_DISK_FLOOR_MB", "-1"),
        ("GREENROOM_PROXIES", "10.0.0.5, proxy"),
        ("GREENROOM_STORAGE", "s3:///prefix"),
        ("GREENROOM_STORAGE", "gs://bucket"),
        ("GREENROOM_SMTP_URL", "mail.example.org:587"),
        ("GREENROOM_SMTP_URL", "smtp://mail.example.org:many"),
        ("GREENROOM_SMTP_URL", "https://mail.example.org"),
        ("GREENROOM_MAIL_FROM", "Greenroom"),
        ("GREENROOM_MEDIA_ADDRESS", "media.example.org"),
        ("GREENROOM_TURN_URLS", "turn.example.org:3478"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=name):
        load({name: text})


def test_the_public_address_decides_links_and_cookies() -> None:
    settings = load({"GREENROOM_PUBLIC_URL": "https://jobs.example.org/"})
    assert settings.origin == "https://jobs.example.org"
    assert settings.secure
    assert load({"GREENROOM_HOST": "0.0.0.0", "GREENROOM_PORT": "9000"}).origin == "http://localhost:9000"  # noqa: S104


def test_what_a_deployment_writes_is_understood() -> None:
    settings = load(
        {
            "GREENROOM_PROXIES": "10.0.0.5, 172.30.80.0/24,::1",
            "GREENROOM_STORAGE": "s3://bucket/prefix",
            "GREENROOM_SMTP_URL": "smtp://user:p%40ss@mail.example.org:587",
            "GREENROOM_MAIL_FROM": "Example Jobs <jobs@example.org>",
            "GREENROOM_MEDIA_ADDRESS": "203.0.113.10, 2001:db8::1",
            "GREENROOM_TURN_URLS": "turn:jobs.example.org:3478?transport=udp,stun:jobs.example.org",
            "GREENROOM_TURN_SECRET": "shared",
        }
    )
    assert settings.proxies == "10.0.0.5,172.30.80.0/24,::1"
    assert load({"GREENROOM_MAIL_FROM": "greenroom@localhost", "GREENROOM_SMTP_URL": "smtps://mail"}).smtp_url


def test_a_turn_server_without_its_secret_is_refused() -> None:
    with pytest.raises(SettingError, match="GREENROOM_TURN_SECRET"):
        load({"GREENROOM_TURN_URLS": "stun:jobs.example.org:3478, turn:jobs.example.org:3478"})
    assert load({"GREENROOM_TURN_URLS": "stun:turn.example.org:3478"}).turn_urls


def test_a_password_in_an_address_is_not_printed() -> None:
    with pytest.raises(SettingError) as refused:
        load({"GREENROOM_SMTP_URL": "mailto://user:hush@mail.example.org"})
    assert "hush" not in str(refused.value)


def test_a_proxy_on_this_machine_is_believed_once_there_is_a_public_address() -> None:
    assert load({}).trusted_proxies == ""
    public = {"GREENROOM_PUBLIC_URL": "https://jobs.example.org"}
    assert load(public).trusted_proxies == "127.0.0.1,::1"
    assert load(public | {"GREENROOM_PROXIES": "10.0.0.5"}).trusted_proxies == "10.0.0.5"
    believing = serving(Litestar(), load(public))
    assert (believing.proxy_headers, believing.forwarded_allow_ips) == (True, "127.0.0.1,::1")
    assert not serving(Litestar(), load({})).proxy_headers


@pytest.mark.parametrize(("given", "trusted"), [("10.0.0.5/24", "10.0.0.0/24"), ("*, 10.0.0.1", "*")])
def test_what_is_trusted_is_written_as_the_server_takes_it(given: str, trusted: str) -> None:
    settings = load({"GREENROOM_PUBLIC_URL": "https://jobs.example.org", "GREENROOM_PROXIES": given})
    assert settings.trusted_proxies == trusted
    headers = [(b"x-forwarded-for", b"203.0.113.7")]
    asked: dict[str, Any] = {"type": "http", "client": ("10.0.0.7", 1), "scheme": "http", "headers": headers}
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["client"][0])

    asyncio.run(ProxyHeadersMiddleware(app, settings.trusted_proxies)(asked, None, None))  # type: ignore[arg-type]
    assert seen == ["203.0.113.7"]
