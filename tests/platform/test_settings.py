"""Settings: what the README promises is what the program reads, and what it cannot read it names."""

import re
from pathlib import Path

import pytest

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
