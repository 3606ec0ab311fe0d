"""Applying and coming back: the form, the link, the cookie, the mails."""

import asyncio
import hashlib
import json
import re
from http.cookies import SimpleCookie
from uuid import UUID

import pytest

from server.core import db
from server.core.ids import hash_token
from server.core.words import clean
from server.hiring.applications.rules import CONSENT_VERSION
from tests.cast import Cast, Visitor
from tests.conftest import ROOT
from tests.server.conftest import forget_throttles
from tests.server.house import House, drain

NAMES = [
    "María-José Ñandú O'Neill",
    "محمد بن سلمان الفارسي",
    "\u202eevil\u202c name",
    "王小明 さくら 한글",
    "👩🏽‍💻 Zoë 🇳🇴",
    "Wolfeschlegelsteinhausenbergerdorff " * 8,
    "Robert'); DROP TABLE application;--",
    "{{ 7 * 7 }} {% for x in y %} ${1} %s {name} {0}",
    "<b>bold</b> & \"quoted\" 'name'",
    "</script><script>alert(1)</script><!-- ]]>",
]


async def test_applying_makes_a_card_a_cookie_and_a_mail(house: House, cast: Cast) -> None:
    job = await cast.job()
    visitor = cast.nobody()
    form = {"name": "Cleo", "email": "Cleo@Example.org", "consent": True}
    public = job["public_url"].removeprefix(house.origin)
    assert (await visitor.page(f"{public}/apply")).status_code == 200
    reply = await visitor.call("POST", f"{public}/applications", form)
    application = reply.json()["next"].split("/")[3]
    cookie = SimpleCookie(reply.headers["set-cookie"])["greenroom_candidate"]
    assert cookie["path"] == f"/c/a/{application}"
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert (await visitor.page(reply.json()["next"])).status_code == 200
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["id"], card["name"], card["line"], card["progress"]) == (
        application, "Cleo", "Cleo@Example.org", "applied",
    )  # fmt: skip
    await drain()
    (mail,) = house.mails("Cleo@Example.org")
    assert job["title"] in mail["Subject"]
    stored = await db.rows(
        lambda t: t, "SELECT token_hash FROM candidate_link WHERE application_id = $1", UUID(application)
    )
    shown, mailed = reply.json()["link"].rsplit("/", 1)[1], house.links("Cleo@Example.org")[0].rsplit("/", 1)[1]
    assert set(stored) == {hash_token(shown), hash_token(mailed)}
    everything = await db.value("SELECT string_agg(s.body, '') FROM stored_reply s")
    assert shown not in (everything or "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"consent": False}, "consent"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@b@c.org"}, "email"),
        ({"email": f"{'ß' * 150}@c.org"}, "email"),
        ({"email": "a@example.org\nBcc: all@example.org"}, "email"),
        ({"email": "a, b@example.org"}, "email"),
        ({"email": "<a@example.org>"}, "email"),
        ({"name": " \t"}, "name"),
        ({"name": "n" * 301}, "name"),
    ],
)
async def test_what_the_form_refuses(cast: Cast, change: dict[str, object], field: str) -> None:
    job = await cast.job()
    form = {"name": "Cleo", "email": "refused@example.org", "consent": True} | change
    reply = await cast.nobody().call("POST", f"{job['public_url']}/applications", form)
    assert (reply.status_code, list(reply.json()["fields"])) == (422, [field])
    assert (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"] == []


async def test_a_known_address_learns_nothing_and_gets_mail(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo", "known@example.org")
    await cleo.write_everything()
    await drain()
    before = len(house.links("known@example.org"))
    stranger = cast.nobody()
    form = {"name": "Somebody Else", "email": "KNOWN@example.org", "consent": True}
    reply = await stranger.call("POST", f"{job['public_url']}/applications", form)
    public = job["public_url"].removeprefix(house.origin)
    assert reply.json() == {"next": f"{public}/check-mail", "link": None}
    assert "set-cookie" not in reply.headers
    page = await stranger.page(reply.json()["next"])
    assert page.status_code == 200
    assert "known@example.org" not in page.text.lower()
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert card["name"] == "Cleo"
    await drain()
    links = house.links("known@example.org")
    assert len(links) == before + 1
    owner = cast.nobody()
    entered = await owner.done("POST", "/c/links", {"token": links[-1].rsplit("/", 1)[1]})
    assert entered["next"] == f"/c/a/{cleo.application}"
    place = await owner.done("GET", f"{entered['next']}/api/place")
    assert [a["text"] for a in place["answers"]] == ["My answer number 1", "My answer number 2"]


async def test_two_presses_of_the_button_make_one_card(cast: Cast) -> None:
    job = await cast.job()
    form = {"name": "Cleo", "email": "hasty@example.org", "consent": True}
    sent = [cast.nobody().call("POST", f"{job['public_url']}/applications", form) for _ in range(4)]
    replies = await asyncio.gather(*sent)
    assert {r.status_code for r in replies} == {200}
    assert sorted("set-cookie" in r.headers for r in replies) == [False, False, False, True]
    assert len((await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]) == 1


async def test_the_same_person_applies_for_two_jobs_and_has_two_places(cast: Cast) -> None:
    one = await cast.cleo(await cast.job(), "Cleo", "both@example.org")
    two = await cast.cleo(await cast.job(title="Other"), "Cleo", "both@example.org")
    assert one.application != two.application
    assert (await one.call("GET", f"/c/a/{two.application}/api/place")).status_code == 401
    rows = await db.value("SELECT count(*) FROM candidate WHERE folded = 'both@example.org'")
    assert rows == 1


async def test_a_known_address_in_another_workspace_is_new_there(cast: Cast) -> None:
    await cast.cleo(await cast.job(), "Cleo", "two-places@example.org")
    dans = await cast.job(cast.dan)
    assert (await cast.cleo(dans, "Cleo", "two-places@example.org")).application


async def test_links_are_exchanged_by_post_as_often_as_they_are_valid(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    token = cleo.link.rsplit("/", 1)[1]
    phone = cast.nobody()
    page = await phone.page(f"/c/link/{token}")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert page.headers["referrer-policy"] == "no-referrer"
    assert await phone.done("POST", "/c/links", {"token": token}) == {"next": f"/c/a/{cleo.application}", "link": None}
    assert (await phone.get(cleo.at("/api/place"))).status_code == 200
    fresh = await phone.done("POST", cleo.at("/api/links"))
    assert await cast.nobody().done("POST", "/c/links", {"token": fresh["url"].rsplit("/", 1)[1]})
    digest = hash_token(token)
    await db.execute("UPDATE candidate_link SET revoked_at = now() WHERE token_hash = $1", digest)
    for tried in (token, "unknown", ""):
        refused = await cast.nobody().call("POST", "/c/links", {"token": tried})
        assert (refused.status_code, refused.json()["code"]) == (410, "link_expired")
    await db.execute(
        "UPDATE candidate_link SET revoked_at = NULL, expires_at = now() - interval '1 s' WHERE token_hash = $1", digest
    )
    assert (await cast.nobody().call("POST", "/c/links", {"token": token})).status_code == 410


async def test_a_handover_opens_one_other_device_and_not_for_long(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    first, second = [await cleo.make("POST", "/handovers") for _ in range(2)]
    assert first["seconds"] == 600
    earlier, token = (made["url"].rsplit("/", 1)[1] for made in (first, second))
    refused = await cast.nobody().call("POST", "/c/links", {"token": earlier})  # a fresh one ends it
    assert (refused.status_code, refused.json()["code"]) == (410, "link_expired")
    phone = cast.nobody()
    assert (await phone.page(f"/c/link/{token}")).status_code == 200  # looking at it does not use it up
    told = await asyncio.gather(*(who.call("POST", "/c/links", {"token": token}) for who in (phone, cast.nobody())))
    assert sorted(reply.status_code for reply in told) == [200, 410]
    (entered,) = (reply.json() for reply in told if reply.status_code == 200)
    assert entered == {"next": f"/c/a/{cleo.application}/check", "link": None}
    assert (await cleo.get(cleo.at("/api/place"))).status_code == 200  # both go on
    assert await cast.nobody().done("POST", "/c/links", {"token": cleo.link.rsplit("/", 1)[1]})  # the own link stays
    late = (await cleo.make("POST", "/handovers"))["url"].rsplit("/", 1)[1]
    soon = "SELECT expires_at < now() + interval '10 minutes' FROM candidate_link WHERE token_hash = $1"
    assert await db.value(soon, hash_token(late)) is True
    await db.execute("UPDATE candidate_link SET expires_at = now() WHERE token_hash = $1", hash_token(late))
    assert (await cast.nobody().call("POST", "/c/links", {"token": late})).status_code == 410


async def test_handovers_have_a_limit(cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    codes = [(await cleo.do("POST", "/handovers")).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]


async def test_a_lost_link_is_mailed_and_nothing_is_told(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await drain()
    before = len(house.links(cleo.email))
    asked = [
        await cast.nobody().call("POST", "/c/link-requests", body)
        for body in (
            {"email": cleo.email.upper()},
            {"email": cleo.email, "job": job["public_url"].rsplit("/", 1)[1]},
            {"email": cleo.email, "job": "another"},
            {"email": "nobody@example.org"},
        )
    ]
    assert {(r.status_code, r.text) for r in asked} == {(202, asked[0].text)}
    await drain()
    assert len(house.links(cleo.email)) == before + 2
    assert (await cast.nobody().page("/c/lost-link")).status_code == 200


async def test_strangers_are_slowed_down(house: House, cast: Cast) -> None:
    job = await cast.job()
    form = {"name": "Cleo", "email": "often@example.org", "consent": True}
    codes = [
        (await cast.nobody().call("POST", f"{job['public_url']}/applications", form)).status_code for _ in range(6)
    ]
    assert codes == [200] * 5 + [429]
    await forget_throttles(house)
    codes = [
        (await cast.nobody().call("POST", "/c/link-requests", {"email": "o@example.org"})).status_code for _ in range(4)
    ]
    assert codes == [202] * 3 + [429]
    codes = [(await cast.nobody().call("POST", "/c/links", {"token": "guess"})).status_code for _ in range(61)]
    assert codes == [410] * 60 + [429]


@pytest.mark.parametrize("name", NAMES)
async def test_every_name_is_text_everywhere(house: House, cast: Cast, name: str) -> None:
    job = await cast.job(questions=1, title=name)
    if len(name) > 250:
        name = name[:250].strip()
    cleo = await cast.cleo(job, name)
    await cleo.make("POST", "/messages", {"body": name})
    await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": name})
    await cast.ada.make("POST", f"/applications/{cleo.application}/notes", {"body": name})
    await drain()
    (mail,) = [m for m in house.mails(cleo.email) if "personal link" in m["Subject"]]
    name = clean(name)  # what would turn the page around is not kept
    assert " ".join(name.split()) in " ".join(mail.get_content().split())
    public = job["public_url"].removeprefix(house.origin)
    pages = [
        (cast.ada, cast.ada.at("/jobs")),
        (cast.ada, cast.ada.at(f"/jobs/{job['id']}")),
        (cast.ada, cast.ada.at(f"/jobs/{job['id']}/edit")),
        (cast.ada, cast.ada.at(f"/applications/{cleo.application}")),
        (cleo, cleo.at()),
        (cleo, cleo.at("/check")),
        (cleo, cleo.at("/record")),
        (cleo, public),
        (cleo, f"{public}/apply"),
        (cleo, f"{public}/check-mail"),
    ]
    for who, path in pages:
        page = await who.page(path)
        assert page.status_code == 200, path
        assert "alert(1)</script>" not in page.text, path
        assert "<b>bold</b>" not in page.text, path
        for block in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page.text, re.DOTALL):
            json.loads(block)
            assert "<" not in block, path
        for tag in re.findall(r"<script[^>]*>", page.text):
            assert "src=" in tag or "application/json" in tag, (path, tag)
        assert "style=" not in re.sub(r"<script type=\"application/json\".*?</script>", "", page.text, flags=re.DOTALL)
    board = await cast.ada.read(f"/jobs/{job['id']}/board")
    assert board["cards"][0]["name"] == " ".join(name.split())


def test_whoever_changes_what_is_agreed_to_raises_its_version() -> None:
    parts = (ROOT / "web/templates/candidate/parts.html").read_text()
    words = parts.partition("{% macro privacy(workspace_name) -%}")[2].partition("{%- endmacro %}")[0]
    versions = {1: "08b1dc416bf85cbf"}
    assert hashlib.sha256(words.encode()).hexdigest()[:16] == versions[CONSENT_VERSION]


async def test_nothing_is_taken_from_whom_the_team_added_until_they_agree(house: House, cast: Cast) -> None:
    first, second = await cast.job(), await cast.job(title="Second")
    known = await cast.cleo(first, "Known")
    person = f"/candidates/{(await cast.ben.read(f'/applications/{known.application}'))['card']['candidate']}"
    await cast.ben.make("POST", f"{person}/applications", {"job": second["id"], "mail": True})
    await drain()
    cleo = Visitor(cast.origin, cast.transport)
    step = await cleo.done("POST", "/c/links", {"token": house.links(known.email)[-1].rpartition("/")[2]})
    cleo.application = step["next"].split("/")[3]
    assert step["next"] == cleo.at("/consent")
    assert "Privacy in plain words" in (await cleo.page(cleo.at("/consent"))).text
    for page in ("/check", "/record"):
        assert (await cleo.page(cleo.at(page))).headers["location"] == cleo.at("/consent")
    place = await cleo.read("/place")
    assert (place["consented"], place["added"]) == (False, True)
    assert (await known.read("/place"))["added"] is False
    question = (await cleo.questions())[0]
    refused = await cleo.do("POST", f"/questions/{question}/takes", {"kind": "video"})
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_needed")
    await cleo.make("POST", "/messages", {"body": "Please delete what you have of me."})

    old = await cleo.do("POST", "/consent", {"version": CONSENT_VERSION - 1})
    assert (old.status_code, old.json()["code"]) == (409, "words_changed")
    for _ in range(2):
        await cleo.make("POST", "/consent", {"version": CONSENT_VERSION})
    await cleo.make("PUT", f"/questions/{question}/text", {"text": "Me"})
    assert (await cleo.page(cleo.at("/check"))).status_code == 200
    assert (await cleo.read("/place"))["added"] is True  # agreeing is not applying
    view = await cast.rae.read(person)
    agreed = {one["title"]: (bool(one["consent_at"]), one["consent_version"]) for one in view["applications"]}
    assert agreed == {job["title"]: (True, CONSENT_VERSION) for job in (first, second)}
    assert [entry["kind"] for entry in view["timeline"]["entries"]].count("consent_given") == 1
