"""Filters of boards and lists beyond stages and names, and words that are found in what people wrote and said."""

from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from server.core import db
from server.hiring.applications.filters import unspaced
from tests.cast import Cast, Json, Visitor
from tests.server.house import drain
from tests.server.lists import imported
from tests.server.test_filters import board, names
from tests.server.test_stranger import recorded

CV = (
    "“Lead” engineer—remote.\n"
    "TypeScript/React, node.js, C++; built a CRDT <b>editor</b> at Müller & Söhne. Владивосток."
)


async def person(cast: Cast, cleo: Visitor) -> str:
    view = await cast.ada.read(f"/applications/{cleo.application}")
    return str(view["card"]["candidate"])


@pytest.fixture
async def scene(cast: Cast) -> Json:
    """Four people: Ann is noted about, Bob has written an answer, Cid has said one, Dee has a CV."""
    job = await cast.job(questions=1)
    people = {name: await cast.cleo(job, name) for name in ("Ann", "Bob", "Cid", "Dee")}
    await cast.rae.make(
        "POST", f"/applications/{people['Ann'].application}/notes", {"body": "A <i>Quïck</i> décision: yes"}
    )
    (question,) = await people["Bob"].questions()
    await people["Bob"].make("PUT", f"/questions/{question}/text", {"text": "I refactored the scheduler's heap."})
    (question,) = await people["Cid"].questions()
    recording, take = await recorded(people["Cid"], question)
    await people["Cid"].make("POST", f"/takes/{take}/acceptance", {})
    cues = [{"start_ms": 0, "end_ms": 900, "text": "We shipped the migration on a Sunday"}]
    await cast.ada.make("PUT", f"/recordings/{recording}/captions", {"version": 0, "cues": cues})
    await cast.ada.make(
        "POST", f"/candidates/{await person(cast, people['Dee'])}/files?name=cv.txt", content=CV.encode()
    )
    await drain()
    return {"job": job, "people": people}


RUNS = {
    "Japanese": "私は東京大学で日本語を勉強しました。ﾃﾞｰﾀﾍﾞｰｽも。",
    "Chinese": "在北京的大学学习计算机科学,熟悉React和数据库",
    "Korean": "저는 서울에서 데이터베이스를 개발했습니다.",
}


async def test_words_are_found_inside_of_what_is_written_without_spaces(cast: Cast) -> None:
    job = await cast.job(questions=1)
    people = {name: await cast.cleo(job, name) for name in RUNS}
    notes = {name: f"/applications/{one.application}/notes" for name, one in people.items()}
    await cast.ada.make("POST", notes["Japanese"], {"body": RUNS["Japanese"]})
    (question,) = await people["Chinese"].questions()
    await people["Chinese"].make("PUT", f"/questions/{question}/text", {"text": RUNS["Chinese"]})
    (question,) = await people["Korean"].questions()
    recording, take = await recorded(people["Korean"], question)
    await people["Korean"].make("POST", f"/takes/{take}/acceptance", {})
    cues = [{"start_ms": 0, "end_ms": 900, "text": RUNS["Korean"]}]
    await cast.ada.make("PUT", f"/recordings/{recording}/captions", {"version": 0, "cues": cues})
    expected = {
        "京大学": ["Japanese"], "日本語": ["Japanese"], "大学": ["Chinese", "Japanese"], "語": ["Japanese"],
        "データベース": ["Japanese"], "ﾍﾞｰｽ": ["Japanese"], "本学": [], "计算机": ["Chinese"], "数据库": ["Chinese"],
        "熟悉reac": ["Chinese"], "react": ["Chinese"], "大学 react": ["Chinese"], "学大": [], "베이스": ["Korean"],
        "개발": ["Korean"], "개발했습니다": ["Korean"], "개": ["Korean"], "서울 개발": ["Korean"],
    }  # fmt: skip
    assert {q: names(await board(cast, job, f"q={quote(q)}")) for q in expected} == expected
    # What is shown of it is the word, however far into a long text it stands.
    await cast.ada.make("POST", notes["Korean"], {"body": "あいうえお" * 200 + "東京" + "かきくけこ" * 30})
    (line,) = (await cast.ada.read(f"/jobs/{job['id']}/list?q={quote('お東')}"))["page"]["rows"]
    assert (line["found"]["where"], line["found"]["hit"]) == ("note", "お東")
    assert (line["found"]["before"][-2:], line["found"]["after"][:2]) == ("うえ", "京か")
    await cast.ada.make("POST", notes["Japanese"], {"body": "あいうえお" * 200 + "大学でReactorとデータ"})
    line, _ = (await cast.ada.read(f"/jobs/{job['id']}/list?q=react&sort=-name"))["page"]["rows"]
    assert (line["found"]["before"][-3:], line["found"]["hit"], line["found"]["after"]) == (
        "大学で",
        "Reactor",
        "とデータ",
    )


async def test_texts_that_were_there_before_are_found_as_well(cast: Cast, scene: Json) -> None:
    """The migration indexes them anew: its columns are made by the functions that search."""
    for table, column in (("note", "body"), ("answer", "text"), ("captions", "words"), ("candidate_file", "text")):
        stale = f"SELECT count(*) FROM {table} WHERE search IS DISTINCT FROM words_in({column})"  # noqa: S608 - ours
        assert await db.value(stale) == 0
    async with db.transaction():  # as a backup is restored
        await db.execute("SET LOCAL search_path = ''")
        assert await db.value("SELECT public.words_in('私は日本語') OPERATOR(pg_catalog.@@) public.sought('日本')")
        assert await db.value("SELECT public.touched('{}') = '{}'")
    worst = "".join(chr(0x20000 + number * 7919 % 40_000) for number in range(200_000))
    assert await db.value("SELECT length(words_in($1))", worst) > 30_000, "the longest text that could be fits"
    letters = [
        *range(0x3041, 0x3097),
        *range(0x30A1, 0x30FB),
        0x4E00,
        0x9FFF,
        0xAC00,
        0xD7A3,
        0x20000,
        0x41,
        0xE9,
        0x416,
    ]
    ours = await db.rows(
        bool, "SELECT chr(n) ~ unspaced() FROM unnest($1::int[]) WITH ORDINALITY AS x (n, i) ORDER BY i", letters
    )
    assert ours == [unspaced(chr(letter)) for letter in letters]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("quick", ["Ann"]), ("QUÏ", ["Ann"]), ("decision", ["Ann"]), ("<i>", ["Ann", "Bob"]), ("sched", ["Bob"]),
        ("heap refactored", ["Bob"]), ("sunday", ["Cid"]), ("migrations", []), ("react", ["Dee"]), ("node.js", ["Dee"]),
        ("müller", ["Dee"]), ("sohne", ["Dee"]), ("ВЛАДИ", ["Dee"]), ("crdt dee", ["Dee"]), ("crdt ann", []),
        ("crdt sunday", []), ("at", ["Dee"]), ("a", ["Ann"]), ("b", ["Bob"]), ("' | !x & (", []), ("c++", ["Dee"]),
        ("lead", ["Dee"]), ("remote", ["Dee"]),
    ],
)  # fmt: skip
async def test_words_are_found_wherever_they_stand(cast: Cast, scene: Json, asked: str, found: list[str]) -> None:
    there = await board(cast, scene["job"], f"q={quote(asked)}")
    assert (names(there), there["filtered"]) == (found, True)


async def test_a_slip_in_a_name_is_forgiven_only_where_no_text_has_the_word(cast: Cast) -> None:
    job = await cast.job()
    gita, other = await cast.cleo(job, "Gita Sharma"), await cast.cleo(job, "Somebody Else")
    assert (names(await board(cast, job, "q=sharna")), gita.name) == (["Gita Sharma"], "Gita Sharma")
    await cast.ada.make("POST", f"/applications/{other.application}/notes", {"body": "Knows Sharna"})
    there = await board(cast, job, "q=sharna")
    assert (names(there), there["similar"]) == (["Somebody Else"], False)


async def test_what_was_merged_into_a_profile_is_found_with_it(cast: Cast, scene: Json) -> None:
    people = scene["people"]
    kept, gone = await person(cast, people["Ann"]), await person(cast, people["Dee"])
    tags = await cast.ada.make("PUT", f"/candidates/{gone}/tags", {"tags": ["Meetup"]})
    body = {"other": gone, "version": 1, "other_version": tags["version"]}
    await cast.ada.make("POST", f"/candidates/{kept}/merges", body)
    assert names(await board(cast, scene["job"], "q=react")) == ["Ann", "Dee"]
    assert names(await board(cast, scene["job"], f"tag={tags['tags'][0]['id']}")) == ["Ann", "Dee"]


async def test_several_tags_must_all_be_there(cast: Cast, scene: Json) -> None:
    people, job = scene["people"], scene["job"]
    ids: dict[str, str] = {}
    for name, tags in (("Ann", ["Go", "Rust"]), ("Bob", ["Go"])):
        view = await cast.ada.make("PUT", f"/candidates/{await person(cast, people[name])}/tags", {"tags": tags})
        ids |= {tag["name"]: tag["id"] for tag in view["tags"]}
    assert names(await board(cast, job, f"tag={ids['Go']}")) == ["Ann", "Bob"]
    assert names(await board(cast, job, f"tag={ids['Go']}&tag={ids['Rust']}")) == ["Ann"]
    assert names(await board(cast, job, f"tag={uuid4()}")) == []


async def test_whose_they_are(cast: Cast, scene: Json) -> None:
    people, job = scene["people"], scene["job"]
    for name, member, part in [("Ann", cast.ada, "owner"), ("Bob", cast.ben, "owner"), ("Bob", cast.ada, "reviewer")]:
        body = {"member": str(member.id), "part": part}
        await cast.ada.make("POST", f"/applications/{people[name].application}/assignments", body)
    expected = {
        "owner=me": ["Ann"], f"owner={cast.ben.id}": ["Bob"], f"owner=me&owner={cast.ben.id}": ["Ann", "Bob"],
        "owner=nobody": ["Cid", "Dee"], "owner=nobody&owner=me": ["Ann", "Cid", "Dee"], "reviewer=me": ["Bob"],
        "reviewer=nobody": ["Ann", "Cid", "Dee"], "team=me": ["Ann", "Bob"], "owner=me&reviewer=me": [],
    }  # fmt: skip
    for query, found in expected.items():
        assert names(await board(cast, job, query)) == found, query
    bens = await cast.ben.read(f"/jobs/{job['id']}/board?owner=me")
    assert names(bens) == ["Bob"]
    for field in ("owner", "reviewer", "tag", "unread", "team"):
        reply = await cast.ada.do("GET", f"/jobs/{job['id']}/board?{field}=elsewhere")
        assert (reply.status_code, list(reply.json()["fields"])) == (422, [field])


async def test_where_they_came_from(cast: Cast) -> None:
    job: Any = await cast.job()
    await cast.cleo(job, "Ann")
    await imported(cast.ada, job, "name,email\nBob,bob@source.example\n")
    assert names(await board(cast, job, "source=Import")) == ["Bob"]
    assert names(await board(cast, job, "source=")) == ["Ann"], "who came by themselves"
    assert names(await board(cast, job, "source=%00Import&source=Elsewhere")) == ["Bob"]


async def test_what_is_unread_is_each_members_own(cast: Cast, scene: Json) -> None:
    people, job = scene["people"], scene["job"]
    await cast.ada.make("POST", "/inbox/reading", {})
    await cast.ben.make("POST", "/inbox/reading", {})
    await people["Bob"].make("POST", "/messages", {"body": "Any news?"})
    await drain()
    assert names(await board(cast, job, "unread=me")) == ["Bob"]
    assert names(await board(cast, job, "waiting=1")) == ["Bob"]
    await cast.ada.make("POST", "/inbox/reading", {})
    assert names(await board(cast, job, "unread=me")) == []
    assert names(await cast.ben.read(f"/jobs/{job['id']}/board?unread=me")) == ["Bob"]


async def test_words_of_another_workspace_find_nobody(cast: Cast, scene: Json) -> None:
    job = await cast.job(cast.dan)
    await cast.cleo(job, "Nobody Special")
    there = await cast.dan.read(f"/jobs/{job['id']}/board?q=quick")
    assert there["cards"] == []
    assert await db.value("SELECT count(*) FROM note WHERE search @@ sought('quick')") > 0


async def test_texts_of_every_length_are_kept(cast: Cast, scene: Json) -> None:
    cleo = scene["people"]["Ann"]
    for body in ("x" * 10_000, " ".join(f"w{number}" for number in range(1_600)), "🫥" * 5_000, "٠١٢ نور"):
        await cast.ada.make("POST", f"/applications/{cleo.application}/notes", {"body": body})
    words = " ".join(f"{uuid4().hex}" for _ in range(6_000))[:200_000]
    await db.execute(
        "UPDATE candidate_file SET text = $2 WHERE candidate_id = $1",
        UUID(await person(cast, scene["people"]["Dee"])),
        words,
    )
    assert names(await board(cast, scene["job"], f"q={words[:32]}")) == ["Dee"]
    assert names(await board(cast, scene["job"], "q=نور")) == ["Ann"]
