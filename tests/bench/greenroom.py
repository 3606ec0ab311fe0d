"""A running Greenroom for measurements, with a workspace, two recruiters and as many candidates as wanted.

It is started as a person starts it, on a free port and a data folder of its own, and stopped with Ctrl-C's signal.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fractional_indexing import generate_n_keys_between

from server.core.folder import DataFolder

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300.0
STOP_SECONDS = 10.0
OPEN = re.compile(r"Open (https?://\S+)")
PASSWORD = "a sentence for measuring"


@dataclass
class Running:
    """The supervisor's process and the page it told to open."""

    process: asyncio.subprocess.Process
    link: str
    data: Path

    @property
    def origin(self) -> str:
        return "/".join(self.link.split("/")[:3])

    @property
    def database_url(self) -> str:
        note = DataFolder(self.data).running()
        assert note is not None, "nothing runs in this data folder"
        return note.database_url


@contextlib.asynccontextmanager
async def running(
    words: Sequence[str], data: Path, folder: Path, environment: Mapping[str, str]
) -> AsyncIterator[Running]:
    """Start Greenroom with `words`, wait for its page's address, and stop it (and its session) afterwards."""
    process = await asyncio.create_subprocess_exec(
        *words,
        "--port",
        "0",
        "--data",
        str(data),
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            link = await _link(process)
        draining = asyncio.create_task(_drain(process))
        yield Running(process, link, data)
        draining.cancel()
    finally:
        await _stop(process)


async def _link(process: asyncio.subprocess.Process) -> str:
    said = []
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        said.append(line)
        if found := OPEN.search(line):
            return found[1]
    raise RuntimeError(f"Greenroom did not start:\n{''.join(said)}")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.readline():
        pass


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@contextlib.asynccontextmanager
async def this_tree(data: Path) -> AsyncIterator[Running]:
    """Greenroom of this tree."""
    async with running([sys.executable, "-m", "server", "run"], data, ROOT, os.environ) as started:
        yield started


async def first_page(link: str) -> float:
    """Fetch the page that a person is told to open, following redirects; the moment it was there (monotonic, s)."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False, timeout=20) as client:
        reply = await client.get(link)
        reply.raise_for_status()
        assert "<html" in reply.text
    return time.monotonic()


class Member:
    """A signed-in recruiter's HTTP client."""

    def __init__(self, origin: str, name: str) -> None:
        self.name = name
        self.origin = origin
        self.slug = ""
        self.http = httpx.AsyncClient(base_url=origin, trust_env=False, timeout=20)

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        """A JSON request that must succeed."""
        headers = {"origin": self.origin, "idempotency-key": str(uuid.uuid4())}
        reply = await self.http.request(method, path, json=body, headers=headers)
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text[:300]}"
        return reply.json() if reply.content else None

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """The same in the workspace's API."""
        return await self.send(method, f"/w/{self.slug}/api{path}", body)

    def cookies(self) -> list[dict[str, str]]:
        """For a Playwright context."""
        return [{"name": c.name, "value": c.value or "", "url": self.origin} for c in self.http.cookies.jar]


async def recruiters(place: Running) -> tuple[Member, Member]:
    """Set the workspace up; Ada invites Ben."""
    ada, ben = Member(place.origin, "Ada Okafor"), Member(place.origin, "Ben Castellano")
    setup = {
        "token": place.link.rsplit("/", 1)[1],
        "workspace": "Bench",
        "name": ada.name,
        "email": "ada@bench.example",
        "password": PASSWORD,
    }
    reply = await ada.send("POST", "/api/setup", setup)
    ada.slug = ben.slug = reply["next"].split("/")[2]
    invited = await ada.api("POST", "/invitations", {"email": "ben@bench.example", "role": "recruiter"})
    token = invited["link"].rsplit("/", 1)[1]
    await ben.send("POST", f"/api/invitations/{token}/acceptance", {"name": ben.name, "password": PASSWORD})
    return ada, ben


async def open_job(ada: Member, title: str) -> Any:
    """An open job with three questions; its JobView."""
    job = await ada.api("POST", "/jobs", {"title": title})
    questions = [{"text": f"Question {n}?", "think": 30, "longest": 60, "takes": 3} for n in (1, 2, 3)]
    await ada.api("PUT", f"/jobs/{job['id']}/questions", {"version": job["version"], "questions": questions})
    return await ada.api("PUT", f"/jobs/{job['id']}/state", {"state": "open"})


async def add_cards(database_url: str, job: Any, count: int) -> None:
    """Candidates with cards, spread over the job's stages; written as rows, for applying is throttled."""
    connection = await asyncpg.connect(database_url)
    try:
        workspace = await connection.fetchval("SELECT workspace_id FROM job WHERE id = $1", uuid.UUID(job["id"]))
        people = [
            (
                uuid.uuid4(),
                workspace,
                f"Candidate Number {n}",
                f"person{n}.{job['id'][-6:]}@mail.example",
                f"candidate number {n}",
            )
            for n in range(count)
        ]
        await connection.executemany(
            "INSERT INTO candidate (id, workspace_id, name, email, folded, plain, created_at) "
            "VALUES ($1, $2, $3, $4, $4, $5, now())",
            people,
        )
        stages = [uuid.UUID(stage["id"]) for stage in job["stages"]]
        ranks = generate_n_keys_between(None, None, count)
        await connection.executemany(
            "INSERT INTO application (id, workspace_id, job_id, candidate_id, stage_id, rank) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            [
                (uuid.uuid4(), workspace, uuid.UUID(job["id"]), person[0], stages[n % len(stages)], ranks[n])
                for n, person in enumerate(people)
            ],
        )
        await connection.execute("ANALYZE candidate, application")
    finally:
        await connection.close()
