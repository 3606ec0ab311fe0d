"""Message templates: a workspace keeps words to write from, and nothing that was begun with them changes with them."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from server.core import db
from server.hiring.conversations import templates
from server.hiring.conversations.automatic import check_text
from server.hiring.conversations.shipped import SHIPPED
from server.hiring.workspaces.actions import found_workspace, make_setup_link
from tests.cast import PASSWORD, Cast, Colleague, Json
from tests.server.house import counted

WORDS = {"name": "Not now", "text": "Hello {first_name},\n\nnot now."}


async def kept(who: Colleague) -> list[Json]:
    found: list[Json] = (await who.read("/message-templates"))["templates"]
    return found


async def refused(who: Colleague, body: Json, path: str = "", method: str = "POST") -> Any:
    """Code, and the field's sentence or the message."""
    reply = await who.do(method, f"/message-templates{path}", body)
    assert reply.status_code in {409, 422}, reply.text
    said = reply.json()
    return said["code"], *(said["fields"].values() or [said["message"]])


async def test_words_are_kept_changed_and_deleted(cast: Cast) -> None:
    made = await cast.ben.make("POST", "/message-templates", {"name": "  Not   now ", "text": f" {WORDS['text']}\n"})
    assert (made["name"], made["text"], made["version"], made["by"]["name"]) == (*WORDS.values(), 1, "Ben")
    path = f"/message-templates/{made['id']}"
    changed = await cast.ada.make("PATCH", path, {"version": 1, "name": "not NOW"})  # its own name in other letters
    assert (changed["name"], changed["text"], changed["version"], changed["by"]["name"]) == (
        "not NOW", WORDS["text"], 2, "Ada",
    )  # fmt: skip
    assert (await cast.ada.make("PATCH", path, {"version": 2, "text": WORDS["text"]}))["version"] == 2, "as it was"
    late = await refused(cast.ben, {"version": 1, "text": "Mine"}, f"/{made['id']}", "PATCH")
    assert late[0] == "changed_meanwhile"
    assert await kept(cast.ada) == [changed]
    await cast.ben.make("DELETE", path)
    assert await kept(cast.ada) == []
    for method, body in (("PATCH", {"version": 2}), ("DELETE", None)):
        assert (await cast.ben.do(method, path, body)).status_code == 404


async def test_what_cannot_be_kept_says_why(cast: Cast) -> None:
    first = await cast.ada.make("POST", "/message-templates", WORDS)
    other = await cast.ada.make("POST", "/message-templates", {**WORDS, "name": "Später"})
    taken = ("template_taken", "Another template has this name already. Choose a different one.")
    assert await refused(cast.ben, {**WORDS, "name": "NOT NOW"}) == taken
    assert await refused(cast.ben, {"version": 1, "name": "SPÄTER"}, f"/{first['id']}", "PATCH") == taken
    for wanted, sentence in (
        ({"name": " \u200b "}, "Please fill this in."),
        ({"name": "x" * 81}, "At most 80 characters, please."),
        ({"text": " \n "}, "Write something first."),
        ({"text": "x" * 10_001}, "At most 10,000 characters, please."),
        (
            {"text": "Hello {frist_name}"},
            "There is no {frist_name}. Choose among {name}, {first_name}, {job}, {workspace}, {sender}.",
        ),
    ):
        assert await refused(cast.ada, {**WORDS, "name": "New", **wanted}) == ("invalid", sentence)
        assert await refused(cast.ada, {"version": 1, **wanted}, f"/{other['id']}", "PATCH") == ("invalid", sentence)
    assert await kept(cast.ada) == [first, other]
    # As long as a name can be in comparable form.
    await cast.ada.make("POST", "/message-templates", {**WORDS, "name": "\u0390" * 80})


async def test_a_workspace_has_its_own_and_so_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    await cast.ada.make("POST", "/message-templates", WORDS)
    (dans,) = [await cast.dan.make("POST", "/message-templates", WORDS)]  # the same name there
    assert [one["id"] for one in await kept(cast.dan)] == [dans["id"]]
    assert len(await kept(cast.ada)) == 1
    for method, body in (("PATCH", {"version": 1, "text": "Mine"}), ("DELETE", None)):
        assert (await cast.ada.do(method, f"/message-templates/{dans['id']}", body)).status_code == 404
    assert await kept(cast.dan) == [dans]
    monkeypatch.setattr(templates, "MOST", 2)
    await cast.ada.make("POST", "/message-templates", {**WORDS, "name": "Second"})
    full = "There are 2 templates already. Delete one that nobody needs."
    assert await refused(cast.ada, {**WORDS, "name": "Third"}) == ("invalid", full)


async def test_two_who_choose_the_same_name_are_told_apart(cast: Cast) -> None:
    replies = await asyncio.gather(*(who.do("POST", "/message-templates", WORDS) for who in (cast.ada, cast.ben)))
    assert sorted(reply.status_code for reply in replies) == [201, 409]
    assert len(await kept(cast.ada)) == 1


async def test_a_list_costs_the_same_however_long_it_is(cast: Cast) -> None:
    seen = []
    for count in (1, 2):
        for _ in range(count):
            await cast.ada.make("POST", "/message-templates", {**WORDS, "name": str(uuid4())})
        with counted() as statements:
            assert (await cast.ada.page(cast.ada.at("/templates"))).status_code == 200
        seen.append(len(statements))
    assert seen[0] == seen[1]


async def test_reviewers_do_not_write_and_see_none(cast: Cast) -> None:
    assert (await cast.rae.do("GET", "/message-templates")).status_code == 403
    assert (await cast.rae.page(cast.rae.at("/templates"))).status_code == 403


async def test_a_new_workspace_begins_with_some(cast: Cast) -> None:
    email = f"{uuid4()}@example.org"
    _, slug = await found_workspace(await make_setup_link(), "Kestrel", "Kim", email, PASSWORD, "a test")
    found = dict(
        await db.rows(
            lambda *c: c,
            "SELECT t.name, t.text FROM message_template t JOIN workspace w ON w.id = t.workspace_id WHERE w.slug = $1",
            slug,
        )
    )
    assert found == SHIPPED
    assert [check_text(text, "text") for text in SHIPPED.values()] == list(SHIPPED.values())


async def test_a_stage_keeps_the_words_it_began_with(cast: Cast) -> None:
    job = await cast.job()
    template = await cast.ada.make("POST", "/message-templates", WORDS)
    flow = await cast.ada.read(f"/jobs/{job['id']}/flow")
    action = {"id": str(uuid4()), "kind": "message", "text": template["text"], "template": template["id"]}
    flow["stages"][2]["actions"] = [action]
    body = {"version": flow["version"], "stages": flow["stages"]}
    await cast.ada.make("PUT", f"/jobs/{job['id']}/flow", body)
    path = f"/message-templates/{template['id']}"
    await cast.ben.make("PATCH", path, {"version": 1, "text": "Something else"})
    await cast.ben.make("DELETE", path)
    (stored,) = (await cast.ada.read(f"/jobs/{job['id']}/flow"))["stages"][2]["actions"]
    assert (stored["text"], stored["template"]) == (WORDS["text"], template["id"])
