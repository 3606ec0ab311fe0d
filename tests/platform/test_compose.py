"""docker-compose.yml says nothing that the program does not know, and its settings start the program."""

import argparse
import asyncio
import contextlib
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from media.recorder import RecorderConfig
from server.cli import parser
from server.core import programs
from server.core.embedded import Embedded
from server.core.folder import DataFolder
from server.core.settings import VARIABLES, load
from tests.platform.processes import ROOT, environment, greenroom
from tests.ports import free_port

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
EXAMPLE = (ROOT / "deploy" / "env.example").read_text()
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "greenroom"}
VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?]([^}]*))?\}")
STORE_SETTINGS = {  # what obstore's S3Store reads from the environment
    "AWS_ACCESS_KEY_ID",
    "AWS_ALLOW_HTTP",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
}
FILLED_IN = {
    "GREENROOM_DOMAIN": "jobs.example.org",
    "GREENROOM_MEDIA_ADDRESS": "127.0.0.1",
    "GREENROOM_SECRET": "a-shared-secret",
    "GREENROOM_TURN_SECRET": "another-one",
    "POSTGRES_PASSWORD": "p",
    "STORAGE_PASSWORD": "s",
}


def filled_in(text: Any) -> str:
    """A value as compose would hand it over, from a filled-in `.env`."""
    return VARIABLE.sub(lambda found: FILLED_IN.get(found[1], found[2] or ""), str(text))


def commands() -> dict[str, argparse.ArgumentParser]:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the command line has no commands")


def test_the_services_are_all_there() -> None:
    assert set(OURS) == {"web", "recorder", "recorder2", "worker", "migrate"}
    assert set(COMPOSE["services"]) - set(OURS) == {"proxy", "postgres", "valkey", "storage", "turn", "mail"}


@pytest.mark.parametrize("name", OURS)
def test_every_command_and_variable_exists_in_the_program(name: str) -> None:
    service = OURS[name]
    parser().parse_args(service["command"])
    given = {key: filled_in(value) for key, value in service["environment"].items()}
    assert set(given) <= set(VARIABLES) | STORE_SETTINGS
    settings = load(given)
    assert settings.secure
    assert settings.storage_url.startswith("s3://")
    assert settings.database_url.endswith("@postgres:5432/greenroom")


def test_every_value_a_person_fills_in_is_in_the_example_and_the_other_way_round() -> None:
    used = {found[1] for found in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text())}
    offered = set(re.findall(r"^#?([A-Z_0-9]+)=", EXAMPLE, re.MULTILINE))
    assert used == offered


def test_the_random_values_that_the_example_advises_may_stand_in_an_address() -> None:
    """Of those in base64, every other one has a slash in it."""
    assert set(re.findall(r"openssl rand -(\w+) \d+", EXAMPLE)) == {"hex"}
    assert set(re.findall(r"^([A-Z_0-9]+)=$", EXAMPLE, re.MULTILINE)) >= {"POSTGRES_PASSWORD"}


def test_what_services_refer_to_exists() -> None:
    for name, service in COMPOSE["services"].items():
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"]), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], volume
        reached = re.findall(r"(?:@|//)([a-z]+):\d+", str(service.get("environment", "")))
        others = {
            other
            for other in COMPOSE["services"]
            if set(COMPOSE["services"][other]["networks"]) & set(service["networks"])
        }
        assert set(reached) <= others, name


def test_each_recorder_publishes_one_udp_port_and_tells_its_public_address() -> None:
    recorders = {name: service for name, service in OURS.items() if service["command"] == ["recorder"]}
    used: set[int] = set()
    for service in recorders.values():
        settings = load({key: filled_in(value) for key, value in service["environment"].items()})
        assert [filled_in(port) for port in service["ports"]] == [f"{settings.media_port}:{settings.media_port}/udp"]
        assert settings.media_address == FILLED_IN["GREENROOM_MEDIA_ADDRESS"]
        used.add(settings.media_port)
    assert len(used) == len(recorders) == len({service["volumes"][0] for service in recorders.values()}) == 2
    assert all("ports" not in service for name, service in OURS.items() if name not in recorders)


def test_a_recorder_is_given_the_time_to_finish_what_it_records() -> None:
    for service in OURS.values():
        settings = load({key: filled_in(value) for key, value in service["environment"].items()})
        grace = int(service["stop_grace_period"].removesuffix("s"))
        if service["command"] == ["recorder"]:
            assert RecorderConfig.max_seconds <= settings.drain_seconds < grace
        else:
            assert grace == 30


def test_the_proxy_finds_the_web_processes_and_they_trust_it_alone() -> None:
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    web = OURS["web"]["environment"]
    assert re.search(r"name web\s+port (\d+)", caddy)[1] == web["GREENROOM_PORT"]  # type: ignore[index]  # it must match
    subnet = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert web["GREENROOM_PROXIES"] == subnet
    assert [name for name in OURS if "front" in OURS[name]["networks"]] == ["web"]


def test_whoever_gets_a_password_for_the_relay_reaches_recorders_alone() -> None:
    relay = COMPOSE["services"]["turn"]
    shared = [name for name, one in COMPOSE["services"].items() if set(one["networks"]) & set(relay["networks"])]
    assert shared == ["turn"]
    ways = [word for word in relay["command"] if "peer-ip" in word or "relay" in word]
    assert [filled_in(word) for word in ways] == [
        "--denied-peer-ip=0.0.0.0-255.255.255.255",
        "--denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        f"--allowed-peer-ip={FILLED_IN['GREENROOM_MEDIA_ADDRESS']}",
        "--no-tcp-relay",
    ]
    front = [name for name, one in COMPOSE["services"].items() if "front" in one["networks"]]
    assert front == ["proxy", "web"], "web believes everybody there who says for whom it asks"


def test_the_image_is_made_of_what_is_here() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for line in (ROOT / "deploy" / "Dockerfile").read_text().splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            for source in words[1:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source.split('/')[0]}" in ignored, source
    assert OURS["web"]["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile"}


# The settings start the program, against other services than the built-in ones


@pytest.fixture
def bucket() -> Iterator[str]:
    """The address of an S3 server with the bucket that compose makes."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1"
    ).create_bucket(Bucket="greenroom")
    yield address
    server.stop()


@pytest.fixture
async def others(temporary_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Embedded]:
    """A Postgres and a Redis of the system, where it has them."""
    wheels = programs.postgres_folders()
    monkeypatch.setattr(programs, "postgres_folders", lambda: wheels[::-1])  # the system's come last in it
    if server := shutil.which("redis-server"):
        monkeypatch.setattr(programs, "choose_valkey", lambda: Path(server))
    folder = DataFolder(temporary_folder / "services")
    await folder.lock()
    embedded = Embedded(folder, durable=False)
    await embedded.start()
    yield embedded
    await embedded.stop()
    folder.unlock()


@contextlib.asynccontextmanager
async def service(name: str, **elsewhere: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A service of the compose file, with some of its settings pointing elsewhere."""
    given = {key: filled_in(value) for key, value in OURS[name]["environment"].items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *OURS[name]["command"],
        cwd=ROOT, env=environment(**given | elsewhere),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.communicate(), 20)


def status(port: int, path: str) -> tuple[int, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"Host": FILLED_IN["GREENROOM_DOMAIN"], "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - our own
        return reply.status, reply.read().decode()


async def test_the_settings_start_the_program(temporary_folder: Path, others: Embedded, bucket: str) -> None:
    port, private = free_port(), free_port()
    elsewhere = {
        "DATABASE_URL": others.database_url,
        "REDIS_URL": others.redis_url,
        "AWS_ENDPOINT_URL": bucket,
        "GREENROOM_HOST": "127.0.0.1",
        "GREENROOM_PORT": str(port),
        "GREENROOM_RECORDER_HOST": "127.0.0.1",
        "GREENROOM_RECORDER_PORT": str(private),
        "GREENROOM_MEDIA_PORT": "0",
    }

    def settings(name: str) -> dict[str, str]:
        return elsewhere | {"GREENROOM_DATA": str(temporary_folder / name)}

    async with service("migrate", **settings("migrate")) as migrate:
        said, _ = await migrate.communicate()
        assert migrate.returncode == 0, said.decode()
    async with (
        service("web", **settings("web")) as web,
        service("recorder", **settings("recorder")) as recorder,
        service("worker", **settings("worker")) as worker,
    ):
        for number in (port, private):
            await until_it_listens(number, web, recorder, worker)
        code, body = await asyncio.to_thread(status, port, "/sign-in")
        assert code == 200
        assert "password" in body
        await asyncio.sleep(1)
        assert [process.returncode for process in (web, recorder, worker)] == [None, None, None]


async def until_it_listens(port: int, *processes: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(40):
        while True:
            for process in processes:
                assert process.returncode is None, (await process.communicate())[0].decode()
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def test_a_wrong_setting_is_one_sentence() -> None:
    done = greenroom("web", GREENROOM_PUBLIC_URL="jobs.example.org")
    assert done.returncode == 1
    assert done.stderr.startswith("greenroom: GREENROOM_PUBLIC_URL is 'jobs.example.org'")
    assert done.stderr.count("\n") == 1
