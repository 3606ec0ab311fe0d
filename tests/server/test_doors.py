"""Set-up, sign-in, invitation, reset: the ways in."""

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import msgspec

from server.core import db, http
from server.core.settings import Settings
from server.hiring.workspaces import actions
from tests.cast import PASSWORD, Cast, found
from tests.server.house import House, command, drain, outcome


async def test_the_setup_link_founds_one_workspace_and_no_second(house: House, cast: Cast) -> None:
    token = await actions.make_setup_link()
    form = {"token": token, "workspace": "Nordlicht Ü & Co", "name": "Ada", "email": "first@example.org"}
    browser = cast.nobody()
    assert (await browser.page(f"/setup/{token}")).status_code == 200
    short = await browser.call("POST", "/api/setup", {**form, "password": "short"})
    assert (short.status_code, list(short.json()["fields"])) == (422, ["password"])
    reply = await browser.call("POST", "/api/setup", {**form, "password": PASSWORD})
    assert reply.json() == {"next": "/w/nordlicht-u-co/jobs"}
    cookie = SimpleCookie(reply.headers["set-cookie"])["greenroom"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "lax"
    assert cookie["path"] == "/"
    assert (await browser.done("GET", "/w/nordlicht-u-co/api/me"))["role"] == "owner"
    again = await cast.nobody().call("POST", "/api/setup", {**form, "email": "other@example.org", "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (410, "link_expired")
    ended = await browser.page(f"/setup/{token}")
    assert ended.status_code == 410
    assert "greenroom setup-link" in ended.text
    assert "greenroom setup-link" in again.json()["message"]


async def test_setup_with_a_known_account_needs_its_password_and_takes_a_free_address(cast: Cast) -> None:
    token = await actions.make_setup_link()
    form = {"token": token, "workspace": cast.ada.slug, "name": "Ada", "email": cast.ada.email.upper()}
    refused = await cast.nobody().call("POST", "/api/setup", {**form, "password": "not this one, no"})
    assert list(refused.json()["fields"]) == ["email"]
    entered = await cast.nobody().done("POST", "/api/setup", {**form, "password": PASSWORD})
    assert entered == {"next": f"/w/{cast.ada.slug}-2/jobs"}


async def test_two_presses_of_the_setup_button_make_one_workspace(cast: Cast) -> None:
    token = await actions.make_setup_link()
    form = {"token": token, "workspace": "Twice", "name": "T", "email": "twice@example.org", "password": PASSWORD}
    replies = await asyncio.gather(*(cast.nobody().call("POST", "/api/setup", form) for _ in range(3)))
    assert min(r.status_code for r in replies) == 200
    assert {r.status_code for r in replies} <= {200, 409, 410, 422}
    assert await db.value("SELECT count(*) FROM workspace WHERE name = 'Twice'") == 1


async def test_sign_in_and_out(cast: Cast) -> None:
    browser = cast.nobody()
    entered = await browser.done("POST", "/api/sign-in", {"email": f" {cast.ben.email.upper()} ", "password": PASSWORD})
    assert entered == {"next": f"/w/{cast.ben.slug}/home"}
    assert (await browser.get(cast.ben.at("/api/me"))).status_code == 200
    assert (await browser.page("/")).headers["location"] == f"/w/{cast.ben.slug}/home"
    stolen = browser.cookies()
    assert await browser.done("POST", "/api/sign-out") == {"next": "/sign-in"}
    late = await cast.nobody().call("GET", cast.ben.at("/api/me"), headers={"cookie": stolen})
    assert (late.status_code, late.json()["code"]) == (401, "not_signed_in")
    assert (await browser.page("/")).headers["location"] == "/sign-in"


async def test_signing_in_leads_to_the_page_that_one_came_for(cast: Cast) -> None:
    browser = cast.nobody()
    wanted = cast.ben.at("/jobs?q=a%20b&stage=2")
    door = (await browser.page(wanted)).headers["location"]
    assert door == f"/sign-in?then=/w/{cast.ben.slug}/jobs%3Fq%3Da%2520b%26stage%3D2"
    assert f'name="then" value="{wanted.replace("&", "&amp;")}"' in (await browser.page(door)).text
    form = {"email": cast.ben.email, "password": PASSWORD}
    for then in (wanted, f"/w/{cast.ben.slug}"):
        assert await browser.done("POST", "/api/sign-in", {**form, "then": then}) == {"next": then}


async def test_signing_in_leads_nowhere_else(cast: Cast) -> None:
    """Neither to another site, nor to a workspace in which one is not."""
    elsewhere = [
        "https://evil.example", "//evil.example", "/\\evil.example", f"/w/{cast.ben.slug}/\\evil",
        "javascript:alert(1)", f"/w/{cast.dan.slug}/jobs", f"https://evil.example/w/{cast.ben.slug}/jobs",
        f"/w/{cast.ben.slug}/\n/evil",
    ]  # fmt: skip
    form = {"email": cast.ben.email, "password": PASSWORD}
    for then in elsewhere:
        entered = await cast.nobody().done("POST", "/api/sign-in", {**form, "then": then})
        assert entered == {"next": f"/w/{cast.ben.slug}/home"}, then
    door = (await cast.nobody().page(cast.ben.at("/jobs?q=" + "x" * 2000))).headers["location"]
    assert door == "/sign-in"


async def test_a_wrong_password_and_an_unknown_address_sound_the_same(cast: Cast) -> None:
    tries = [(cast.ada.email, "this is wrong"), ("nobody@example.org", PASSWORD), (cast.ada.email, "")]
    replies = [await cast.nobody().call("POST", "/api/sign-in", {"email": e, "password": p}) for e, p in tries]
    assert {(r.status_code, r.text) for r in replies} == {(401, replies[0].text)}
    assert replies[0].json()["code"] == "wrong_password"


async def test_guessing_passwords_is_slowed_down_even_for_the_right_one(cast: Cast) -> None:
    form = {"email": cast.ada.email, "password": "guess"}
    codes = [(await cast.nobody().call("POST", "/api/sign-in", form)).status_code for _ in range(10)]
    assert codes == [401] * 10
    last = await cast.nobody().call("POST", "/api/sign-in", {**form, "password": PASSWORD})
    assert (last.status_code, last.json()["code"]) == (429, "throttled")
    assert 0 < int(last.headers["retry-after"]) <= 600


async def test_a_password_is_reset_by_mail_once_and_ends_every_other_sign_in(house: House, cast: Cast) -> None:
    browser = cast.nobody()
    known = await browser.call("POST", "/api/password-resets", {"email": cast.ben.email})
    unknown = await browser.call("POST", "/api/password-resets", {"email": "nobody@example.org"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, '{"next":"/sign-in"}')
    await drain()
    assert not house.mails("nobody@example.org")
    (link,) = house.links(cast.ben.email)
    assert (await browser.page(link)).status_code == 200
    path = f"/api/password-resets/{link.rsplit('/', 1)[1]}"
    assert (await browser.call("POST", path, {"password": "short"})).status_code == 422
    entered = await browser.done("POST", path, {"password": "quite another sentence"})
    assert entered == {"next": f"/w/{cast.ben.slug}/home"}
    assert (await cast.ben.do("GET", "/me")).status_code == 401
    assert (await browser.call("POST", path, {"password": "and yet another one"})).status_code == 410
    old = await cast.nobody().call("POST", "/api/sign-in", {"email": cast.ben.email, "password": PASSWORD})
    assert old.status_code == 401


async def test_a_password_is_reset_from_the_command_line(house: House, cast: Cast) -> None:
    link = (await command(house, "reset-password", cast.ada.email.upper())).strip().removeprefix(house.origin)
    form = {"password": "from the command line"}
    entered = await cast.nobody().done("POST", f"/api/password-resets/{link.rsplit('/', 1)[1]}", form)
    assert entered == {"next": f"/w/{cast.ada.slug}/home"}


async def test_commands_that_cannot_work_say_why_in_one_sentence(house: House) -> None:
    gone = msgspec.structs.replace(house.settings, database_url="postgresql://app@/greenroom?host=/no/such/place")
    outcomes = await asyncio.gather(
        outcome(house.settings, "reset-password", "nobody@example.org"),
        outcome(gone, "reset-password", "ada@example.org"),
        outcome(gone, "setup-link"),
    )
    for (status, said, failed), words in zip(outcomes, ["nobody@example.org", *["cannot be reached"] * 2], strict=True):
        assert (status, said) == (1, "")
        assert failed.startswith("greenroom: ")
        assert words in failed
        assert failed.count("\n") == 1


async def test_a_colleague_joins_by_link_once(house: House, cast: Cast) -> None:
    made = await cast.ada.make("POST", "/invitations", {"email": "Eve@Example.org", "role": "recruiter"})
    people = await cast.ada.read("/people")
    assert [i["email"] for i in people["invitations"]] == ["Eve@Example.org"]
    assert (await cast.rae.read("/people"))["invitations"] == []
    path = made["link"].removeprefix(house.origin)
    browser = cast.nobody()
    page = await browser.page(path)
    assert page.status_code == 200
    assert "Eve@Example.org" in page.text
    form = {"name": "Eve", "password": PASSWORD}
    entered = await browser.done("POST", f"/api{path}/acceptance", form)
    assert entered == {"next": f"/w/{cast.ada.slug}/home"}
    assert (await browser.done("GET", cast.ada.at("/api/me")))["role"] == "recruiter"
    again = await cast.nobody().call("POST", f"/api{path}/acceptance", form)
    assert (again.status_code, again.json()["code"]) == (410, "link_expired")
    people = await cast.ada.read("/people")
    assert people["invitations"] == []
    assert "Eve" in [m["name"] for m in people["members"]]


async def test_a_known_account_joins_with_its_own_password_and_keeps_its_other_workspace(
    house: House, cast: Cast
) -> None:
    made = await cast.ada.make("POST", "/invitations", {"email": cast.dan.email, "role": "reviewer"})
    path = f"/api{made['link'].removeprefix(house.origin)}/acceptance"
    wrong = await cast.nobody().call("POST", path, {"name": "Dan", "password": "a guess by a stranger"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["password"])
    browser = cast.nobody()
    assert await browser.done("POST", path, {"name": "Dan", "password": PASSWORD})
    assert (await browser.done("GET", cast.ada.at("/api/me")))["role"] == "reviewer"
    assert (await browser.done("GET", cast.dan.at("/api/me")))["role"] == "owner"


async def test_a_withdrawn_or_replaced_invitation_is_worth_nothing(house: House, cast: Cast) -> None:
    wanted = {"email": "eve@example.org", "role": "reviewer"}
    first = await cast.ada.make("POST", "/invitations", wanted)
    second = await cast.ada.make("POST", "/invitations", {**wanted, "email": "EVE@example.org"})
    (row,) = (await cast.ada.read("/people"))["invitations"]
    assert (await cast.nobody().page(first["link"])).status_code == 410
    assert (await cast.dan.do("DELETE", f"/invitations/{row['id']}")).status_code == 404
    await cast.ada.make("DELETE", f"/invitations/{row['id']}")
    assert (await cast.nobody().page(second["link"])).status_code == 410


async def test_who_may_invite_and_make_owners(cast: Cast) -> None:
    admin = (await cast.ada.do("PATCH", f"/members/{cast.ben.id}", {"role": "admin"})).status_code
    assert admin == 200
    for role, status in [("owner", 422), ("king", 422), ("admin", 201)]:
        made = await cast.ben.do("POST", "/invitations", {"email": f"{role}@example.org", "role": role})
        assert made.status_code == status, made.text
    member = await cast.ada.do("POST", "/invitations", {"email": cast.rae.email.upper(), "role": "admin"})
    assert list(member.json()["fields"]) == ["email"]
    for method, who, body in [
        ("PATCH", cast.ada.id, {"role": "reviewer"}),
        ("PATCH", cast.rae.id, {"role": "owner"}),
        ("DELETE", cast.ada.id, None),
    ]:
        assert (await cast.ben.do(method, f"/members/{who}", body)).status_code == 403


async def test_the_last_owner_stays(cast: Cast) -> None:
    for method, body in [("DELETE", None), ("PATCH", {"role": "admin"})]:
        refused = await cast.ada.do(method, f"/members/{cast.ada.id}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    await cast.ada.make("PATCH", f"/members/{cast.ben.id}", {"role": "owner"})
    both = await asyncio.gather(
        cast.ada.do("DELETE", f"/members/{cast.ada.id}"), cast.ben.do("DELETE", f"/members/{cast.ben.id}")
    )
    assert sorted(r.status_code for r in both) == [200, 409]


async def test_who_was_removed_is_out_at_once_and_may_come_back_by_invitation(house: House, cast: Cast) -> None:
    job = await cast.job()
    await cast.ada.make("DELETE", f"/members/{cast.ben.id}")
    assert (await cast.ben.do("GET", f"/jobs/{job['id']}")).status_code == 401
    other = await cast.nobody().call("POST", "/api/sign-in", {"email": cast.ben.email, "password": PASSWORD})
    assert (other.status_code, other.json()["code"]) == (403, "forbidden")
    made = await cast.ada.make("POST", "/invitations", {"email": cast.ben.email, "role": "reviewer"})
    path = f"/api{made['link'].removeprefix(house.origin)}/acceptance"
    await cast.nobody().done("POST", path, {"name": "Ben", "password": PASSWORD})
    assert (await cast.ben.read("/me"))["role"] == "reviewer"
    assert (await cast.ben.read("/me"))["id"] == str(cast.ben.id)


async def test_everybody_may_leave(cast: Cast) -> None:
    assert (await cast.rae.do("DELETE", f"/members/{cast.ben.id}")).status_code == 403
    await cast.rae.make("DELETE", f"/members/{cast.rae.id}")
    assert (await cast.rae.do("GET", "/me")).status_code == 401


async def test_names_and_addresses_that_do_not_fit_are_refused_by_field(cast: Cast) -> None:
    token = await actions.make_setup_link()
    good = {"token": token, "workspace": "W", "name": "N", "email": "fits@example.org", "password": PASSWORD}
    for field, text in [
        ("workspace", "  "),
        ("workspace", "w" * 121),
        ("name", "\x00\x07"),
        ("name", "n" * 301),
        ("email", "no address"),
        ("email", "a\x00b@example.org"),
        ("email", "a@example..org"),
        ("email", "a@.example.org"),
        ("email", "a@example.org."),
        ("email", "a" * 250 + "@example.org"),
        ("password", "p" * 201),
    ]:
        refused = await cast.nobody().call("POST", "/api/setup", {**good, field: text})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, [field]), (field, refused.text)


async def test_workspaces_with_the_same_name_do_not_share_an_address(house: House, cast: Cast) -> None:
    names = [(await found(house.origin, house.transport, "Same")).slug for _ in range(2)]
    assert len(set(names)) == 2


def test_behind_tls_cookies_are_secure() -> None:
    for url, secure in [("https://jobs.example.org", True), ("", False)]:
        made = http.cookie("greenroom", "x", path="/", seconds=5, settings=Settings(public_url=url))
        assert bool(made.secure) is secure
        assert (made.httponly, made.samesite) == (True, "lax")


async def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": []}
    await http.protect(Settings(public_url="https://jobs.example.org"))(app)(scope, None, send)
    assert (b"strict-transport-security", b"max-age=31536000") in sent[0]["headers"]
