"""The protocol that an offer comes by (RFC 9725): what is answered to whom, by which number and which headers."""

from uuid import UUID, uuid4

import pytest

from media import whip
from server.core import db
from tests.cast import Cast, Json, Visitor
from tests.server import takes
from tests.server.house import House

OFFER = b"v=0\r\n"


@pytest.fixture
async def cleo(cast: Cast) -> Visitor:
    return await cast.cleo(await cast.job())


async def ticket_of(house: House, cleo: Visitor) -> Json:
    return await takes.begin(house, cleo, (await cleo.questions())[0])


def headers(ticket: str, **more: str) -> dict[str, str]:
    return {"content-type": "application/sdp", "authorization": f"Bearer {ticket}"} | more


async def test_every_refusal_has_its_number_and_says_what_would_do(house: House, cast: Cast, cleo: Visitor) -> None:
    ticket = await ticket_of(house, cleo)
    url, word = ticket["whip_url"], ticket["ticket"]
    elsewhere = cleo.at(f"/whip/{uuid4()}")
    for where, sent, body, status, code in (
        (url, {"content-type": "application/json"}, b"{}", 415, "unsupported_type"),
        (url, {}, OFFER, 415, "unsupported_type"),
        (url, headers(word, accept="application/json"), OFFER, 406, "not_acceptable"),
        (url, headers(word), b"o=v", 400, "bad_offer"),
        (url, headers(word), b"v=0\xff", 400, "bad_offer"),
        (url, headers(word), OFFER + b"x" * whip.LONGEST_OFFER, 413, "too_large"),
        (url, headers("another"), OFFER, 401, "ticket_used"),
        (url, {"content-type": "application/sdp"}, OFFER, 401, "ticket_used"),
        (url, headers("") | {"authorization": f"Basic {word}"}, OFFER, 401, "ticket_used"),
        (elsewhere, headers(word), OFFER, 404, "not_found"),
    ):
        reply = await cleo.call("POST", where, content=body, headers=sent)
        assert (reply.status_code, reply.json()["code"]) == (status, code), (sent, reply.text)
        assert (reply.headers.get("www-authenticate") == "Bearer") == (status == 401)
    # none of that used the ticket; this does, though its recorder is gone (the scheme's name is written as one likes)
    reply = await cleo.call("POST", url, content=OFFER, headers=headers("") | {"authorization": f"bearer {word}"})
    assert (reply.status_code, reply.json()["code"]) == (503, "no_recorder")
    assert int(reply.headers["retry-after"]) > 0
    reply = await cleo.call("POST", url, content=OFFER, headers=headers(word))
    assert (reply.status_code, reply.json()["code"]) == (401, "ticket_used")


async def test_a_ticket_is_good_for_one_recording_and_two_minutes(house: House, cast: Cast, cleo: Visitor) -> None:
    ticket = await ticket_of(house, cleo)
    other = await cast.cleo(await cast.job(), "Max")
    theirs = await ticket_of(house, other)
    reply = await cleo.call("POST", ticket["whip_url"], content=OFFER, headers=headers(theirs["ticket"]))
    assert (reply.status_code, reply.json()["code"]) == (401, "ticket_used")
    stranger = await other.call("POST", ticket["whip_url"], content=OFFER, headers=headers(ticket["ticket"]))
    assert stranger.status_code in {401, 404}
    await db.execute(
        "UPDATE recording SET created_at = now() - interval '121 s' WHERE id = $1", UUID(ticket["recording"])
    )
    reply = await cleo.call("POST", ticket["whip_url"], content=OFFER, headers=headers(ticket["ticket"]))
    assert (reply.status_code, reply.json()["code"]) == (401, "ticket_used")


async def test_what_is_not_of_the_protocol_is_kept_free_for_its_future(house: House, cast: Cast, cleo: Visitor) -> None:
    url = (await ticket_of(house, cleo))["whip_url"]
    for person, where in ((cleo, url), (cast.ada, f"/w/{cast.ada.slug}/whip/{uuid4()}")):
        for method in ("GET", "HEAD", "PUT", "PATCH"):
            reply = await person.call(method, where)
            assert reply.status_code == 405, method
            assert set(reply.headers["allow"].replace(" ", "").split(",")) == {"OPTIONS", "POST", "DELETE"}
        # browsers ask without a cookie, and learn from whose pages an offer is taken: our own alone
        asked = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
        reply = await cast.nobody().call("OPTIONS", where, headers=asked)
        assert (reply.status_code, reply.headers["accept-post"]) == (200, "application/sdp")
        assert reply.headers["access-control-allow-origin"] == house.origin
        assert set(reply.headers["access-control-allow-methods"].split(", ")) == {"POST", "DELETE"}
    foreign = await cleo.call("POST", url, content=OFFER, headers={"origin": "https://elsewhere.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize(
    ("accept", "fine"),
    [
        ("", True),
        ("*/*", True),
        ("application/sdp", True),
        ("Application/*;q=0.1", True),
        ("text/html, application/sdp; q=0.5", True),
        ("text/html", False),
        ("application/json", False),
        ("*/*, application/sdp;q=0", False),
        ("application/sdp;q=0.000", False),
    ],
)
def test_a_client_may_say_what_it_takes(accept: str, fine: bool) -> None:
    try:
        whip.check_offer("application/sdp; charset=utf-8", accept, OFFER)
        told = 0
    except whip.Refused as refused:
        told = refused.status
    assert told == (0 if fine else 406)


def test_servers_for_the_way_through_are_named_in_links() -> None:
    turn = {"urls": ["turn:t.example:3478?transport=udp", "stun:s.example"], "username": "9:me", "credential": "a+/="}
    answer = whip.Answer("v=0", '"tag"')
    assert whip.created(answer, "/here", [turn])["Link"] == (
        '<turn:t.example:3478?transport=udp>; rel="ice-server"; username="9:me"; credential="a+/="; '
        'credential-type="password", <stun:s.example>; rel="ice-server"'
    )
    assert "Link" not in whip.created(answer, "/here")
