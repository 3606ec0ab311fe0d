"""The list: every order, page by page while others move cards, with where words were found, and as a file."""

import csv
import io
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import pytest

from server.core import db
from server.hiring.listing.columns import COLUMNS
from server.hiring.listing.rules import shown
from tests.cast import Cast, Json
from tests.server import crowd
from tests.server.house import counted, drain
from tests.server.test_search import CV, person

NAMES = ("Inês", "=SUM(1)", "Ödön", "<b>Zed</b>", "alice", "Bob")


async def listed(cast: Cast, job: Json, query: str = "", who: Any = None) -> Json:
    return await (who or cast.ada).read(f"/jobs/{job['id']}/list?{query}")


async def every(cast: Cast, job: Json, query: str, limit: int) -> list[Json]:
    """All lines, page by page."""
    found: list[Json] = []
    after = ""
    while True:
        page = await cast.ada.read(f"/jobs/{job['id']}/rows?{query}&most={limit}&after={quote(after)}")
        found += page["rows"]
        if page["end"] is None:
            return found
        after = page["end"]


def names(lines: list[Json]) -> list[str]:
    return [line["card"]["name"] for line in lines]


@pytest.fixture
async def job(cast: Cast) -> Json:
    """Six people in three stages, with something different in every column."""
    made = await cast.job(questions=1)
    stages = [stage["id"] for stage in made["stages"][:3]]
    kinds = [("Salary", "number"), ("Start", "date"), ("Remark", "text")]
    made["fields"] = [(await cast.ada.make("POST", "/fields", {"name": n, "kind": k}))["id"] for n, k in kinds]
    for number, name in enumerate(NAMES):
        (card,) = await crowd.fill(made["id"], [stages[number % 3]], 1, name)
        view = await cast.ada.read(f"/applications/{card}")
        path = f"/candidates/{view['card']['candidate']}"
        if number % 2:
            await cast.ada.make("PATCH", path, {"version": 1, "phone": f"+{number}", "location": f"Place {9 - number}"})
            await cast.ada.make("PUT", f"{path}/tags", {"tags": [f"Tag {9 - number}", "Zz"]})
            for field, value in zip(
                made["fields"], (str(10 ** (5 - number)), f"2026-01-0{number}", f"R{number}"), strict=True
            ):
                await cast.ada.make("PUT", f"{path}/fields/{field}", {"value": value})
            body = {"member": str((cast.ada if number == 1 else cast.ben).id), "part": "owner"}
            await cast.ada.make("POST", f"/applications/{card}/assignments", body)
            await cast.ada.make(
                "POST", f"/applications/{card}/assignments", {"member": str(cast.rae.id), "part": "reviewer"}
            )
        await db.execute(
            "UPDATE application SET source = $2, answers = $3, notes = $3, messages = $3, "
            "score = CASE WHEN $3 > 1 THEN 100 + 37 * ($3 % 4) END, "
            "promised_at = CASE WHEN $3 <> 2 THEN now() END, "
            "promise_due = CASE WHEN $3 <> 2 THEN now() - $3 * interval '1 hour' END WHERE id = $1",
            UUID(card),
            ("", "Import", "Meetup")[number % 3],
            number,
        )
    return made


def expected(lines: list[Json], value: Any, *, down: bool) -> list[str]:
    """Names in the order of a value; who has none comes last, the older first where two are alike."""
    there = [line for line in lines if value(line) is not None]
    there.sort(key=lambda line: line["card"]["id"])
    there.sort(key=value, reverse=down)
    none = sorted((line for line in lines if value(line) is None), key=lambda line: line["card"]["id"])
    return names(there + none)


async def test_every_column_sorts_both_ways_and_page_by_page(cast: Cast, job: Json) -> None:
    view = await listed(cast, job)
    lines = view["page"]["rows"]
    assert (len(lines), view["page"]["count"], view["page"]["end"]) == (6, 6, None)
    members = {str(who.id): who.name.lower() for who in (cast.ada, cast.ben, cast.rae)}
    stages = {stage["id"]: at for at, stage in enumerate(view["stages"])}
    salary, start, remark = job["fields"]

    scores = {name: number % 4 for number, name in enumerate(NAMES) if number > 1}

    def card(name: str) -> Any:
        return lambda line: line["card"][name]

    values: dict[str, Any] = {
        "name": lambda line: "".join({"ö": "o", "ê": "e"}.get(c, c) for c in line["card"]["name"].lower()),
        "stage": lambda line: (stages[line["card"]["stage"]], line["card"]["rank"].encode()),
        "waiting": card("promised"), "answers": card("answers"), "notes": card("notes"), "messages": card("messages"),
        "tags": lambda line: " ".join(tag["name"].lower() for tag in line["card"]["tags"]) or None,
        "source": lambda line: line["source"].lower() or None,
        "owner": lambda line: members.get(line["card"]["owner"]),
        "reviewers": lambda line: " ".join(members[one] for one in line["card"]["reviewers"]) or None,
        "email": card("line"), "phone": lambda line: line["phone"] or None, "headline": lambda _: None,
        "location": lambda line: line["location"].lower() or None, "added": card("created_at"),
        "changed": card("changed_at"), "score": lambda line: scores.get(line["card"]["name"]),
        f"field:{salary}": lambda line: float(line["fields"][salary]) if line["fields"] else None,
        f"field:{start}": lambda line: line["fields"].get(start),
        f"field:{remark}": lambda line: line["fields"].get(remark),
    }  # fmt: skip
    assert {name for name in values if ":" not in name} == set(COLUMNS)
    for name, value in values.items():
        for down in (False, True):
            query = f"sort={'-' if down else ''}{name}"
            assert names((await listed(cast, job, query))["page"]["rows"]) == expected(lines, value, down=down), query
            assert names(await every(cast, job, query, 2)) == expected(lines, value, down=down), query


async def test_pages_hold_everybody_once_while_others_move_cards(cast: Cast) -> None:
    job = await cast.job()
    stages = [stage["id"] for stage in job["stages"]]
    cards = await crowd.fill(job["id"], stages[:3], 60)
    moving, staying = cards[::4], {card for number, card in enumerate(cards) if number % 4}
    for query in ("sort=stage", "sort=-name", "sort=-changed", "sort=owner"):
        seen: list[str] = []
        after, turn = "", 0
        while True:
            page = await cast.ada.read(f"/jobs/{job['id']}/rows?{query}&most=7&after={quote(after)}")
            seen += [row["card"]["id"] for row in page["rows"]]
            if page["end"] is None:
                break
            after = page["end"]
            for _ in range(3):
                body = {"stage": stages[turn % 5], "version": 10_000}
                await cast.ben.make("POST", f"/applications/{moving[turn % len(moving)]}/moves", body)
                turn += 1
        there = [card for card in seen if card in staying]
        assert (len(there), set(there)) == (len(staying), staying), query


async def test_a_spot_of_another_order_is_refused_with_a_sentence(cast: Cast, job: Json) -> None:
    zero = UUID(int=0)
    for sort, after in (
        ("name", f'[1,"{zero}"]'), ("answers", f'["x","{zero}"]'), ("answers", "nonsense"), ("answers", '[1,"x"]'),
        ("answers", f'[{2**63},"{zero}"]'), ("name", f'["\\u0000","{zero}"]'), ("answers", f'[1.5,"{zero}"]'),
    ):  # fmt: skip
        reply = await cast.ada.do("GET", f"/jobs/{job['id']}/rows?sort={sort}&after={quote(after)}")
        assert (reply.status_code, list(reply.json()["fields"])) == (422, ["after"]), after
    for query in ("sort=nothing", "sort=field:x"):
        assert (await cast.ada.do("GET", f"/jobs/{job['id']}/list?{query}")).status_code == 422
    gone = await listed(cast, job, f"sort=-field:{zero}")
    assert names(gone["page"]["rows"]) == names((await listed(cast, job))["page"]["rows"])


async def test_the_list_is_narrowed_like_the_board_and_says_where_words_were_found(cast: Cast) -> None:
    job = await cast.job(questions=1)
    ann, bob, cid = [await cast.cleo(job, name) for name in ("Ann", "Bob", "Cid Quick")]
    note = f"Long ago. <@{cast.ben.id}>: a <i>Quïcker</i> décision " + "word " * 60
    await cast.rae.make("POST", f"/applications/{ann.application}/notes", {"body": note})
    await cast.ada.make("POST", f"/candidates/{await person(cast, bob)}/files?name=cv.txt", content=CV.encode())
    await drain()
    page = (await listed(cast, job, "q=quick&sort=name"))["page"]
    assert (names(page["rows"]), page["count"], page["filtered"]) == (["Ann", "Cid Quick"], 2, True)
    found = page["rows"][0]["found"]
    assert (found["where"], found["hit"]) == ("note", "Quïcker")
    assert found["before"].endswith("@Ben: a <i>")
    assert found["after"].startswith("</i> décision word")
    assert page["rows"][1]["found"] is None
    (line,) = (await listed(cast, job, "q=crdt"))["page"]["rows"]
    assert (line["found"]["where"], line["found"]["before"][-8:], line["found"]["hit"]) == ("file", "built a ", "CRDT")
    assert (await listed(cast, job, "q=cid+quikc"))["page"]["similar"]
    assert (await listed(cast, job, f"stage={job['stages'][4]['id']}"))["page"]["count"] == 0
    assert cid.name == "Cid Quick"


async def test_a_board_asks_where_words_stand_on_its_cards(cast: Cast) -> None:
    job = await cast.job()
    people = [await cast.cleo(job, name) for name in ("Ann", "Bob", "Cid Quick")]
    other = await cast.cleo(await cast.job(), "Elsewhere")
    prices = []
    for number, one in enumerate([*people, other]):
        await cast.rae.make("POST", f"/applications/{one.application}/notes", {"body": f"Quick, {number}"})
    cards = "&".join(f"card={one.application}" for one in [*people, other])
    for asked in (cards, f"card={people[0].application}"):
        with counted() as statements:
            finds = (await cast.rae.read(f"/jobs/{job['id']}/finds?q=quick&{asked}"))["found"]
        prices.append(len(statements))
    assert prices[0] == prices[1]
    found = (await cast.rae.read(f"/jobs/{job['id']}/finds?q=quick&{cards}"))["found"]
    assert set(found) == {one.application for one in people[:2]}, "neither whose name has it, nor another job's"
    assert finds == {people[0].application: found[people[0].application]}
    assert found[people[1].application] == {"where": "note", "before": "", "hit": "Quick", "after": ", 1"}
    for query in ("q=quick", "", cards, f"q=&{cards}"):
        assert (await cast.rae.read(f"/jobs/{job['id']}/finds?{query}"))["found"] == {}
    assert (await cast.rae.do("GET", f"/jobs/{job['id']}/finds?card=x")).status_code in {400, 422}
    assert (await cast.dan.do("GET", f"/jobs/{job['id']}/finds?q=quick&{cards}")).status_code == 404


def test_a_hit_is_cut_out_of_its_text_by_whole_letters() -> None:
    found = shown("note", "Zoë 🫥 met Müller-Lüdenscheid\nin   Ze\u0301phyr " + "y" * 200, ["mull", "nothing"])
    assert found is not None
    assert (found.before, found.hit, found.after[:16]) == ("Zoë 🫥 met ", "Müller", "-Lüdenscheid in ")
    zephyr = shown("note", "in Ze\u0301phyr. Ende", ["zeph"])
    assert zephyr is not None
    assert (zephyr.before, zephyr.hit, zephyr.after) == ("in ", "Ze\u0301phyr", ". Ende")
    assert shown("note", "remuller", ["mull"]) is None
    assert shown("note", "", ["x"]) is None
    c = shown("file", "C++ and node.js", ["node.js"])
    assert c is not None
    assert c.hit == "node.js"


async def test_what_is_shown_comes_as_csv_and_calculates_nothing(cast: Cast, job: Json) -> None:
    salary = job["fields"][0]
    await cast.ada.make("POST", "/fields", {"name": "=1+1", "kind": "text"})
    evil = (await listed(cast, job))["fields"][-1]["id"]
    query = urlencode({"sort": "-name", "columns": f"stage,field:{salary},tags,owner,field:{evil}", "source": "Import"})
    reply = await cast.ben.do("POST", f"/jobs/{job['id']}/list/exports", {"query": query})
    assert reply.headers["content-disposition"] == 'attachment; filename="product-engineer-list.csv"'
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["Name", "Stage", "Salary", "Tags", "Owner", "'=1+1"]
    shown_lines = (await listed(cast, job, query))["page"]["rows"]
    assert [row[0] for row in rows[1:]] == [name.replace("=SUM", "'=SUM") for name in names(shown_lines)]
    assert len(rows) > 1
    ((_, stage, said, tags, owner, _),) = [row for row in rows if row[0] == "'=SUM(1)"]
    assert (stage, said, tags, owner) == (job["stages"][1]["name"], "10000", "Tag 8, Zz", "Ada")
    assert await db.value("SELECT count(*) FROM event WHERE kind = 'candidates_exported'") > 0
    for who, status in ((cast.rae, 403), (cast.dan, 404)):
        assert (await who.do("POST", f"/jobs/{job['id']}/list/exports", {"query": ""})).status_code == status
    for wrong in ("sort=x", "columns=x", "x" * 5000, "&".join(f"a{n}=1" for n in range(300))):
        reply = await cast.ada.do("POST", f"/jobs/{job['id']}/list/exports", {"query": wrong})
        assert reply.status_code == 422, wrong


async def test_one_line_and_three_are_read_by_as_many_statements(cast: Cast) -> None:
    seen = []
    for count in (1, 3):
        job = await cast.job()
        for number in range(count):
            cleo = await cast.cleo(job, f"Person {number}")
            await cast.ada.make("POST", f"/applications/{cleo.application}/notes", {"body": "Quick"})
            await cast.ada.make("PUT", f"/candidates/{await person(cast, cleo)}/tags", {"tags": ["A", "B"]})
            await cast.ada.make("POST", f"/jobs/{job['id']}/views", {"name": "V", "layout": "list", "query": ""})
        for path in ("list", "list?q=quick", "rows?sort=name", "board?q=quick&owner=me", "views", "choices"):
            await cast.ada.read(f"/jobs/{job['id']}/{path}")
            with counted() as statements:
                await cast.ada.read(f"/jobs/{job['id']}/{path}")
            seen.append((count, path, len(statements)))
    half = len(seen) // 2
    assert [one[1:] for one in seen[:half]] == [three[1:] for three in seen[half:]]
    assert all(statements for _, _, statements in seen)


async def test_what_there_is_to_choose_from(cast: Cast, job: Json) -> None:
    found = await cast.rae.read(f"/jobs/{job['id']}/choices")
    assert found["sources"] == ["Import", "Meetup"]
    assert {tag["name"] for tag in found["tags"]} == {"Tag 8", "Tag 6", "Tag 4", "Zz"}, "the vocabulary"
    assert (await cast.rae.page(cast.rae.at(f"/jobs/{job['id']}/list?sort=-name"))).status_code == 200
