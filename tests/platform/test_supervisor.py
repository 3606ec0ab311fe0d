"""`greenroom run`: one URL, one sentence when it cannot, and nothing left when it is gone."""

import asyncio
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import asyncpg
import pytest

from server.core.folder import DataFolder, StartError
from server.core.settings import load
from server.core.supervisor import check_recorder_ports
from tests.platform.processes import URL, Running, all_gone, children, greenroom, running

DATA = "data"


async def settled(data: Path) -> bool:
    """Whether it has noted where its database's files lie, so that a copy of them is noticed."""
    note = DataFolder(data).running()
    assert note
    connection = await asyncpg.connect(note.database_url)
    try:
        return bool(await connection.fetchval("SELECT place FROM realtime_place WHERE word = ''"))
    finally:
        await connection.close()


def page(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - our own
        return int(reply.status)


async def test_it_runs_stops_in_time_and_starts_again_after_a_kill(temporary_folder: Path) -> None:
    data = temporary_folder / DATA
    async with running(data) as first:
        url = await first.until(URL.pattern)
        assert "/setup/" in url  # nobody owns it yet
        assert await asyncio.to_thread(page, url) == 200
        link = (await asyncio.to_thread(greenroom, "setup-link", GREENROOM_DATA=str(data))).stdout
        assert link.split("/setup/")[0] == url.split("/setup/")[0]  # a command finds the running one
        assert await settled(data)
        below = first.descendants()
        assert len(below) >= 5
        assert await first.stop(signal.SIGINT) < 3
        assert first.process.returncode == 0
        assert not await all_gone(below, 0)
    async with running(data) as second:
        await second.until(URL.pattern)
        await asyncio.sleep(0.5)
        below = second.descendants()
        second.process.kill()
        await second.process.wait()
        async with running(data) as third:
            url = await third.until(URL.pattern)
            assert not await all_gone(below, 0)  # the third waited for the second's children
            assert await asyncio.to_thread(page, url) == 200
            await third.hang_up()
            assert await third.stop(signal.SIGTERM) < 3


async def test_a_fallen_process_is_started_again(temporary_folder: Path) -> None:
    async with running(temporary_folder / DATA) as greenroom_:
        await greenroom_.until(URL.pattern)
        web = _child(greenroom_, "web")
        os.kill(web, signal.SIGKILL)
        assert await greenroom_.until(r"(\w+) stopped \(SIGKILL\)") == "web"
        deadline = time.monotonic() + 20
        while _child(greenroom_, "web") in {0, web} and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        assert _child(greenroom_, "web") not in {0, web}


async def test_it_outlives_whatever_a_restart_of_postgres_meets(temporary_folder: Path) -> None:
    """Here, a server that lets nobody in where the restart looks, as one does that falls again at that moment."""
    async with running(temporary_folder / DATA) as greenroom_:
        url = await greenroom_.until(URL.pattern)
        note = DataFolder(temporary_folder / DATA).running()
        assert note is not None
        connection = await asyncpg.connect(note.database_url)
        await connection.execute("DROP DATABASE postgres WITH (FORCE)")
        await connection.close()
        os.kill(_child(greenroom_, "postgres", "bin/postgres"), signal.SIGKILL)
        await greenroom_.until("postgres could not be started: InvalidCatalogNameError")
        reading = asyncio.create_task(greenroom_.drain())
        async with asyncio.timeout(30):
            while await asyncio.to_thread(status, url) != 200:
                await asyncio.sleep(0.1)
        assert await greenroom_.stop() < 3
        await reading


def status(url: str) -> int:
    """What a page answers, 0 when nobody does."""
    try:
        return page(url)
    except OSError:  # an HTTP error is one as well
        return 0


def _child(of: Running, name: str, words: str = "") -> int:
    """The number of one of its processes, 0 if there is none."""
    below = children(of.process.pid).items()
    return next(
        (pid for pid, entry in below if (words or f"-m server {name}") in entry.command and entry.state[0] != "Z"), 0
    )


def test_a_taken_port_is_one_sentence(temporary_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = greenroom("run", "--port", str(port), "--data", temporary_folder / DATA)
    assert done.returncode == 1
    assert done.stderr == (
        f"greenroom: Port {port} on 127.0.0.1 is taken by another program: stop that one, or choose another port with "
        "--port.\n"
    )


def test_a_taken_port_for_recordings_is_one_sentence(temporary_folder: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = greenroom("run", "--port", "0", "--data", temporary_folder / DATA, GREENROOM_MEDIA_PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"greenroom: GREENROOM_MEDIA_PORT is {port}, and another program has that UDP port: stop that one, or choose "
        "another.\n"
    )


def test_a_port_that_is_forbidden_is_not_called_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_args: object, **_named: object) -> None:
        raise PermissionError

    for name, call in (("GREENROOM_MEDIA_PORT", "socket.bind"), ("GREENROOM_RECORDER_PORT", "create_server")):
        with monkeypatch.context() as here:
            here.setattr(f"server.core.supervisor.socket.{call}", forbidden)
            with pytest.raises(StartError, match=f"{name} is 443, which may not be opened"):
                check_recorder_ports(load({name: "443"}))


@pytest.mark.parametrize("command", [("run", "--port", "0"), ("recorder", "--supervised")])
def test_a_taken_port_of_the_recorder_is_one_sentence(temporary_folder: Path, command: tuple[str, ...]) -> None:
    """Also where it was free when everything began, and the recorder is started again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = greenroom(*command, "--data", temporary_folder / DATA, GREENROOM_RECORDER_PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"greenroom: GREENROOM_RECORDER_PORT is {port}, and another program has that port on 127.0.0.1: stop that one, "
        "or choose another.\n"
    )


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        (
            "DATABASE_URL",
            "postgresql://app:hush@127.0.0.1:1/x",
            "DATABASE_URL names postgresql://app@127.0.0.1:1/x, which",
        ),
        ("DATABASE_URL", "mysql://a@b/c", "DATABASE_URL names mysql://a@b/c, which cannot be used (invalid DSN"),
        ("REDIS_URL", "redis://:hush@127.0.0.1:1/0", "REDIS_URL names redis://@127.0.0.1:1/0, which cannot be used"),
        ("REDIS_URL", "nonsense", "REDIS_URL names nonsense, which cannot be used"),
        ("GREENROOM_HOST", "192.0.2.1", "The address '192.0.2.1' is not one of this machine"),
        ("GREENROOM_PORT", "many", "GREENROOM_PORT"),
        ("GREENROOM_DATA", "/dev/null/x", "The data folder /dev/null/x cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(temporary_folder: Path, setting: str, value: str, expected: str) -> None:
    given = {"GREENROOM_PORT": "0", "GREENROOM_DATA": str(temporary_folder / DATA), setting: value}
    done = greenroom("run", **given)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert expected in done.stderr
    assert "hush" not in done.stderr + done.stdout


@pytest.mark.parametrize("name", ["web", "recorder", "worker"])
def test_a_process_of_its_own_says_what_it_lacks(name: str) -> None:
    done = greenroom(name, DATABASE_URL="postgresql://app@127.0.0.1:1/x")
    assert done.returncode == 1
    assert done.stderr.startswith("greenroom: REDIS_URL and GREENROOM_SECRET must be set for a process of its own")
    assert done.stderr.count("\n") == 1
    done = greenroom(name, DATABASE_URL="postgresql://app@127.0.0.1:1/x", REDIS_URL="redis://x", GREENROOM_SECRET="s")
    assert done.returncode == 1
    assert done.stderr.startswith("greenroom: DATABASE_URL names postgresql://app@127.0.0.1:1/x, which cannot be used")
    assert done.stderr.count("\n") == 1
