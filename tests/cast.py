"""The cast of the tests, the same in every one of them.

Ada owns the workspace and recruits, Ben recruits with her and interviews, Rae only reviews, Cleo applies. Dan owns
another workspace on the same installation and must see nothing of this one. Everybody has a browser of their own, which
speaks HTTP to a real server. Accounts are written into the database directly, with one password hashed once: argon2 is
slow on purpose, and the doors have tests of their own.
"""

import asyncio
import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from server.core.ids import hash_token, new_token
from server.hiring.workspaces.passwords import _hasher
from server.hiring.workspaces.tables import Account, Member, SignIn, Workspace

PASSWORD = "a sentence that is easy to keep"
HASH = _hasher.hash(PASSWORD)
Json = Any

_numbers = itertools.count(1)


class Browser:
    """Somebody's browser: cookies, our own origin, and a fresh Idempotency-Key on everything that changes something."""

    def __init__(self, origin: str, transport: httpx.AsyncHTTPTransport) -> None:
        self.origin = origin
        self.http = httpx.AsyncClient(base_url=origin, transport=transport, timeout=20, trust_env=False)

    async def call(
        self, method: str, path: str, body: Json = None, *, key: str | None = None, **options: Any
    ) -> httpx.Response:
        """One request. `key=""` sends no Idempotency-Key."""
        headers: dict[str, str] = {}
        if method not in {"GET", "HEAD"}:
            headers = {"origin": self.origin}
            key = str(uuid.uuid4()) if key is None else key
            if key:
                headers["idempotency-key"] = key
        if body is not None:
            options["json"] = body
        headers |= options.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.call("GET", path, **options)

    async def page(self, path: str) -> httpx.Response:
        """As a person opens it."""
        return await self.call("GET", path, headers={"accept": "text/html"})

    async def done(self, method: str, path: str, body: Json = None, **options: Any) -> Json:
        """What a request that must succeed answered."""
        reply = await self.call(method, path, body, **options)
        assert reply.status_code < 300, f"{method} {path}: {reply.status_code} {reply.text[:500]}"
        return reply.json() if reply.content else None

    def cookies(self, path: str = "/") -> str:
        """The Cookie header that this browser sends to a path."""
        request = self.http.build_request("GET", path)
        return str(request.headers.get("cookie", ""))


@dataclass
class Colleague(Browser):
    """A signed-in member in front of their browser."""

    origin: str
    transport: httpx.AsyncHTTPTransport
    name: str
    email: str
    role: str
    slug: str
    id: uuid.UUID
    account: uuid.UUID
    workspace: uuid.UUID

    def __post_init__(self) -> None:
        super().__init__(self.origin, self.transport)

    def at(self, path: str) -> str:
        """A path within the member's workspace."""
        return f"/w/{self.slug}{path}"

    async def read(self, path: str) -> Json:
        """GET of the workspace's API."""
        return await self.done("GET", self.at(f"/api{path}"))

    async def do(self, method: str, path: str, body: Json = None, **options: Any) -> httpx.Response:
        """A request to the workspace's API."""
        return await self.call(method, self.at(f"/api{path}"), body, **options)

    async def make(self, method: str, path: str, body: Json = None, **options: Any) -> Json:
        """A request to the workspace's API that must succeed."""
        return await self.done(method, self.at(f"/api{path}"), body, **options)


class Visitor(Browser):
    """A candidate in front of their browser, once they have applied."""

    name = ""
    email = ""
    application = ""
    link = ""

    def at(self, path: str = "") -> str:
        """A path within their own place."""
        return f"/c/a/{self.application}{path}"

    async def read(self, path: str) -> Json:
        """GET of their own API."""
        return await self.done("GET", self.at(f"/api{path}"))

    async def do(self, method: str, path: str, body: Json = None, **options: Any) -> httpx.Response:
        """A request to their own API."""
        return await self.call(method, self.at(f"/api{path}"), body, **options)

    async def make(self, method: str, path: str, body: Json = None, **options: Any) -> Json:
        """A request to their own API that must succeed."""
        return await self.done(method, self.at(f"/api{path}"), body, **options)

    async def questions(self) -> list[str]:
        """The ids of the questions they are asked."""
        return [answer["question"]["id"] for answer in (await self.read("/place"))["answers"]]

    async def write_everything(self) -> None:
        """Answer every question in writing."""
        for number, question in enumerate(await self.questions(), 1):
            await self.make("PUT", f"/questions/{question}/text", {"text": f"My answer number {number}"})


@dataclass
class Cast:
    """One workspace with its people, and Dan's."""

    origin: str
    transport: httpx.AsyncHTTPTransport
    ada: Colleague
    ben: Colleague
    rae: Colleague
    dan: Colleague

    def nobody(self) -> Browser:
        """A browser without any cookie."""
        return Browser(self.origin, self.transport)

    async def job(
        self,
        owner: Colleague | None = None,
        *,
        questions: int = 2,
        title: str = "Product engineer",
        state: str = "open",
    ) -> Json:
        """A job with questions; open unless told otherwise."""
        ada = owner or self.ada
        job = await ada.make("POST", "/jobs", {"title": title})
        asked = [{"text": f"Question {number}?", "longest": 60} for number in range(1, questions + 1)]
        job = await ada.make("PUT", f"/jobs/{job['id']}/questions", {"version": job["version"], "questions": asked})
        if state != "draft":
            job = await ada.make("PUT", f"/jobs/{job['id']}/state", {"state": state})
        return job

    async def cleo(self, job: Json, name: str = "Cleo Candidate", email: str = "") -> Visitor:
        """Somebody who has just applied; everybody has their own e-mail unless it is given."""
        visitor = Visitor(self.origin, self.transport)
        visitor.name, visitor.email = name, email or f"cleo{next(_numbers)}@example.org"
        public = job["public_url"].removeprefix(self.origin)
        form = {"name": name, "email": visitor.email, "consent": True}
        entered = await visitor.done("POST", f"{public}/applications", form)
        visitor.application = entered["next"].split("/")[3]
        visitor.link = entered["link"]
        return visitor


async def found(origin: str, transport: httpx.AsyncHTTPTransport, name: str) -> Colleague:
    """A workspace of its own, and its owner."""
    place = Workspace(slug=f"{name.lower()}-{next(_numbers)}", name=f"{name}'s company")
    await place.save()
    return await join(origin, transport, place.id, place.slug, name, "owner")


async def join(
    origin: str, transport: httpx.AsyncHTTPTransport, workspace: uuid.UUID, slug: str, name: str, role: str
) -> Colleague:
    """A new account in a workspace, signed in."""
    number = next(_numbers)
    email = f"{name.lower()}{number}@example.org"
    account = Account(email=email, folded=email, password_hash=HASH)
    await account.save()
    member = Member(workspace_id=workspace, account_id=account.id, name=name, colour=number % 12 + 1, role=role)
    await member.save()
    who = Colleague(origin, transport, name, email, role, slug, member.id, account.id, workspace)
    await sign_in(who)
    return who


async def sign_in(who: Colleague) -> None:
    """Give somebody's browser a cookie that is good for a day."""
    token = new_token()
    until = datetime.now(UTC) + timedelta(days=1)
    await SignIn(account_id=who.account, token_hash=hash_token(token), device="a test", expires_at=until).save()
    who.http.cookies.set("greenroom", token, domain="127.0.0.1", path="/")


async def assemble(origin: str, transport: httpx.AsyncHTTPTransport) -> Cast:
    """Everybody, in a workspace that no other test knows."""
    ada = await found(origin, transport, "Ada")
    ben = await join(origin, transport, ada.workspace, ada.slug, "Ben", "recruiter")
    rae = await join(origin, transport, ada.workspace, ada.slug, "Rae", "reviewer")
    dan = await found(origin, transport, "Dan")
    return Cast(origin, transport, ada, ben, rae, dan)


async def until(fits: Any, seconds: float = 10.0) -> Any:
    """Wait until `await fits()` is true, and return it."""
    async with asyncio.timeout(seconds):
        while not (found := await fits()):
            await asyncio.sleep(0.05)
        return found
