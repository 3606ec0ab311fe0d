"""Candidates from a file: whatever it is written in, every row is somebody or a sentence, and never twice."""

from pathlib import Path
from uuid import UUID

from server.core import db
from tests.cast import Cast, Colleague, Visitor
from tests.server.house import House, drain
from tests.server.lists import BASIC, bomb, bring, cards, counts, imported, let_in


async def test_a_list_is_looked_at_first_and_then_let_in(house: House, cast: Cast) -> None:
    job = await cast.job()
    view = await bring(cast.ben, job, BASIC)
    assert [(column["name"], column["field"]) for column in view["columns"]] == [
        ("Name", "name"), ("E-mail", "email"), ("Phone", "phone"),
    ]  # fmt: skip
    assert view["columns"][0]["cells"] == ["Priya Raman", "Kenji 渡辺"]
    assert counts(view["row"]) == ("ready", 2, 0, 0, 0)
    assert await cards(cast.ada, job) == [], "nothing has happened yet"
    assert counts(await let_in(cast.ben, view)) == ("done", 2, 0, 0, 0)
    assert await cards(cast.ada, job) == [("Priya Raman", "priya@raman.example"), ("Kenji 渡辺", "kenji@example.org")]
    assert house.mails("priya@raman.example") == [], "they have not applied, and agreed to nothing"
    assert await db.rows(
        lambda *c: c, "SELECT DISTINCT source, consent_at FROM application WHERE job_id = $1", UUID(job["id"])
    ) == [("Import", None)]
    for member in (cast.ada, cast.ben, cast.rae):
        (line,) = (await member.read("/inbox"))["notifications"]
        assert (line["kind"], line["answers"], line["about"]) == ("imported", 2, job["title"])
    kinds = await db.rows(str, "SELECT kind FROM event WHERE workspace_id = $1 ORDER BY id", cast.ada.workspace)
    assert [kind for kind in kinds if not kind.startswith("job")] == ["import_started", "import_ended"]
    assert not [path for path in Path(house.settings.data).rglob("*") if view["row"]["id"] in str(path)]


async def test_whoever_was_on_a_list_reads_that_the_team_added_them(house: House, cast: Cast) -> None:
    job = await cast.job()
    await imported(cast.ben, job, "name,mail\nNoor Haddad,noor@haddad.example\n")
    noor = Visitor(cast.origin, cast.transport)
    await noor.done("POST", "/c/link-requests", {"email": "noor@haddad.example"})
    await drain()
    token = house.links("noor@haddad.example")[-1].rpartition("/")[2]
    noor.application = (await noor.done("POST", "/c/links", {"token": token}))["next"].split("/")[3]
    place = await noor.read("/place")
    assert (place["added"], place["consented"]) == (True, False)


async def test_the_same_list_again_changes_what_is_new_and_duplicates_nobody(cast: Cast) -> None:
    job = await cast.job()
    await imported(cast.ada, job, BASIC)
    again = BASIC.replace("Priya Raman,priya@", "Priya Raman-Iyer,PRIYA@").replace("0142", "0143")
    row = await imported(cast.ada, job, again + "Noor,noor@example.org,\n")
    assert counts(row) == ("done", 1, 1, 1, 0)
    assert [name for name, _ in await cards(cast.ada, job)] == ["Priya Raman-Iyer", "Kenji 渡辺", "Noor"]
    phones = await db.rows(
        str, "SELECT phone FROM candidate WHERE workspace_id = $1 ORDER BY folded", cast.ada.workspace
    )
    assert phones == ["", "", "+49 30 555 0143"]


async def test_a_name_that_somebody_gave_here_stays_and_they_are_no_second_card(cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job, "Cleo Candidate", "cleo.import@example.org")
    row = await imported(cast.ada, job, "name;mail;city\nCLEO C.;Cleo.Import@Example.org;Lisbon\n")
    assert counts(row) == ("done", 0, 1, 0, 0)
    assert await cards(cast.ada, job) == [("Cleo Candidate", cleo.email)]
    assert await db.value("SELECT location FROM candidate WHERE folded = $1", cleo.email) == "Lisbon"
    other = await cast.job(title="Another job")
    assert counts(await imported(cast.ada, other, f"name,mail\nC,{cleo.email}\n")) == ("done", 1, 0, 0, 0)
    assert await db.value("SELECT count(*) FROM candidate WHERE folded = $1", cleo.email) == 1


async def test_every_bad_row_is_a_sentence_and_the_others_come_in(cast: Cast) -> None:
    job = await cast.job()
    long = "x" * 301
    text = (
        "Vorname;Nachname;E-Mail;Telefon;Webseite;Status\n"
        "Zoë;Ångström;zoe@example.org;;github.com/zoe;Interview\n"
        ";;nameless@example.org\n"
        "No;Mail;;\n"
        "Odd;Mail;odd at example\n"
        f"{long};;long@example.org\n"
        "Evil;Link;evil@example.org;;javascript:alert(1)\n"
        "Lost;Stage;lost@example.org;;;Nirvana\n"
        "Zoë;Again;ZOE@example.org\n"
        "<b>Bold</b> & 🫥;=1+1;bold@example.org;'+49 1\n"
    )  # fmt: skip
    view = await bring(cast.ada, job, text)
    assert [(fault["row"], fault["message"].split()[0]) for fault in view["faults"]] == [
        (3, "There"), (4, "There"), (5, "“odd"), (6, "The"), (7, "“javascript:alert(1)”"), (8, "This"), (9, "The"),
    ]  # fmt: skip
    assert counts(await let_in(cast.ada, view)) == ("done", 2, 0, 0, 7)
    assert {name for name, _ in await cards(cast.ada, job)} == {"Zoë Ångström", "<b>Bold</b> & 🫥 =1+1"}
    stage = await db.value(
        "SELECT s.name FROM application a JOIN stage s ON s.id = a.stage_id JOIN candidate c ON c.id = a.candidate_id "
        "WHERE c.folded = 'zoe@example.org' AND a.workspace_id = $1",
        cast.ada.workspace,
    )
    assert stage == "Interview"
    assert await db.value("SELECT phone FROM candidate WHERE folded = 'bold@example.org'") == "+49 1"


async def test_a_refused_file_says_why_and_can_be_put_away(house: House, cast: Cast) -> None:
    job = await cast.job()
    view = await bring(cast.ada, job, bomb(), "bomb.xlsx")
    assert view["row"]["state"] == "refused"
    assert "unpacks to far more" in view["row"]["refusal"]
    await cast.ada.make("POST", f"/imports/{view['row']['id']}/cancellation")
    await drain()
    assert (await cast.ada.read(f"/imports/{view['row']['id']}"))["row"]["state"] == "cancelled"
    assert not [path for path in Path(house.settings.data).rglob("*") if view["row"]["id"] in str(path)]


async def test_two_who_import_into_one_job_each_see_what_concerns_them(cast: Cast) -> None:
    job = await cast.job()
    path = f"/jobs/{job['id']}/imports"

    async def seen(who: Colleague) -> tuple[str | None, list[str]]:
        page = await who.read(path)
        return page["current"] and page["current"]["row"]["name"], [row["name"] for row in page["others"]]

    first = await bring(cast.ada, job, BASIC, "ada.csv")
    assert [await seen(who) for who in (cast.ada, cast.ben, cast.rae)] == [
        ("ada.csv", []), (None, ["ada.csv"]), (None, ["ada.csv"]),
    ]  # fmt: skip
    await bring(cast.ben, job, "Name,E-mail\nKim,kim@example.org\n", "ben.csv")
    assert await seen(cast.ada) == ("ada.csv", ["ben.csv"])
    version = first["row"]["version"]
    await cast.ada.make("POST", f"/imports/{first['row']['id']}/start", {"version": version})
    assert await seen(cast.ben) == ("ada.csv", ["ben.csv"]), "what runs is seen by all, who may stop it"
    await bring(cast.ada, job, "Name,E-mail\nLee,lee@example.org\n", "more.csv")
    assert await seen(cast.ben) == ("ben.csv", ["more.csv", "ada.csv"])
    await cast.ben.make("POST", f"/imports/{(await cast.ben.read(path))['current']['row']['id']}/cancellation")
    await drain()
    assert await seen(cast.ada) == ("more.csv", ["ada.csv"])
    assert await seen(cast.rae) == ("ada.csv", ["more.csv"])


async def test_tags_and_fields_come_with_a_list_and_take_nothing_away(cast: Cast) -> None:
    job, ada = await cast.job(), cast.ada
    notice = (await ada.make("POST", "/fields", {"name": "Notice", "kind": "number"}))["id"]
    cleo = await cast.cleo(job, "Cleo", "tagged@example.org")
    candidate = (await ada.read(f"/applications/{cleo.application}"))["card"]["candidate"]
    await ada.make("PUT", f"/candidates/{candidate}/tags", {"tags": ["Kept", "crdt"]})
    rows = (
        'name,email,Schlagwörter,Notice\nCleo,tagged@example.org,"CRDT; Rich text",6\nNew,new.tag@x.example,"Kept|<i>",'
    )
    view = await bring(cast.ben, job, rows)
    assert [column["field"] for column in view["columns"]] == ["name", "email", "tags", f"field:{notice}"]
    assert (await cast.rae.read("/tags"))[0]["people"] == 1, "nothing has happened yet"
    assert counts(await let_in(cast.ben, view)) == ("done", 1, 1, 0, 0)
    profile = await ada.read(f"/candidates/{candidate}")
    assert [tag["name"] for tag in profile["tags"]] == ["crdt", "Kept", "Rich text"]
    assert profile["fields"][0]["value"] == "6"
    by_name = {card["name"]: card for card in (await ada.read(f"/jobs/{job['id']}/board"))["cards"]}
    assert [tag["name"] for tag in by_name["New"]["tags"]] == ["<i>", "Kept"]
    assert counts(await imported(cast.ben, job, rows)) == ("done", 0, 0, 2, 0)
    other = await imported(cast.ben, job, rows.replace(",6", ",7"))
    assert counts(other) == ("done", 0, 1, 1, 0)


async def test_cells_that_a_field_or_a_tag_cannot_hold_are_told_in_words(cast: Cast) -> None:
    job, ada = await cast.job(), cast.ada
    await ada.make("POST", "/fields", {"name": "Notice", "kind": "number"})
    await ada.make("POST", "/fields", {"name": "Fit", "kind": "choice", "choices": ["Yes"]})
    many = ";".join(f"t{number}" for number in range(21))
    rows = f"name,email,tags,Notice,Fit\nA,a@f.example,,many,\nB,b@f.example,,,No\nC,c@f.example,{'x' * 41},,\n"
    view = await bring(ada, job, rows + f"D,d@f.example,{many},,\nE,e@f.example,,6,Yes\n")
    assert [fault["message"] for fault in view["faults"]] == [
        "Notice: Write a number. The file says “many”.",
        "Fit: Choose one from the list. The file says “No”.",
        "Tags: At most 40 characters, please.",
        "Tags: At most 20 tags on one person, please.",
    ]
    path, version = f"/imports/{view['row']['id']}", view["row"]["version"]
    for odd in ("field:" + str(view["row"]["id"]), "field:", "nothing", "name"):
        columns = ["name", "email", "tags", odd, ""]
        refused = await ada.do("PUT", f"{path}/mapping", {"version": version, "columns": columns})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), odd


async def test_a_list_brings_no_more_tags_than_a_workspace_or_a_person_has_room_for(cast: Cast) -> None:
    job = await cast.job()
    rows = [f"N{row},n{row}@room.example,{';'.join(f't{row}-{n}' for n in range(20))}" for row in range(26)]
    view = await bring(cast.ada, job, "name,email,tags\n" + "\n".join(rows))
    assert [fault["row"] for fault in view["faults"]] == [27]
    assert counts(await let_in(cast.ada, view)) == ("done", 25, 0, 0, 1)
    more = "name,email,tags\nN0,n0@room.example,t1-1\n"
    assert counts(await imported(cast.ada, job, more)) == ("done", 0, 0, 1, 0)
    assert await db.value("SELECT count(*) FROM tag WHERE workspace_id = $1", cast.ada.workspace) == 500
