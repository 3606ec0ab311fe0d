"""Files as they are brought: read as they are written, or refused in words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from server.hiring.transfers import working
from server.hiring.transfers.reading import Options, Unreadable, read
from server.hiring.transfers.rules import guess
from tests.cast import Cast
from tests.server.house import drain
from tests.server.lists import BASIC, PEOPLE, bomb, bring, counts, laughs, let_in, workbook


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
    rows = [json.loads(line)[1] for line in (tmp_path / "rows").read_text().splitlines()]
    assert (found.kind, found.rows, [row[0] for row in rows]) == (kind, len(names), names)
    assert found.header == (len(names) == found.rows and "Name" in found.names)


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (PEOPLE.encode(), 2),
        (b"sep=;\r\n" + PEOPLE.encode(), 2),
        (b"\xef\xbb\xbfsep=;\r\n" + PEOPLE.encode(), 2),
        (b"Candidates, March;\n;\n" + PEOPLE.encode(), 4),
        (workbook(("Candidates, March",), (), ("", "Name", "E-mail"), ("", "Ann Lee", "ann@x.example")), 4),
        (workbook(("Name", "E-mail", "Tel"), ("Ann Lee", "ann@x.example", "#N/A")), 2),
    ],
    ids=["as usual", "sep", "sep after a mark", "title", "title in a sheet", "calculated wrongly"],
)
def test_the_names_of_columns_are_found_below_what_stands_above_them(tmp_path: Path, data: bytes, number: int) -> None:
    (tmp_path / "file").write_bytes(data)
    found = read(tmp_path / "file", tmp_path / "rows", Options())
    assert (found.header, [name for name in found.names if "Column" not in name][:2]) == (True, ["Name", "E-mail"])
    ((row, cells),) = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert (row, [cell for cell in cells if cell]) == (number, ["Ann Lee", "ann@x.example"])
    if number == 4:
        whole = read(tmp_path / "file", tmp_path / "rows", Options(header=False))
        assert whole.rows == 3, "whoever says that no row names the columns has them all"


async def test_rows_are_counted_as_in_the_sheet_empty_ones_included(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BATCH", 2)
    job = await cast.job()
    text = "Name,E-mail\nOne,one@example.org\n\n,\nFive,five\nSix,six@example.org\n\nEight,eight@example.org\n"
    view = await bring(cast.ada, job, text)
    assert [fault["row"] for fault in view["faults"]] == [5]
    assert view["row"]["rows"] == 4
    assert counts(await let_in(cast.ada, view)) == ("done", 3, 0, 0, 1)


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
        (lambda: b'Name,E-mail\nA,a@x.example\n"B,b@x.example\nC,c@x.example\n', "opens a cell in row 3"),
        (lambda: b'Name,E-mail\nA,"', "opens a cell in row 2"),
        (bomb, "unpacks to far more"),
        (laughs, "broken"),
        (lambda: workbook()[:-400] + b"\0" * 400, "broken"),
    ],
    ids=[
        "empty",
        "header only",
        "xls",
        "no archive",
        "bytes",
        "rows",
        "columns",
        "cell",
        "quote",
        "last quote",
        "bomb",
        "laughs",
        "cut",
    ],
)
def test_files_that_are_no_table_are_refused_in_words(tmp_path: Path, make: Callable[[], bytes], words: str) -> None:
    (tmp_path / "file").write_bytes(make())
    with pytest.raises(Unreadable, match=words):
        read(tmp_path / "file", tmp_path / "rows", Options())


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
