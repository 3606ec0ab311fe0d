"""Candidates from a file: whatever it is written in, every row is somebody or a sentence, and never twice."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest

from server.core import db
from server.hiring.transfers import working
from server.hiring.transfers.reading import Options, Unreadable, read
from server.hiring.transfers.rules import guess
from tests.cast import Cast, Colleague, Json
from tests.server.house import House, counted, drain

BASIC = "Name,E-mail,Phone\nPriya Raman,priya@raman.example,+49 30 555 0142\nKenji 渡辺,kenji@example.org,\n"


async def bring(who: Colleague, job: Json, data: bytes | str, name: str = "list.csv") -> Json:
    """A file that the worker has looked at."""
    content = data.encode() if isinstance(data, str) else data
    view = await who.make("POST", f"/jobs/{job['id']}/imports?name={name}", content=content)
    await drain()
    return await who.read(f"/imports/{view['row']['id']}")


async def let_in(who: Colleague, view: Json) -> Json:
    """It is imported to its end."""
    path = f"/imports/{view['row']['id']}"
    await who.make("POST", f"{path}/start", {"version": view["row"]["version"]})
    await drain()
    return (await who.read(path))["row"]


async def imported(who: Colleague, job: Json, data: bytes | str, **more: str) -> Json:
    return await let_in(who, await bring(who, job, data, **more))


async def cards(who: Colleague, job: Json) -> list[tuple[str, str]]:
    """(name, address) of everybody on the board, in its order."""
    return [(card["name"], card["line"]) for card in (await who.read(f"/jobs/{job['id']}/board"))["cards"]]


def counts(row: Json) -> tuple[str, int, int, int, int]:
    return row["state"], row["created"], row["updated"], row["unchanged"], row["failed"]


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


async def test_what_a_column_is_can_be_said_and_how_the_file_is_read(cast: Cast) -> None:
    job = await cast.job()
    view = await bring(cast.ada, job, "Zähler;Wer;Wo\n1;Jürgen Groß;j@example.org\n".encode("windows-1250"))
    assert (view["encoding"], view["sure"], view["delimiter"]) == ("windows-1252", False, ";")
    assert view["missing"] == "Say which column holds the names."
    path = f"/imports/{view['row']['id']}"
    refused = await cast.ada.do("POST", f"{path}/start", {"version": view["row"]["version"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    mapping = {
        "version": view["row"]["version"], "columns": ["", "name", "email"], "encoding": "windows-1250",
        "stage": job["stages"][2]["id"], "source": "Meetup 2026",
    }  # fmt: skip
    await cast.ada.make("PUT", f"{path}/mapping", mapping)
    assert (await cast.ben.do("PUT", f"{path}/mapping", mapping)).status_code == 409, "that was another version"
    await drain()
    view = await cast.ada.read(path)
    assert (view["missing"], view["row"]["created"], view["columns"][0]["name"]) == ("", 1, "Zähler")
    await let_in(cast.ada, view)
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    assert (card["name"], card["stage"]) == ("Jürgen Groß", job["stages"][2]["id"])


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A workbook of a few kilobytes whose sheet unpacks to 300 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("Name", "E-mail")))) as good, zipfile.ZipFile(out, "w") as bad:
        for item in good.infolist():
            if "sheet1" not in item.filename:
                bad.writestr(item, good.read(item))
        with bad.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            pass
        info = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
        info.compress_type = zipfile.ZIP_DEFLATED
        with bad.open(info, "w", force_zip64=True) as sheet:
            for _ in range(300):
                sheet.write(b" " * (1 << 20))
    return out.getvalue()


def laughs() -> bytes:
    """A workbook whose sheet is a billion laughs."""
    out = io.BytesIO()
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(io.BytesIO(workbook(("Name", "E-mail")))) as good, zipfile.ZipFile(out, "w") as bad:
        for item in good.infolist():
            data = good.read(item)
            if "sheet1" in item.filename:
                data = f"<!DOCTYPE x [{entities}]><worksheet><sheetData>&a9;</sheetData></worksheet>".encode()
            bad.writestr(item, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "names"),
    [
        (BASIC.encode("utf-8-sig"), "csv", ["Priya Raman", "Kenji 渡辺"]),
        (BASIC.encode("utf-16"), "csv", ["Priya Raman", "Kenji 渡辺"]),
        (BASIC.encode("utf-16-le"), "csv", ["Priya Raman", "Kenji 渡辺"]),
        (BASIC.replace(",", "\t").encode(), "csv", ["Priya Raman", "Kenji 渡辺"]),
        (b'Name;E-mail\r\n"M\xfcller; Jos\xe9";m@x.example\r\n', "csv", ["Müller; José"]),
        (b"Ada Lovelace,ada@x.example\nAlan,alan@x.example\n", "csv", ["Ada Lovelace", "Alan"]),
        (workbook(("Name", "E-mail", "Tel"), ("نور الدين", "n@x.example", 4930555.0), (), ("=1+1", "e@x.example")),
         "xlsx", ["نور الدين", ""]),
    ],
    ids=["mark", "utf-16", "utf-16 unmarked", "tabs", "the West", "no header", "xlsx"],
)  # fmt: skip
def test_files_are_read_as_they_are_written(tmp_path: Path, data: bytes, kind: str, names: list[str]) -> None:
    (tmp_path / "file").write_bytes(data)
    found = read(tmp_path / "file", tmp_path / "rows", Options())
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert (found.kind, found.rows, [row[0] for row in rows]) == (kind, len(names), names)
    assert found.header == (len(names) == found.rows and "Name" in found.names)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"  \n", "empty"),
        (lambda: b"Name,E-mail\n", "header"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 600, "old Excel"),
        (lambda: b"PK\x03\x04 nothing", "broken"),
        (lambda: bytes(range(256)) * 20, "not a table"),
        (lambda: b"a,b\n" * 20_002, "more than 20,000 rows"),
        (lambda: b"," * 500 + b"x\n" + b"y\n", "more than 400 columns"),
        (lambda: b"a,b\n" + b"x" * 20_001 + b",y\n", "longer than"),
        (bomb, "unpacks to far more"),
        (laughs, "broken"),
        (lambda: workbook()[:-400] + b"\0" * 400, "broken"),
    ],
    ids=["empty", "header only", "xls", "no archive", "bytes", "rows", "columns", "cell", "bomb", "laughs", "cut"],
)
def test_files_that_are_no_table_are_refused_in_words(tmp_path: Path, make: Callable[[], bytes], words: str) -> None:
    (tmp_path / "file").write_bytes(make())
    with pytest.raises(Unreadable, match=words):
        read(tmp_path / "file", tmp_path / "rows", Options())


async def test_a_refused_file_says_why_and_can_be_put_away(house: House, cast: Cast) -> None:
    job = await cast.job()
    view = await bring(cast.ada, job, bomb(), "bomb.xlsx")
    assert view["row"]["state"] == "refused"
    assert "unpacks to far more" in view["row"]["refusal"]
    await cast.ada.make("POST", f"/imports/{view['row']['id']}/cancellation")
    await drain()
    assert (await cast.ada.read(f"/imports/{view['row']['id']}"))["row"]["state"] == "cancelled"
    assert not [path for path in Path(house.settings.data).rglob("*") if view["row"]["id"] in str(path)]


def test_columns_are_guessed_in_many_languages() -> None:
    for names, fields in [
        (["Prénom", "Nom", "Adresse e-mail"], ["first_name", "last_name", "email"]),
        (["Apellidos", "Nombre", "Correo electrónico"], ["last_name", "first_name", "email"]),
        (["Imię i nazwisko", "E-mail", "Źródło"], ["name", "email", "source"]),
        (["氏名", "メールアドレス", "電話番号"], ["name", "email", "phone"]),
        (["ФИО", "Электронная почта", "Город"], ["name", "email", "location"]),
        (["FIRST_NAME", "Last-Name", "EMAIL", "email"], ["first_name", "last_name", "email", ""]),
    ]:
        assert guess(names, []) == fields
    assert guess(["A", "B"], [["x", "x@example.org"]]) == ["", "email"]
    assert len(guess([f"Column {number}" for number in range(200)], [])) == 200


async def test_ten_thousand_rows_come_in_batches_and_can_be_cancelled(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await cast.job()
    monkeypatch.setattr(working, "BATCH", 100)
    text = "name,email\n" + "".join(f"Somebody {n},s{n}@example.org\n" for n in range(350))
    view = await bring(cast.ada, job, text)
    path = f"/imports/{view['row']['id']}"
    topic = f"job:{job['id']}"
    before = await db.value("SELECT max(seq) FROM realtime_log WHERE topic = $1", topic)
    await cast.ada.make("POST", f"{path}/start", {"version": view["row"]["version"]})
    second = await bring_unread(cast.ben, job)
    whole = working._batch
    done = 0

    async def batch(*given: object) -> bool:
        nonlocal done
        done += 1
        if done == 3:
            await cast.ben.make("POST", f"{path}/cancellation")
        return await whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(working, "_batch", batch)
    await drain()
    row = (await cast.ada.read(path))["row"]
    assert (*counts(row), row["done"]) == ("cancelled", 200, 0, 0, 0, 200)
    columns = (await cast.ada.read(f"/jobs/{job['id']}/board"))["columns"]
    assert sum(column["count"] for column in columns) == 200
    rows = await db.rows(
        bytes, "SELECT payload FROM realtime_log WHERE topic = $1 AND seq > $2 ORDER BY seq", topic, before
    )
    told = [json.loads(payload)["type"] for payload in rows]
    assert (told.count("job"), told.count("card")) == (2, 0), "boards hear of batches, not of cards"
    ended = await db.rows(str, "SELECT payload FROM event WHERE kind = 'import_ended' AND subject = $1",
                          f"import:{row['id']}")  # fmt: skip
    assert [json.loads(payload)["cancelled"] for payload in ended] == [True]
    (line,) = (await cast.rae.read("/inbox"))["notifications"]
    assert line["answers"] == 200
    again = await cast.ada.read(f"/imports/{second}")
    assert counts(await let_in(cast.ada, again)) == ("done", 1, 0, 0, 0)


async def bring_unread(who: Colleague, job: Json) -> str:
    view = await who.make("POST", f"/jobs/{job['id']}/imports", content=b"name,email\nX,another@example.org\n")
    return str(view["row"]["id"])


async def test_a_batch_that_is_done_twice_counts_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await cast.job()
    view = await bring(cast.ada, job, BASIC)
    path = f"/imports/{view['row']['id']}"
    await cast.ada.make("POST", f"{path}/start", {"version": view["row"]["version"]}, key="one start")
    await cast.ada.make("POST", f"{path}/start", {"version": view["row"]["version"]}, key="one start")
    payload = json.dumps(view["row"]["id"]).encode()
    await working.run_import(payload)
    await working.run_import(payload)
    await drain()
    assert counts((await cast.ada.read(path))["row"]) == ("done", 2, 0, 0, 0)
    assert len((await cast.rae.read("/inbox"))["notifications"]) == 1


async def test_a_batch_needs_the_same_statements_for_one_row_and_for_three(house: House, cast: Cast) -> None:
    seen = []
    for rows in (1, 3):
        job = await cast.job()
        view = await bring(cast.ada, job, "name,email\n" + "".join(f"N{n},q{rows}{n}@x.example\n" for n in range(rows)))
        await cast.ada.make("POST", f"/imports/{view['row']['id']}/start", {"version": view["row"]["version"]})
        with counted() as statements:
            await working.run_import(json.dumps(view["row"]["id"]).encode())
        seen.append([text for text in statements if "typeinfo_tree" not in text])  # the driver's own, once a connection
    assert len(seen[0]) == len(seen[1]), [text for text in seen[0] if text not in seen[1]]


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
