"""Lists of people as files, and what becomes of them."""

import io
import zipfile

import openpyxl

from tests.cast import Colleague, Json
from tests.server.house import drain

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


PEOPLE = "Name;E-mail\nAnn Lee;ann@x.example\n"


async def bring_unread(who: Colleague, job: Json) -> str:
    view = await who.make("POST", f"/jobs/{job['id']}/imports", content=b"name,email\nX,another@example.org\n")
    return str(view["row"]["id"])
