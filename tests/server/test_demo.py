"""The demo: founded once, completed when interrupted, playable, and consistent like anything made by hand."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from media.probe import examine
from server.demo.keepsake import NAME
from server.demo.record import id_at
from server.demo.script import read
from tests.conftest import ROOT, Services
from tests.ports import free_port

TABLES = (
    "account", "answer", "application", "candidate", "candidate_file", "candidate_tag", "captions", "event", "job",
    "meeting", "member", "message", "note", "notice", "question", "realtime_log", "recording", "sign_in", "stage",
    "take", "workspace",
)  # fmt: skip


class Demo:
    """A data folder, a database and the command that fills both."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "GREENROOM_DATA": str(folder),
            "GREENROOM_SECRET": "a secret",
        }

    async def start(self, command: str = "demo", *words: str, **more: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", command, *words,
            cwd=ROOT, env=self.environment | more, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def run_until(self, words: str) -> None:
        """Kill the demo without warning once it has said this."""
        process = await self.start()
        assert process.stdout is not None
        said = []
        while line := (await process.stdout.readline()).decode():
            said.append(line)
            if words in line:
                process.send_signal(signal.SIGKILL)
                await process.wait()
                return
        raise AssertionError(f"{words!r} was never said: {''.join(said)}")

    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / NAME).read_text())
        return found


async def counts(connection: asyncpg.Connection) -> dict[str, int]:
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608 - ours


@pytest.fixture
async def demo(fresh: Services, temporary_folder: Path) -> Demo:
    return Demo(fresh, temporary_folder)


@contextlib.asynccontextmanager
async def web(demo: Demo, **more: str) -> AsyncIterator[httpx.AsyncClient]:
    """The web process on the demo's data."""
    port = free_port()
    process = await demo.start("web", GREENROOM_PORT=str(port), **more)
    origin = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(
            base_url=origin, trust_env=False, headers={"origin": origin}, timeout=20
        ) as client:
            async with asyncio.timeout(60):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        await client.get("/health")
                        break
                    assert process.returncode is None
                    await asyncio.sleep(0.1)
            yield client
    finally:
        process.kill()
        await process.communicate()


async def test_it_is_founded_once_completed_after_a_kill_and_then_left_alone(
    demo: Demo, fresh: Services, connection: asyncpg.Connection
) -> None:
    first, second, third = read().postings
    await demo.run_until(first.title)
    password = demo.kept()["password"]
    assert demo.kept()["filled_for"] == ""
    # The kill may come while the next job is being filled: whatever is there is whole.
    assert await connection.fetchval("SELECT count(*) FROM application") >= len(first.candidates)

    await demo.run_until("recordings ready")  # the first clip's: all of them would take the tests' time
    people = [len(posting.candidates) for posting in (first, second, third)]
    assert await connection.fetchval("SELECT count(*) FROM application") == sum(people)
    assert await connection.fetchval("SELECT count(*) FROM job") == 3
    assert await connection.fetchval("SELECT count(*) FROM workspace") == 1
    assert await connection.fetchval("SELECT count(*) FROM member") == len(read().team.colleagues)
    assert await connection.fetchval("SELECT count(*) FROM sign_in") == 0
    assert demo.kept()["password"] == password
    assert stat.S_IMODE((demo.folder / NAME).stat().st_mode) == 0o600
    assert not (demo.folder / "outbox").exists()
    assert await connection.fetchval("SELECT count(*) FROM queue.pgqueuer") == 0, "nothing is mailed or rung"

    # As if every film had been made: a further start has nothing to add, whatever people did meanwhile.
    await connection.execute("UPDATE recording SET state = 'ready' WHERE state = 'processing'")
    await connection.execute("UPDATE job SET title = 'Renamed by somebody' WHERE title = $1", first.title)
    before = await counts(connection)
    process = await demo.start()
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert await counts(connection) == before
    copies = await connection.fetch("SELECT id, derivatives, movie FROM recording WHERE derivatives ? 'video'")
    assert {copy["movie"] for copy in copies} == {"ready"}, said.decode()
    copy = examine(demo.folder / "media" / json.loads(copies[-1]["derivatives"])["mp4"])
    assert (copy.mime, copy.width, copy.height, copy.audio) == ("video/mp4", 640, 360, True)
    await inspect(connection, demo)
    await look_around(demo, password)
    await set_up_beside(demo, connection)


async def set_up_beside(demo: Demo, connection: asyncpg.Connection) -> None:
    """Who has seen the demo and starts without it is asked to set up a workspace of their own, until they have."""
    asked = [await (await demo.start("setup-link", "--if-needed")).communicate()]
    await connection.execute(
        "WITH person AS (INSERT INTO account (id, email, folded, password_hash) "
        "VALUES (gen_random_uuid(), 'own@example.org', 'own@example.org', '') RETURNING id) "
        "INSERT INTO member (id, workspace_id, account_id, name, role) "
        "SELECT gen_random_uuid(), w.id, p.id, 'Own', 'owner' FROM person p, workspace w"
    )
    asked.append(await (await demo.start("setup-link", "--if-needed")).communicate())
    assert ["/setup/" in said.decode() for said, _ in asked] == [True, False], asked


async def inspect(connection: asyncpg.Connection, demo: Demo) -> None:
    """The rows agree with each other as they do when people make them."""
    cards = await connection.fetch(
        "SELECT a.*, s.kind, "
        "(SELECT count(*) FROM note n WHERE n.application_id = a.id) AS real_notes, "
        "(SELECT count(*) FROM message m WHERE m.application_id = a.id) AS real_messages, "
        "(SELECT count(*) FROM answer n WHERE n.application_id = a.id) AS real_answers, "
        "(SELECT member_id IS NULL FROM message m WHERE m.application_id = a.id ORDER BY id DESC LIMIT 1) AS asked, "
        "(SELECT count(*) FROM question q WHERE q.job_id = a.job_id) AS asked_for, "
        "(SELECT max(at) FROM event e WHERE e.subject = 'application:' || a.id) AS last, "
        "(SELECT count(*) FROM event e WHERE e.subject = 'application:' || a.id) AS events "
        "FROM application a JOIN stage s ON s.id = a.stage_id"
    )
    for card in cards:
        assert card["notes"] == card["real_notes"]
        assert card["messages"] == card["real_messages"]
        assert card["answers"] == card["real_answers"]
        assert card["waiting"] == bool(card["asked"])
        assert card["changed_at"] == card["last"]
        assert card["moved"] <= card["version"]
        assert card["events"] <= card["version"]
        assert card["created_at"] <= card["changed_at"]
        if card["progress"] == "submitted":
            assert card["answers"] == card["asked_for"]
            assert card["submitted_at"] is not None
        else:
            assert card["opened_at"] is None
    assert {card["kind"] for card in cards} >= {
        "inbox",
        "questions",
        "review",
        "interview",
        "offer",
        "hired",
        "declined",
    }
    papers = await connection.fetch("SELECT state, pages, text FROM candidate_file ORDER BY id")
    assert len(papers) == sum(bool(person.cv) for posting in read().postings for person in posting.candidates) > 3
    assert {(paper["state"], paper["pages"]) for paper in papers} == {("read", 1)}
    assert all("Work" in paper["text"] for paper in papers)
    assert await connection.fetchval("SELECT count(*) FROM application WHERE consent_at IS NULL") == 1
    assert await connection.fetchval("SELECT count(*) FROM note WHERE body LIKE '%<@%>%'") == len(
        {*await connection.fetch("SELECT DISTINCT note_id FROM mention")}
    )
    ages = sorted(card["created_at"] for card in cards)
    assert ages[-1] - ages[0] > timedelta(days=18)
    assert not await connection.fetch(
        "SELECT stage_id, rank FROM application GROUP BY stage_id, rank HAVING count(*) > 1"
    ), "every card has a place of its own"
    films = await connection.fetch("SELECT * FROM recording WHERE derivatives ? 'video'")
    assert films
    for film in films[:6]:
        found = examine(demo.folder / "media" / json.loads(film["derivatives"])["video"])
        assert (found.width, found.height, found.audio, found.video) == (640, 360, True, True)
        assert found.duration_ms == film["duration_ms"]
        assert found.bytes == film["bytes"]
        assert set(json.loads(film["derivatives"])) == {"video", "poster", "peaks", "mp4"}


async def look_around(demo: Demo, password: str) -> None:
    """The page offers the sign-in that works; without --demo it offers none."""
    async with web(demo, GREENROOM_DEMO="1") as client:
        page = (await client.get("/sign-in", headers={"accept": "text/html"})).text
        email = read().team.colleagues[0].email
        assert password in page
        reply = await client.post("/api/sign-in", json={"email": email, "password": password})
        assert reply.status_code == 200, reply.text
        slug = reply.json()["next"].split("/")[2]
        jobs = (await client.get(f"/w/{slug}/api/jobs")).json()
        cards = [
            card for job in jobs for card in (await client.get(f"/w/{slug}/api/jobs/{job['id']}/board")).json()["cards"]
        ]
        shown = [card for card in cards if card["poster"]]
        assert shown
        assert (await client.get(shown[0]["poster"])).headers["content-type"] == "image/jpeg"
        view = (await client.get(f"/w/{slug}/api/applications/{shown[0]['id']}")).json()
        take = next(answer["take"] for answer in view["answers"] if answer["take"])
        part = await client.get(take["url"], headers={"range": "bytes=0-99"})
        assert part.status_code == 206
        assert len(part.content) == 100
        hits = (await client.get(f"/w/{slug}/api/captions?q=ferries")).json()
        assert [hit["name"] for hit in hits] == ["Noor van Dijk"]
        home = (await client.get(f"/w/{slug}/api/home")).json()
        assert home["mentions_count"] == 2
        days = {"from": datetime.now(UTC) - timedelta(days=1), "until": datetime.now(UTC) + timedelta(days=2)}
        span = {name: at.isoformat() for name, at in days.items()}
        meetings = (await client.get(f"/w/{slug}/api/meetings", params=span)).json()
        assert len(meetings) == 4
        assert any(one["link"] for one in meetings)
        assert any(card["tags"] for card in cards)
        inbox = (await client.get(f"/w/{slug}/api/inbox")).json()
        assert 0 < inbox["unread"] <= len(inbox["notifications"])
        times = [line["at"] for line in inbox["notifications"]]
        assert times == sorted(times, reverse=True)
    async with web(demo) as client:
        assert password not in (await client.get("/sign-in", headers={"accept": "text/html"})).text


def test_ids_sort_by_the_moment_they_are_made_for() -> None:
    early, late = id_at(datetime(2026, 1, 1, tzinfo=UTC)), id_at(datetime(2026, 1, 2, tzinfo=UTC))
    assert early < late
    assert (early.version, early.variant) == (7, uuid.RFC_4122)


def test_every_line_of_the_script_has_its_people_and_its_order() -> None:
    keys = {colleague.key for colleague in read().team.colleagues}
    faces = {clip.face for clip in read().team.clips}
    folded = [person.email for posting in read().postings for person in posting.candidates]
    assert len(folded) == len(set(folded)) == 40
    assert all(email.endswith(".example") for email in folded), "addresses that nobody can own"
    for posting in read().postings:
        assert posting.face in faces
        for person in posting.candidates:
            assert posting.ago > person.ago
            assert {line.who for line in (*person.notes, *person.messages)} <= keys | {""}
            assert all(line.who for line in person.notes)
            assert person.answers.count("t") == len(person.written)
            assert not person.answers or "v" not in person.answers or person.face in faces
            assert len(person.answers) == len(posting.questions) or person.submitted is None
            opened = None if person.opened is None else person.opened.ago
            known = [moment for moment in (person.ago, person.answered or None, person.submitted, opened) if moment]
            assert known == sorted(known, reverse=True), person.name
            assert all(step.ago < person.ago for step in person.moves)
            assert not person.said or person.opened is not None, "captions are written by who opened the answers"
            assert all(person.answers[int(place) - 1] == "v" for place in person.said)
            assert not person.cv or (person.name + person.cv).encode("cp1252"), "letters that the CV's font has"
            assert all(line.ago < person.ago for line in (*person.notes, *person.messages))
            assert {key for one in person.meetings for key in (one.who, *one.members)} <= keys
            last = min((line.ago for line in person.messages if not line.who), default=person.ago)
            assert all(one.ago < last for one in person.meetings), "planning is an answer: nobody waits since"
