"""What is done to many candidates at once, the list of what happened, and taking it back later."""

import asyncio
from uuid import UUID, uuid4

from server.core import db
from tests.cast import Cast, Colleague, Json
from tests.server import crowd
from tests.server.house import House, counted, drain


async def board_of(cast: Cast, count: int = 3) -> tuple[Json, list[str]]:
    job = await cast.job()
    return job, await crowd.fill(job["id"], [job["stages"][0]["id"]], count)


async def lines(who: Colleague, job: Json) -> list[Json]:
    found: list[Json] = (await who.read(f"/jobs/{job['id']}/activity"))["entries"]
    return found


async def take_back(who: Colleague, job: Json, entry: Json) -> Json:
    return await who.make("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]})


async def messages_of(card: str) -> list[str]:
    return await db.rows(str, "SELECT body FROM message WHERE application_id = $1 ORDER BY id", UUID(card))


# Messages


async def test_each_gets_the_message_and_the_mail_exactly_once(house: House, cast: Cast) -> None:
    job = await cast.job(title="Baker {name}")
    people = [await cast.cleo(job, name) for name in ("Cleo Marchetti", "{sender} Ü", "Noor")]
    await people[0].make("POST", "/messages", {"body": "Are you there?"})
    cards = [one.application for one in people]
    await drain()
    before = [len(house.mails(one.email)) for one in people]
    path, body = f"/jobs/{job['id']}/messages", {"cards": cards, "text": " Hello {first_name}, {sender} here: {job}. "}
    first, second = await asyncio.gather(*(cast.ada.do("POST", path, body, key="the same key") for _ in range(2)))
    assert (first.status_code, first.text) == (201, second.text)
    assert [card["id"] for card in first.json()["cards"]] == cards
    assert [card["waiting"] for card in first.json()["cards"]] == [False] * 3
    for person, name in zip(people, ("Cleo", "{sender}", "Noor"), strict=True):
        written = (await person.read("/place"))["messages"][-1]
        assert written["body"] == f"Hello {name}, Ada here: Baker {{name}}."
        assert written["author"]["name"] == "Ada"
        assert len(await messages_of(person.application)) == (2 if person is people[0] else 1)
    payload = await db.value("SELECT payload FROM event WHERE id = $1", UUID(first.json()["event"]))
    assert payload
    await drain()
    assert [len(house.mails(one.email)) for one in people] == [count + 1 for count in before]
    await cast.ada.make("POST", path, body)  # once more within half an hour: one mail, when that is over
    await drain()
    assert [len(house.mails(one.email)) for one in people] == [count + 1 for count in before]
    (line,) = [one for one in await lines(cast.rae, job) if one["id"] == first.json()["event"]]
    assert (line["kind"], line["count"], line["undo"], line["by"]["name"]) == ("messaged", 3, "", "Ada")
    reply = await cast.ada.do("POST", f"/jobs/{job['id']}/reversals", {"event": line["id"]})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_undoable")


async def test_what_cannot_be_written_to_many(cast: Cast) -> None:
    job, (card, *_) = await board_of(cast)
    _, (foreign, *_) = await board_of(cast)
    path = f"/jobs/{job['id']}/messages"
    for cards, text, status in [
        ([], "Hello", 422), ([card, card], "Hello", 422), ([card], " ", 422), ([card], "Dear {salary}", 422),
        ([card], "x" * 10_001, 422), ([card, foreign], "Hello", 404),
        ([str(uuid4()) for _ in range(501)], "Hello", 422),
    ]:  # fmt: skip
        assert (await cast.ada.do("POST", path, {"cards": cards, "text": text})).status_code == status
    fields = (await cast.ada.do("POST", path, {"cards": [card], "text": "Dear {salary}"})).json()["fields"]
    assert fields["text"].startswith("There is no {salary}.")
    assert (await cast.rae.do("POST", path, {"cards": [card], "text": "Hello"})).status_code == 403
    assert (await cast.dan.do("POST", path, {"cards": [card], "text": "Hello"})).status_code == 404
    assert await messages_of(card) == []


# Assigning and tagging


async def team_of(card: str) -> tuple[str | None, list[str]]:
    found = await db.record("SELECT owner_id, reviewers FROM application WHERE id = $1", UUID(card))
    assert found is not None
    return found["owner_id"] and str(found["owner_id"]), sorted(map(str, found["reviewers"]))


async def test_many_are_assigned_and_get_back_whoever_they_had(cast: Cast) -> None:
    job, cards = await board_of(cast, 4)
    ada, ben, rae = (str(one.id) for one in (cast.ada, cast.ben, cast.rae))
    await cast.ada.make("POST", f"/applications/{cards[1]}/assignments", {"member": rae, "part": "owner"})
    await cast.ada.make("POST", f"/applications/{cards[2]}/assignments", {"member": ben, "part": "reviewer"})
    await cast.ada.make("POST", f"/applications/{cards[3]}/assignments", {"member": ben, "part": "owner"})
    before = [await team_of(card) for card in cards]
    path = f"/jobs/{job['id']}/assignments"
    done = await cast.ada.make("POST", path, {"cards": cards, "member": ben, "part": "owner"})
    assert [card["id"] for card in done["cards"]] == sorted(cards[:3])  # the fourth was his already
    assert [await team_of(card) for card in cards] == [(ben, [])] * 4
    assert (await cast.ada.make("POST", path, {"cards": cards, "member": ben, "part": "owner"})) == {
        "event": None,
        "cards": [],
    }
    await drain()
    inbox = [line for line in (await cast.ben.read("/inbox"))["notifications"] if line["kind"] == "made_owner"]
    assert len(inbox) == 4  # one by hand, and a line about each of a few
    await cast.ben.make("POST", f"/applications/{cards[0]}/assignments", {"member": ada, "part": "owner"})
    (line,) = [one for one in await lines(cast.ben, job) if one["id"] == done["event"]]
    assert (line["kind"], line["member"]["name"], line["part"], line["count"]) == ("assigned", "Ben", "owner", 3)
    back = await take_back(cast.ben, job, line)
    assert {card["id"] for card in back["cards"]} == set(cards[1:3])
    (refused,) = back["refused"]
    assert (refused["card"]["id"], refused["message"]) == (
        cards[0],
        "Ben made Ada the owner of Candidate Number 0 since; that stays.",
    )
    assert [await team_of(card) for card in cards] == [(ada, []), *before[1:]]


async def test_one_assignment_is_taken_back_unless_somebody_changed_it_since(cast: Cast) -> None:
    job, (card, *_) = await board_of(cast)
    ada, ben, rae = (str(one.id) for one in (cast.ada, cast.ben, cast.rae))
    path = f"/applications/{card}/assignments"
    for member, part in [(ben, "owner"), (rae, "reviewer"), (ada, "owner"), (ada, "")]:
        await cast.ada.make("POST", path, {"member": member, "part": part})
    off, second, reviewer, first = (await lines(cast.ben, job))[:4]
    assert [one["undo"] for one in (off, second, reviewer, first)] == ["open", "", "open", ""]
    refused = await cast.rae.do("POST", f"/jobs/{job['id']}/reversals", {"event": reviewer["id"]})
    assert refused.status_code == 403
    assert len((await take_back(cast.ben, job, reviewer))["cards"]) == 1
    assert await team_of(card) == (None, [])
    await take_back(cast.ben, job, off)
    assert await team_of(card) == (ada, [])
    await take_back(cast.ben, job, second)
    assert await team_of(card) == (ben, []), "the owner before comes back"
    newest, *_ = await lines(cast.ada, job)
    assert (newest["takes_back"], newest["undo"], newest["names"]) == (True, "", ["Candidate Number 0"])
    await drain()
    assert [line["kind"] for line in (await cast.ben.read("/inbox"))["notifications"]].count("made_owner") == 1
    # Taken off, and somebody else owns it since: giving it back would take it from them.
    await cast.ben.make("POST", path, {"member": ben, "part": ""})
    given, *_ = await lines(cast.ada, job)
    await cast.ada.make("POST", path, {"member": rae, "part": "owner"})
    back = await take_back(cast.ben, job, given)
    assert (back["cards"], back["refused"][0]["message"]) == (
        [], "Ada made Rae the owner of Candidate Number 0 since; that stays.",
    )  # fmt: skip
    assert await team_of(card) == (rae, [])
    # What was written before it was said what was before stays.
    entry, *_ = await lines(cast.ada, job)
    await db.execute("UPDATE event SET payload = payload - 'was' WHERE id = $1", UUID(entry["id"]))
    assert (await lines(cast.ada, job))[0]["undo"] == ""
    reply = await cast.ada.do("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_undoable")
    # What was taken back is not told as its opposite: nobody took Rae off twice.
    await cast.ada.make("POST", path, {"member": rae, "part": ""})
    off, *_ = await lines(cast.ada, job)
    await take_back(cast.ben, job, off)
    back = await take_back(cast.ben, job, given)
    assert back["refused"][0]["message"] == "Ben took back who looks after Candidate Number 0 since; that stays."
    person = (await cast.ada.read(f"/applications/{card}"))["card"]["candidate"]
    told = (await cast.ada.read(f"/candidates/{person}/timeline"))["entries"][:2]
    assert [(one["kind"], one["by"]["name"]) for one in told] == [("assignment_taken_back", "Ben"), ("assigned", "Ada")]


async def test_of_many_assigned_there_is_one_line(cast: Cast) -> None:
    job, cards = await board_of(cast, 6)
    body = {"cards": cards, "member": str(cast.rae.id), "part": "reviewer"}
    await cast.ada.make("POST", f"/jobs/{job['id']}/assignments", body)
    await drain()
    (line,) = (await cast.rae.read("/inbox"))["notifications"]
    assert (line["kind"], line["answers"], line["candidate"], line["about"]) == ("made_reviewer", 6, None, job["title"])
    assert line["url"].endswith(f"/jobs/{job['id']}?team={cast.rae.id}")
    for who, member, status in [(cast.rae, cast.rae, 403), (cast.dan, cast.dan, 404), (cast.ada, cast.dan, 422)]:
        reply = await who.do("POST", f"/jobs/{job['id']}/assignments", body | {"member": str(member.id)})
        assert reply.status_code == status


async def tags_of(card: str) -> list[str]:
    return await db.rows(
        str,
        "SELECT t.name FROM application a JOIN candidate_tag x ON x.candidate_id = a.candidate_id "
        "JOIN tag t ON t.id = x.tag_id WHERE a.id = $1 ORDER BY t.name",
        UUID(card),
    )


async def test_many_are_tagged_and_only_those_who_changed_are_put_back(cast: Cast) -> None:
    job, cards = await board_of(cast)
    path = f"/jobs/{job['id']}/tags"
    await cast.ada.make("POST", path, {"cards": cards[:1], "tag": "Senior", "put": True})
    done = await cast.ada.make("POST", path, {"cards": cards, "tag": " senior ", "put": True})
    assert sorted(card["id"] for card in done["cards"]) == sorted(cards[1:])
    assert [tag["name"] for tag in done["cards"][0]["tags"]] == ["Senior"]
    assert [tag["name"] for tag in await cast.ada.read("/tags")] == ["Senior"]
    entry = (await lines(cast.ada, job))[0]
    assert (entry["kind"], entry["tag"], entry["put"], entry["count"], entry["undo"]) == (
        "tagged", "Senior", True, 2, "open",
    )  # fmt: skip
    await take_back(cast.ben, job, entry)
    assert [await tags_of(card) for card in cards] == [["Senior"], [], []]
    entry, undone = (await lines(cast.ada, job))[:2]
    assert (entry["takes_back"], entry["undo"], entry["by"]["name"]) == (True, "", "Ben")
    assert (undone["undo"], undone["undone_by"]["name"]) == ("done", "Ben")
    off = await cast.ada.make("POST", path, {"cards": cards, "tag": "SENIOR", "put": False})
    assert [card["id"] for card in off["cards"]] == cards[:1]
    assert (await cast.ada.make("POST", path, {"cards": cards, "tag": "nobody", "put": False}))["event"] is None
    await take_back(cast.ada, job, (await lines(cast.ada, job))[0])
    assert await tags_of(cards[0]) == ["Senior"]
    for number in range(19):
        await cast.ada.make("POST", path, {"cards": cards[:1], "tag": f"tag {number}", "put": True})
    full = await cast.ada.do("POST", path, {"cards": cards, "tag": "one more", "put": True})
    assert (full.status_code, full.json()["fields"]["tag"]) == (
        422, "Candidate Number 0 has 20 tags already; nobody has more.",
    )  # fmt: skip
    assert await tags_of(cards[1]) == []
    assert (await cast.rae.do("POST", path, {"cards": cards, "tag": "x", "put": True})).status_code == 403
    assert (await cast.dan.do("POST", path, {"cards": cards, "tag": "x", "put": True})).status_code == 404


async def test_a_tag_that_was_merged_since_is_taken_back_as_what_it_is_now(cast: Cast) -> None:
    job, cards = await board_of(cast, 4)
    path = f"/jobs/{job['id']}/tags"
    await cast.ada.make("POST", path, {"cards": cards[:1], "tag": "Senior", "put": True})
    await cast.ada.make("POST", path, {"cards": cards[3:], "tag": "Lead", "put": True})
    done = await cast.ada.make("POST", path, {"cards": cards, "tag": "Snr", "put": True})
    tags = {tag["name"]: tag["id"] for tag in await cast.ada.read("/tags")}
    await cast.ben.make("POST", f"/tags/{tags['Snr']}/merges", {"into": tags["Senior"]})
    assert [await tags_of(card) for card in cards] == [["Senior"], ["Senior"], ["Senior"], ["Lead", "Senior"]]
    await cast.ben.make("POST", f"/tags/{tags['Senior']}/merges", {"into": tags["Lead"]})
    await cast.ada.make("POST", path, {"cards": cards[2:3], "tag": "Snr", "put": False})
    off = next(one for one in await lines(cast.ada, job) if one["kind"] == "tagged" and not one["put"])
    (line,) = [one for one in await lines(cast.ada, job) if one["id"] == done["event"]]
    assert (line["tag"], line["undo"]) == ("Lead", "open")
    # It goes from whom it came to by that: not from who was senior before, and not from who was to lead.
    back = await take_back(cast.ada, job, line)
    assert [card["id"] for card in back["cards"]] == [cards[1]]
    assert [await tags_of(card) for card in cards] == [["Lead"], [], [], ["Lead"]]
    await cast.ben.make("PATCH", f"/tags/{tags['Lead']}", {"name": "Boss"})
    assert [card["id"] for card in (await take_back(cast.ada, job, off))["cards"]] == [cards[2]]
    assert await tags_of(cards[2]) == ["Boss"]


# A person's own timeline


async def test_what_was_done_to_many_stands_in_the_timeline_of_each(cast: Cast) -> None:
    job, cards = await board_of(cast)
    stages = [stage["id"] for stage in job["stages"]]
    path, both = f"/jobs/{job['id']}", {"cards": cards[:2]}
    moves = [{"card": card, "stage": stages[1], "version": 1} for card in cards[:2]]
    moves += [{"card": cards[2], "stage": stages[0], "version": 1}]  # within its stage: nothing to tell of
    await cast.ada.make("POST", f"{path}/moves", {"cards": moves})
    await cast.ada.make("POST", f"{path}/tags", both | {"tag": "Senior", "put": True})
    await cast.ada.make("POST", f"{path}/tags", both | {"tag": "Senior", "put": False})
    await cast.ada.make("POST", f"{path}/messages", both | {"text": "Hello {first_name}"})
    await cast.ada.make("POST", f"{path}/assignments", both | {"member": str(cast.ben.id), "part": "owner"})
    people = dict(
        await db.rows(
            lambda *c: (str(c[0]), str(c[1])),
            "SELECT id, candidate_id FROM application WHERE id = ANY($1)",
            [UUID(card) for card in cards],
        )
    )

    async def told(card: str) -> list[Json]:
        found: list[Json] = (await cast.rae.read(f"/candidates/{people[card]}"))["timeline"]["entries"]
        return found

    expected = [
        ("assigned", "owner", ["Ben"], []),
        ("message_written", "Hello Candidate", [], []),
        ("candidate_tagged", "", [], ["Senior"]),
        ("candidate_tagged", "", ["Senior"], []),
        ("application_moved", "", ["Video"], ["Applied"]),
    ]
    for card in cards[:2]:
        entries = await told(card)
        assert [(one["kind"], one["text"], one["what"], one["was"]) for one in entries] == expected
        assert {one["by"]["name"] for one in entries} == {"Ada"}
        applications = {one["application"] for one in entries if one["kind"] != "candidate_tagged"}
        assert applications == {card}
    assert await told(cards[2]) == []
    # Of one event there are several lines when it concerned several applications of one person: they stay together.
    kept, gone = people[cards[0]], people[cards[1]]
    versions = [(await cast.ada.read(f"/candidates/{one}"))["version"] for one in (kept, gone)]
    body = {"other": gone, "version": versions[0], "other_version": versions[1]}
    await cast.ada.make("POST", f"/candidates/{kept}/merges", body)
    for number in range(22):
        await cast.ada.make("POST", f"/applications/{cards[0]}/notes", {"body": f"Note {number}"})
    page = (await cast.rae.read(f"/candidates/{kept}"))["timeline"]
    last = page["entries"][-1]["id"]
    older = await cast.rae.read(f"/candidates/{kept}/timeline?before={last}")
    kinds = [one["kind"] for one in [*page["entries"], *older["entries"]]]
    assert kinds == ["note_written"] * 22 + ["candidates_merged"] + [kind for kind, *_ in expected for _ in range(2)]
    assert (page["more"], older["more"]) == (True, False)


async def test_a_timeline_looks_up_what_was_done_to_many_by_an_index(cast: Cast) -> None:
    """However many such events there are: those that did not touch the person are not read."""
    await db.execute(
        "INSERT INTO event (id, workspace_id, actor, subject, kind, payload) SELECT gen_random_uuid(), $1, 'member:x', "
        "'none:x', 'candidates_tagged', jsonb_build_object('candidates', jsonb_build_array(gen_random_uuid())) "
        "FROM generate_series(1, 3000)",
        cast.ada.workspace,
    )
    await db.execute("ANALYZE event")
    plan = "\n".join(
        await db.rows(
            str,
            "EXPLAIN SELECT * FROM event e WHERE e.kind IN "
            "('applications_moved', 'assigned_together', 'candidates_tagged', 'messages_written') "
            "AND touched(e.payload) && $1::uuid[] AND e.workspace_id = $2 AND e.id < $3",
            [uuid4(), uuid4()],
            cast.ada.workspace,
            UUID(int=(1 << 128) - 1),
        )
    )
    assert "event_touched" in plan


# Taking moves back


async def test_a_move_is_taken_back_later_to_where_it_stood(cast: Cast) -> None:
    job, cards = await board_of(cast, 4)
    first, second = (stage["id"] for stage in job["stages"][:2])
    await cast.ada.make("POST", f"/applications/{cards[1]}/moves", {"stage": second, "version": 1})
    entry = (await lines(cast.rae, job))[0]
    assert (entry["kind"], entry["names"], entry["application"]) == ("moved", ["Candidate Number 1"], cards[1])
    assert (entry["stage_from"], entry["stage"], entry["undo"]) == ("Applied", "Video", "open")
    reply = await cast.rae.do("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]})
    assert reply.status_code == 403
    assert (await cast.dan.do("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]})).status_code == 404
    other = await cast.job()
    assert (await cast.ada.do("POST", f"/jobs/{other['id']}/reversals", {"event": entry["id"]})).status_code == 404
    back = await take_back(cast.ben, job, entry)
    assert [card["id"] for card in back["cards"]] == [cards[1]]
    assert await crowd.order(first) == cards
    again = await cast.ada.do("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "undone_already")
    assert again.json()["message"] == "Ben has taken this back already."


async def test_many_go_back_together_but_for_those_whom_somebody_moved_since(cast: Cast) -> None:
    job, cards = await board_of(cast, 6)
    first, second, third = (stage["id"] for stage in job["stages"][:3])
    chosen = [cards[1], cards[2], cards[4], cards[5]]
    moves = [{"card": card, "stage": third, "version": 1} for card in chosen]
    await cast.ada.make("POST", f"/jobs/{job['id']}/moves", {"cards": moves})
    entry = (await lines(cast.ada, job))[0]
    assert (entry["count"], entry["names"], entry["stage"]) == (
        4,
        [f"Candidate Number {n}" for n in (1, 2, 4)],
        "Review",
    )
    await cast.ben.make("POST", f"/applications/{cards[4]}/moves", {"stage": second, "version": 100})
    both = await asyncio.gather(
        *(who.do("POST", f"/jobs/{job['id']}/reversals", {"event": entry["id"]}) for who in (cast.ada, cast.ben))
    )
    assert sorted(reply.status_code for reply in both) == [200, 409]
    (done,) = [reply.json() for reply in both if reply.status_code == 200]
    assert {card["id"] for card in done["cards"]} == {cards[1], cards[2], cards[5]}
    (refused,) = done["refused"]
    assert refused["message"] == "Ben moved Candidate Number 4 to Video just now."
    assert await crowd.order(first) == [cards[0], cards[1], cards[2], cards[3], cards[5]]
    assert (await crowd.order(second), await crowd.order(third)) == ([cards[4]], [])


async def test_a_card_that_came_back_by_itself_is_not_moved_again(cast: Cast) -> None:
    job, (card, *_) = await board_of(cast)
    first, second = (stage["id"] for stage in job["stages"][:2])
    move = f"/applications/{card}/moves"
    for stage in (second, first, second):
        await cast.ada.make("POST", move, {"stage": stage, "version": 100})
    newest, middle, oldest = (await lines(cast.ada, job))[:3]
    assert [one["undo"] for one in (newest, middle, oldest)] == ["open", "", ""]
    back = await take_back(cast.ada, job, oldest)
    assert (back["cards"], len(back["refused"])) == ([], 1)
    assert await crowd.order(second) == [card]


async def test_the_list_is_read_page_by_page_at_one_price(house: House, cast: Cast) -> None:
    job = await cast.job()
    stages = [stage["id"] for stage in job["stages"]]
    prices = []
    for number in range(3):
        (card,) = await crowd.fill(job["id"], stages[:1], 1)
        await cast.ada.make("POST", f"/applications/{card}/moves", {"stage": stages[1], "version": 1})
        await cast.ada.make("POST", f"/applications/{card}/notes", {"body": f"Note {number}"})
        if number != 1:
            with counted() as statements:
                await lines(cast.ada, job)
            prices.append(len(statements))
    assert prices[0] == prices[1]
    for number in range(30):
        await cast.ada.make("POST", f"/applications/{card}/moves", {"stage": stages[number % 2], "version": 100})
    page = await cast.rae.read(f"/jobs/{job['id']}/activity")
    assert (len(page["entries"]), page["more"]) == (30, True)
    older = await cast.rae.read(f"/jobs/{job['id']}/activity?before={page['entries'][-1]['id']}")
    ids = [entry["id"] for entry in [*page["entries"], *older["entries"]]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == len(ids)
    assert older["entries"][-1]["kind"] in {"state", "edited"}
    assert (await cast.dan.do("GET", f"/jobs/{job['id']}/activity")).status_code == 404
