"""A running Greenroom, and the quick ways to put something into it that a test is not about."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright._impl._api_structures import SetCookieParam  # the public module does not export it

from tests.media.files import faults
from tests.platform.processes import URL, greenroom, running
from tests.prepared import prepare_postgres

PASSWORD = "correct horse battery"
FIRST_ADDRESS = int(IPv4Address("10.0.0.1"))
_callers = count()


@dataclass(frozen=True)
class Installation:
    """Where it is reached, its data folder, and the process number of its supervisor."""

    origin: str
    data: Path
    supervisor: int

    async def setup_link(self) -> str:
        """A fresh one-time set-up link, as the command line prints it."""
        settings = {"GREENROOM_DATA": str(self.data), "GREENROOM_PORT": self.origin.rsplit(":", 1)[1]}
        command = await asyncio.to_thread(greenroom, "setup-link", **settings)
        assert command.returncode == 0, command.stderr
        return command.stdout.split()[-1]

    def recordings(self) -> list[Path]:
        """Every finished recording's file, oldest first."""
        return sorted(self.data.glob("media/*/video.webm"), key=lambda path: path.stat().st_mtime)


@contextlib.asynccontextmanager
async def started(*flags: str, **settings: str) -> AsyncIterator[Installation]:
    """`greenroom run` on a free port and a folder with an empty database, stopped as by Ctrl-C when the block ends.

    It believes what this machine says of others' addresses, so that callers can be many strangers to its throttles.
    Every recording that it holds in the end is looked at.
    """
    with tempfile.TemporaryDirectory(prefix="greenroom-e2e-", ignore_cleanup_errors=True) as folder:
        await prepare_postgres(Path(folder))
        async with running(Path(folder), *flags, GREENROOM_PROXIES="127.0.0.1", **settings) as greenroom_run:
            link = await greenroom_run.until(URL.pattern, 90)
            reading = asyncio.create_task(greenroom_run.drain())
            origin = "/".join(link.split("/")[:3])
            yield (installation := Installation(origin, Path(folder), greenroom_run.process.pid))
            await greenroom_run.stop()
            await reading
            for path in installation.recordings():
                assert not (found := await asyncio.to_thread(faults, path)), (path, found)


class Caller:
    """Speaks JSON to an installation as one person, from their own address, with the cookies that person has."""

    def __init__(self, origin: str) -> None:
        address = IPv4Address(FIRST_ADDRESS + next(_callers))
        headers = {"origin": origin, "x-forwarded-for": str(address)}
        self.origin = origin
        self.client = httpx.AsyncClient(base_url=origin, headers=headers, timeout=20)

    async def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The reply's JSON; fails on every refusal."""
        reply = await self.client.request(method, path, json=body, headers={"idempotency-key": str(uuid4())})
        assert reply.is_success, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()

    def cookies(self, host: str = "") -> list[SetCookieParam]:
        """The cookies in the form that Playwright takes, as of our host or of another name of it."""
        domain = host or self.client.base_url.host
        return [
            {"name": c.name, "value": c.value or "", "domain": domain, "path": c.path, "httpOnly": True}
            for c in self.client.cookies.jar
        ]


@dataclass
class Furnished:
    """A workspace with an open job and some candidates, made over HTTP."""

    ada: Caller
    cleo: Caller
    base: str  # /w/slug
    job: dict[str, Any]
    public: str
    place: str  # /c/a/id
    application: str
    waiting: str = ""  # the place of somebody who has not answered yet
    person: str = ""  # Cleo's profile, once it holds something


async def furnish(installation: Installation, name: str = "Northlight") -> Furnished:
    """A workspace owned by Ada, a job with two questions, and Cleo, who has answered in writing."""
    ada, cleo = Caller(installation.origin), Caller(installation.origin)
    token = (await installation.setup_link()).rsplit("/", 1)[1]
    person = {"workspace": name, "name": "Ada Okafor", "email": f"{uuid4()}@example.org", "password": PASSWORD}
    base = (await ada("POST", "/api/setup", {"token": token, **person}))["next"].removesuffix("/jobs")
    job = await ada("POST", f"{base}/api/jobs", {"title": "Senior Product Engineer, Realtime and Video (m/f/d)"})
    questions = [{"text": "What did you build that people relied on?"}, {"text": "What would you change here?"}]
    job = await ada(
        "PUT", f"{base}/api/jobs/{job['id']}/questions", {"version": job["version"], "questions": questions}
    )
    job = await ada(
        "PATCH",
        f"{base}/api/jobs/{job['id']}",
        {
            "version": job["version"],
            "description": "## The work\n\nA **small** team.\n\n- ship\n- mend",
            "remote": True,
        },
    )
    job = await ada("PUT", f"{base}/api/jobs/{job['id']}/state", {"state": "open"})
    public = job["public_url"].removeprefix(installation.origin)
    application = await apply(cleo, public, "Cleo Marchetti")
    place = f"/c/a/{application}"
    for answer in (await cleo("GET", f"{place}/api/place"))["answers"]:
        await cleo("PUT", f"{place}/api/questions/{answer['question']['id']}/text", {"text": "A ferry timetable."})
    await cleo("POST", f"{place}/api/submission", {})
    await cleo("POST", f"{place}/api/messages", {"body": "Thank you for looking!"})
    return Furnished(ada, cleo, base, job, public, place, application)


class Candidate(Caller):
    """Somebody who has applied; `place` is the address of their own pages."""

    place = ""
    application = ""
    name = ""

    async def takes(self) -> list[dict[str, Any]]:
        """All takes of all questions."""
        answers = (await self("GET", f"{self.place}/api/place"))["answers"]
        return [take for answer in answers for take in answer["takes"]]


async def colleague(shop: Furnished, name: str, role: str) -> Caller:
    """Somebody who joined by invitation."""
    invitation = {"email": f"{uuid4()}@example.org", "role": role}
    link: str = (await shop.ada("POST", f"{shop.base}/api/invitations", invitation))["link"]
    who = Caller(shop.ada.origin)
    await who("POST", f"/api/invitations/{link.rsplit('/', 1)[1]}/acceptance", {"name": name, "password": PASSWORD})
    return who


async def candidate(installation: Installation, shop: Furnished) -> Candidate:
    """Apply under a name of one's own."""
    who = Candidate(installation.origin)
    who.name = f"Robin {str(uuid4())[:8]}"
    who.application = await apply(who, shop.public, who.name)
    who.place = f"/c/a/{who.application}"
    return who


async def apply(caller: Caller, public: str, name: str) -> str:
    """Apply; returns the application's id."""
    form = {"name": name, "email": f"{uuid4()}@example.org", "consent": True}
    step: str = (await caller("POST", f"{public}/applications", form))["next"]
    return step.split("/")[3]
