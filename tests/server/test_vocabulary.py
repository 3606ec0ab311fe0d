"""The workspace's tags, where people came from, and putting somebody known into another job."""

import asyncio
from uuid import UUID, uuid4

import pytest

from server.core import db
from server.hiring.profiles import actions
from server.hiring.transfers import rules
from tests.cast import Cast, Json, Visitor
from tests.server.house import House, counted, drain
from tests.server.lists import imported
from tests.server.sockets import socket
from tests.server.test_profiles import person_of


async def tags_of(cast: Cast, cleo: Visitor) -> list[str]:
    return [tag["name"] for tag in (await cast.rae.read(await person_of(cast, cleo)))["tags"]]


async def board_of(cast: Cast, job: Json) -> Json:
    return await cast.rae.read(f"/jobs/{job['id']}/board")


async def test_a_tag_is_called_otherwise_everywhere(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleos = [await cast.cleo(job) for _ in range(2)]
    for cleo in cleos:
        await cast.ben.make("PUT", f"{await person_of(cast, cleo)}/tags", {"tags": ["CRDT", "Silver"]})
    crdt, silver = await cast.rae.read("/tags")
    assert [(tag["name"], tag["people"]) for tag in (crdt, silver)] == [("CRDT", 2), ("Silver", 2)]
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        await rae.next("hello")
        for topic in (f"job:{job['id']}", f"workspace:{cast.rae.workspace}"):
            await rae.subscribe(topic)
        named = await cast.ben.make("PATCH", f"/tags/{crdt['id']}", {"name": " Réplication ", "colour": 12})
        heard = {(await rae.next("event"))["payload"]["type"] for _ in range(2)}
    assert heard == {"profile", "job"}
    (first, *_) = named
    assert (first["name"], first["colour"], first["people"]) == ("Réplication", 12, 2)
    assert await tags_of(cast, cleos[0]) == ["Réplication", "Silver"]
    assert [tag["name"] for tag in (await board_of(cast, job))["cards"][0]["tags"]] == ["Réplication", "Silver"]
    taken = await cast.ada.do("PATCH", f"/tags/{silver['id']}", {"name": "replication"})
    assert (taken.status_code, taken.json()["code"]) == (409, "tag_taken")
    same = await cast.ada.make("PATCH", f"/tags/{crdt['id']}", {"name": "RÉPLICATION"})
    assert same[0]["name"] == "RÉPLICATION"
    for odd in ({"name": " "}, {"name": "x" * 41}, {"colour": 13}, {"colour": 0}):
        assert (await cast.ada.do("PATCH", f"/tags/{crdt['id']}", odd)).status_code == 422, odd
    left = await cast.ada.make("DELETE", f"/tags/{crdt['id']}")
    assert [tag["name"] for tag in left] == ["Silver"]
    assert await tags_of(cast, cleos[1]) == ["Silver"]
    entry = (await cast.ada.read(await person_of(cast, cleos[0])))["timeline"]["entries"][0]
    assert (entry["kind"], entry["what"]) == ("candidate_tagged", ["Silver"])


async def test_of_two_tags_that_want_one_name_one_gets_it_and_who_tags_meanwhile_waits(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    person = await person_of(cast, cleo)
    await cast.ben.make("PUT", f"{person}/tags", {"tags": ["One", "Two"]})
    one, two = await cast.ada.read("/tags")
    both = [cast.ada.do("PATCH", f"/tags/{tag['id']}", {"name": "Three"}) for tag in (one, two)]
    again = [cast.ben.do("PUT", f"{person}/tags", {"tags": ["One", f"More {n}"]}) for n in range(3)]
    codes = [reply.status_code for reply in await asyncio.gather(*both, *again)]
    assert sorted(codes[:2]) == [200, 409]
    assert codes[2:] == [200] * 3
    (card,) = (await board_of(cast, job))["cards"]
    assert [tag["name"] for tag in card["tags"]] == await tags_of(cast, cleo)


async def test_a_tag_becomes_part_of_another_and_what_named_it_means_that_one(house: House, cast: Cast) -> None:
    job = await cast.job()
    ann, bob, cid = [await cast.cleo(job, name) for name in ("Ann", "Bob", "Cid")]
    for cleo, names in ((ann, ["Snr", "CRDT"]), (bob, ["Snr", "Senior"]), (cid, ["Senior"])):
        await cast.ben.make("PUT", f"{await person_of(cast, cleo)}/tags", {"tags": names})
    _, senior, snr = await cast.rae.read("/tags")
    view = {"name": "Old", "layout": "board", "query": f"tag={snr['id']}"}
    kept = await cast.ada.make("POST", f"/jobs/{job['id']}/views", view)
    path = f"/tags/{snr['id']}/merges"
    assert await cast.ben.read(f"{path}/{senior['id']}") == {"people": 2, "into": 2, "both": 1}
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        await rae.next("hello")
        for topic in (f"job:{job['id']}", f"workspace:{cast.rae.workspace}"):
            await rae.subscribe(topic)
        left = await cast.ben.make("POST", path, {"into": senior["id"]})
        heard = {(await rae.next("event"))["payload"]["type"] for _ in range(2)}
    assert heard == {"profile", "job"}
    assert [(tag["name"], tag["people"]) for tag in left] == [("CRDT", 1), ("Senior", 3)]
    assert [await tags_of(cast, one) for one in (ann, bob, cid)] == [["CRDT", "Senior"], ["Senior"], ["Senior"]]
    # The view, an address and the list of everybody still ask for it; the timeline tells of it.
    everybody = ["Ann", "Bob", "Cid"]
    for query in (kept["query"], f"tag={senior['id']}", f"tag={snr['id']}&tag={senior['id']}"):
        cards = (await cast.rae.read(f"/jobs/{job['id']}/board?{query}"))["cards"]
        assert sorted(card["name"] for card in cards) == everybody, query
    choices = (await cast.rae.read(f"/jobs/{job['id']}/choices"))["tags"]
    assert [(tag["name"], tag["was"]) for tag in choices] == [("CRDT", []), ("Senior", [snr["id"]])]
    assert (await cast.rae.read("/candidates?tag=snr"))["count"] == 3
    (entry,) = (await cast.rae.read(await person_of(cast, ann)))["timeline"]["entries"][:1]
    assert sorted(entry["what"]) == ["CRDT", "Senior"]
    # Merged on, it means what that one became; with the last of them it is gone.
    (crdt, _) = left
    await cast.ben.make("POST", f"/tags/{senior['id']}/merges", {"into": crdt["id"]})
    assert len((await cast.rae.read(f"/jobs/{job['id']}/board?tag={snr['id']}"))["cards"]) == 3
    # Whoever types its name means that one as well, until a tag is called so.
    await cast.ben.make("PUT", f"{await person_of(cast, cid)}/tags", {"tags": ["Snr", "New"]})
    assert await tags_of(cast, cid) == ["CRDT", "New"]
    assert (await cast.rae.read("/candidates?tag=snr"))["count"] == 3
    choices = (await cast.rae.read(f"/jobs/{job['id']}/choices"))["tags"]
    assert [(tag["name"], tag["once"]) for tag in choices] == [("CRDT", ["senior", "snr"]), ("New", [])]
    (_, new) = await cast.rae.read("/tags")
    named = await cast.ben.make("PATCH", f"/tags/{new['id']}", {"name": "Snr"})
    assert [(tag["name"], tag["once"]) for tag in named] == [("CRDT", ["senior"]), ("Snr", [])]
    assert (await cast.rae.read("/candidates?tag=snr"))["count"] == 1
    await cast.ben.make("DELETE", f"/tags/{crdt['id']}")
    assert (await cast.rae.read(f"/jobs/{job['id']}/board?tag={snr['id']}"))["cards"] == []
    assert await db.value("SELECT count(*) FROM merged_tag WHERE id = $1", UUID(snr["id"])) == 0


async def test_the_name_of_a_merged_tag_means_the_other_for_many_and_in_files(cast: Cast) -> None:
    job = await cast.job()
    ann, bob = [await cast.cleo(job, name) for name in ("Ann", "Bob")]
    await cast.ben.make("PUT", f"{await person_of(cast, ann)}/tags", {"tags": ["Snr", "Senior"]})
    senior, snr = await cast.rae.read("/tags")
    await cast.ben.make("POST", f"/tags/{snr['id']}/merges", {"into": senior["id"]})
    path, cards = f"/jobs/{job['id']}/tags", [ann.application, bob.application]
    done = await cast.ben.make("POST", path, {"cards": cards, "tag": "SNR", "put": True})
    assert [card["id"] for card in done["cards"]] == [bob.application]
    await cast.ben.make("POST", path, {"cards": cards[:1], "tag": "snr", "put": False})
    assert [await tags_of(cast, one) for one in (ann, bob)] == [[], ["Senior"]]
    await imported(cast.ben, job, f'Name,E-mail,Tags\nAnn,{ann.email},"snr, Senior, Other"\nCid,cid@x.org,Snr\n')
    assert [(tag["name"], tag["people"]) for tag in await cast.rae.read("/tags")] == [("Other", 1), ("Senior", 3)]
    assert await tags_of(cast, ann) == ["Other", "Senior"]


async def test_a_full_vocabulary_still_takes_names_of_merged_tags(
    cast: Cast, cleo: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job()
    person = await person_of(cast, cleo)
    await cast.ben.make("PUT", f"{person}/tags", {"tags": ["Snr", "Senior"]})
    senior, snr = await cast.rae.read("/tags")
    await cast.ben.make("POST", f"/tags/{snr['id']}/merges", {"into": senior["id"]})
    for module in (actions, rules):
        monkeypatch.setattr(module, "MOST_WORDS", 1)
    await cast.ben.make("PUT", f"{person}/tags", {"tags": ["snr"]})
    row = await imported(cast.ben, job, "Name,E-mail,Tags\nCid,cid@x.org,Snr\nDee,dee@x.org,New\n")
    assert (row["created"], row["failed"]) == (1, 1)
    assert [(tag["name"], tag["people"]) for tag in await cast.rae.read("/tags")] == [("Senior", 2)]


async def test_who_tags_with_a_name_that_is_being_merged_gets_what_it_becomes(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("Ann", "Bob", "Cid", "Dee")]
    paths = [await person_of(cast, one) for one in people]
    for number in range(4):
        await cast.ben.make("PUT", f"{paths[0]}/tags", {"tags": ["Senior", f"Snr {number}"]})
        tags = {tag["name"]: tag["id"] for tag in await cast.ada.read("/tags")}
        merge = cast.ada.do("POST", f"/tags/{tags[f'Snr {number}']}/merges", {"into": tags["Senior"]})
        again = [cast.ben.do("PUT", f"{path}/tags", {"tags": [f"Snr {number}"]}) for path in paths[1:]]
        assert {reply.status_code for reply in await asyncio.gather(merge, *again)} == {200}
        assert [await tags_of(cast, one) for one in people] == [["Senior"]] * 4
        assert [tag["name"] for tag in await cast.ada.read("/tags")] == ["Senior"]


async def test_which_tags_can_be_merged(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    await cast.ben.make("PUT", f"{person}/tags", {"tags": ["One", "Two"]})
    one, two = [tag["id"] for tag in await cast.ada.read("/tags")]
    stranger = await cast.cleo(await cast.job(cast.dan))
    dans = (await cast.dan.read(f"/applications/{stranger.application}"))["card"]["candidate"]
    await cast.dan.make("PUT", f"/candidates/{dans}/tags", {"tags": ["Dan's"]})
    (foreign,) = [tag["id"] for tag in await cast.dan.read("/tags")]
    for who, into, status in (
        (cast.rae, two, 403), (cast.dan, foreign, 404), (cast.ada, foreign, 404), (cast.ada, str(uuid4()), 404),
        (cast.ada, one, 422),
    ):  # fmt: skip
        assert (await who.do("POST", f"/tags/{one}/merges", {"into": into})).status_code == status
        assert (await who.do("GET", f"/tags/{one}/merges/{into}")).status_code == status
    # Each into the other at once, while somebody tags with both: one of them is left, and everybody has it.
    merges = [cast.ada.do("POST", f"/tags/{a}/merges", {"into": b}) for a, b in ((one, two), (two, one))]
    again = [cast.ben.do("PUT", f"{person}/tags", {"tags": ["Two", "One", f"More {n}"]}) for n in range(4)]
    codes = [reply.status_code for reply in await asyncio.gather(*merges, *again)]
    assert sorted(codes[:2]) == [200, 404]
    assert codes[2:] == [200] * 4
    names = [tag["name"] for tag in await cast.ada.read("/tags") if tag["people"]]
    assert await tags_of(cast, cleo) == names


async def test_renaming_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    seen = []
    for count in (1, 3):
        job = await cast.job()
        for _ in range(count):
            await cast.ben.make("PUT", f"{await person_of(cast, await cast.cleo(job))}/tags", {"tags": [f"T{count}"]})
        tag = next(tag for tag in await cast.ada.read("/tags") if tag["name"] == f"T{count}")
        with counted() as statements:
            await cast.ada.make("PATCH", f"/tags/{tag['id']}", {"name": f"U{count}"})
        seen.append(len(statements))
    assert seen[0] == seen[1]


async def test_somebody_known_is_added_to_a_job_and_hears_nothing_unless_asked(
    house: House, cast: Cast, cleo: Visitor
) -> None:
    person = await person_of(cast, cleo)
    await drain()
    mails = len(house.mails(cleo.email))
    job, second = await cast.job(title="Second"), await cast.job(title="Third")
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        await rae.next("hello")
        await rae.subscribe(f"job:{job['id']}")
        view = await cast.ben.make("POST", f"{person}/applications", {"job": job["id"]})
        payload = (await rae.next("event"))["payload"]
    assert (payload["type"], payload["verb"], payload["by"]["name"]) == ("card", "applied", "Ben")
    new = view["applications"][0]
    assert (new["title"], new["source"], new["consent_at"]) == ("Second", "Added by hand", None)
    entry = view["timeline"]["entries"][0]
    assert (entry["kind"], entry["title"], entry["by"]["name"]) == ("application_added", "Second", "Ben")
    (card,) = (await board_of(cast, job))["cards"]
    assert (card["id"], card["stage"]) == (new["id"], job["stages"][0]["id"])
    await drain()
    assert len(house.mails(cleo.email)) == mails
    again = await cast.ben.do("POST", f"{person}/applications", {"job": job["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "already_there")
    both = [cast.ben.do("POST", f"{person}/applications", {"job": second["id"], "mail": True}) for _ in range(3)]
    assert sorted(reply.status_code for reply in await asyncio.gather(*both)) == [201, 409, 409]
    await drain()
    assert len(house.mails(cleo.email)) == mails + 1
    link = house.links(cleo.email)[-1].removeprefix("/c/link/")
    there = await cast.nobody().done("POST", "/c/links", {"token": link})
    assert there["next"].startswith("/c/a/")


async def test_nobody_is_added_to_what_is_closed_strange_or_not_theirs(cast: Cast, cleo: Visitor) -> None:
    person, job = await person_of(cast, cleo), await cast.job()
    await cast.ada.make("PUT", f"/jobs/{job['id']}/state", {"state": "closed"})
    closed = await cast.ada.do("POST", f"{person}/applications", {"job": job["id"]})
    assert (closed.status_code, closed.json()["code"]) == (409, "job_closed")
    dans = await cast.job(cast.dan)
    for body in ({"job": dans["id"]}, {"job": str(uuid4())}):
        assert (await cast.ada.do("POST", f"{person}/applications", body)).status_code == 404
    other = await cast.job()
    odd = {"job": other["id"], "stage": dans["stages"][0]["id"]}
    assert (await cast.ada.do("POST", f"{person}/applications", odd)).status_code == 422
    assert (await cast.rae.do("POST", f"{person}/applications", {"job": other["id"]})).status_code == 403
    assert await db.value("SELECT count(*) FROM application WHERE job_id = $1", UUID(other["id"])) == 0


async def test_where_somebody_came_from_stands_in_the_address_and_can_be_corrected(cast: Cast) -> None:
    job = await cast.job()
    public = job["public_url"].removeprefix(cast.origin)
    page = await cast.nobody().page(f"{public}?source=Meetup%20%22%3E%3Cscript%3E")
    assert 'name="source" value="Meetup &#34;&gt;&lt;script&gt;"' in page.text
    assert (await cast.nobody().page(f"{public}/apply?source=a&source=b")).status_code == 200
    form = {"name": "Cleo", "email": "from.meetup@example.org", "consent": True, "source": "  Meetup \n" + "ü" * 200}
    await cast.nobody().done("POST", f"{public}/applications", form)
    (card,) = (await board_of(cast, job))["cards"]
    person = f"/candidates/{card['candidate']}"
    (application,) = (await cast.rae.read(person))["applications"]
    assert application["source"] == ("Meetup " + "ü" * 200)[:120]
    path = f"/applications/{card['id']}/source"
    await cast.ben.make("PUT", path, {"source": " <b>Friend</b>  of Rae "})
    view = await cast.rae.read(person)
    assert view["applications"][0]["source"] == "<b>Friend</b> of Rae"
    assert (view["timeline"]["entries"][0]["kind"], view["timeline"]["entries"][0]["by"]["name"]) == (
        "source_set", "Ben",
    )  # fmt: skip
    assert (await cast.rae.do("PUT", path, {"source": "x"})).status_code == 403
    assert (await cast.dan.do("PUT", path, {"source": "x"})).status_code == 404
    assert (await cast.ben.do("PUT", path, {"source": "x" * 121})).status_code == 422
    assert (await cast.ben.make("PUT", path, {"source": ""}))["version"] > card["version"]


async def test_a_profile_hears_of_every_new_application(house: House, cast: Cast, cleo: Visitor) -> None:
    person = (await person_of(cast, cleo)).rsplit("/", 1)[1]
    job, listed = await cast.job(title="Second"), await cast.job(title="Third")
    async with socket(house, cast.rae.at("/live"), cast.rae) as rae:
        await rae.next("hello")
        await rae.subscribe(f"profile:{person}")
        for come in (cast.cleo(job, "Cleo", cleo.email), imported(cast.ben, listed, f"name,email\nC,{cleo.email}\n")):
            await come
            assert (await rae.next("event"))["payload"] == {"type": "profile", "candidate": person}
    titles = [one["title"] for one in (await cast.rae.read(f"/candidates/{person}"))["applications"]]
    assert titles == ["Third", "Second", "Product engineer"]


async def test_another_person_is_found_to_compare_with_and_merged(cast: Cast) -> None:
    job = await cast.job()
    priya, twin = await cast.cleo(job, "Priya Raman"), await cast.cleo(await cast.job(), "Prïya Raman-Iyer")
    long = await cast.cleo(await cast.job(), "ن" * 300, "x%_y@example.org")
    person = await person_of(cast, priya)
    for words, who in (("priya iyer", twin), (twin.email.split("@")[0], twin), ("ننن", long), ("x%_y", long)):
        found = await cast.ben.read(f"{person}/others?q={words.replace('%', '%25')}")
        assert [one["email"] for one in found] == [who.email], words
    for nothing in ("", "%25%25", "nobody"):
        assert await cast.ben.read(f"{person}/others?q={nothing}") == []
    (other,) = await cast.ben.read(f"{person}/others?q=priya")
    assert (other["why"], other["applications"]) == ("", ["Product engineer"])
    body = {"other": other["id"], "version": 1, "other_version": other["version"]}
    view = await cast.ben.make("POST", f"{person}/merges", body)
    assert len(view["applications"]) == 2
    assert await cast.ben.read(f"{person}/others?q=priya") == []
    assert (await cast.rae.do("GET", f"{person}/others?q=priya")).status_code == 403


async def test_a_profile_leads_on_along_the_stage_that_led_to_it(cast: Cast) -> None:
    job = await cast.job()
    three = [await cast.cleo(job) for _ in range(3)]
    person = await person_of(cast, three[1])
    around = (await cast.rae.read(f"{person}?application={three[1].application}"))["around"]
    assert [around[side]["application"] for side in ("previous", "next")] == [three[n].application for n in (0, 2)]
    assert f"/candidates/{around['next']['candidate']}" == await person_of(cast, three[2])
    assert (around["place"], around["places"]) == (2, 3)
    first = (await cast.rae.read(f"{await person_of(cast, three[0])}?application={three[0].application}"))["around"]
    assert first["previous"] is None
    assert (await cast.rae.read(person))["around"] is None
    assert (await cast.rae.read(f"{person}?application={three[0].application}"))["around"] is None


async def test_bulk_moves_and_assignments_are_told(cast: Cast, cleo: Visitor) -> None:
    view = await cast.ada.read(f"/applications/{cleo.application}")
    moved = {"cards": [{"card": cleo.application, "stage": view["stages"][3]["id"], "version": 10_000}]}
    await cast.ben.make("POST", f"/jobs/{view['job']['id']}/moves", moved)
    path = f"/applications/{cleo.application}/assignments"
    await cast.ada.make("POST", path, {"member": str(cast.rae.id), "part": "owner"})
    await cast.ada.make("POST", path, {"member": str(cast.rae.id), "part": ""})
    entries = (await cast.rae.read(await person_of(cast, cleo)))["timeline"]["entries"]
    told = [(entry["kind"], entry["by"]["name"], entry["text"], entry["what"], entry["was"]) for entry in entries[:3]]
    assert told == [
        ("assigned", "Ada", "", ["Rae"], []),
        ("assigned", "Ada", "owner", ["Rae"], []),
        ("application_moved", "Ben", "", ["Interview"], ["Applied"]),
    ]
    assert entries[2]["title"] == "Product engineer"


async def test_a_profile_costs_the_same_whatever_happened(cast: Cast, cleo: Visitor) -> None:
    view = await cast.ada.read(f"/applications/{cleo.application}")
    others = [await cast.cleo({**view["job"], "public_url": await public_of(cast, view)}) for _ in range(2)]
    person, seen = await person_of(cast, cleo), []
    for count in (1, 4):
        for number in range(count):
            cards = [who.application for who in (cleo, *others)]
            stage = view["stages"][2 + number % 2]["id"]
            moved = {"cards": [{"card": card, "stage": stage, "version": 10_000} for card in cards]}
            await cast.ben.make("POST", f"/jobs/{view['job']['id']}/moves", moved)
            await cleo.make("POST", f"/files?name={count}{number}.txt", content=b"A")
            await cast.ada.make("PUT", f"{person}/tags", {"tags": [f"T{count}{number}", f"U{count}{number}"]})
            job = await cast.job(title=f"Job {number}")
            await cast.ada.make("POST", f"{person}/applications", {"job": job["id"]})
            part = {"member": str(cast.rae.id), "part": "owner" if number % 2 else "reviewer"}
            await cast.ada.make("POST", f"/applications/{cleo.application}/assignments", part)
        with counted() as statements:
            await cast.ada.read(f"{person}?application={cleo.application}")
        seen.append(len(statements))
    assert seen[0] == seen[1]


async def public_of(cast: Cast, view: Json) -> str:
    job = await cast.ada.read(f"/jobs/{view['job']['id']}")
    return str(job["public_url"])
