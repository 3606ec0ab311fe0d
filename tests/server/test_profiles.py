"""A person across all jobs: kept by the team, seen by all of it and by nobody else, told in one timeline."""

import asyncio
import io
import json
import zipfile
from urllib.parse import quote
from uuid import UUID

import docx
import pytest
from PIL import Image

from server.core import db, tasks
from server.core.errors import Invalid
from server.hiring.profiles.rules import check_value, name_on_disk
from tests.cast import Cast, Json, Visitor
from tests.server.house import House, counted, drain

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 47>>stream
BT /F 24 Tf 20 350 Td (Rewrote paste) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""


async def person_of(cast: Cast, cleo: Visitor) -> str:
    """Where the profile of somebody is."""
    view = await cast.ada.read(f"/applications/{cleo.application}")
    return f"/candidates/{view['card']['candidate']}"


async def test_particulars_are_kept_and_a_stale_edit_is_refused(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    change = {"version": 1, "phone": " +49  30 555 ", "headline": "<b>Editor</b> team", "links": ["github.com/cleo"]}
    view = await cast.ben.make("PATCH", person, change)
    assert (view["phone"], view["headline"], view["links"], view["version"]) == (
        "+49 30 555", "<b>Editor</b> team", ["https://github.com/cleo"], 2,
    )  # fmt: skip
    late = await cast.ada.do("PATCH", person, {"version": 1, "phone": "1"})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    for odd in ("javascript:alert(1)", "data:text/html,x", "//x", "a b", "https://x@evil.example"):
        assert (await cast.ada.do("PATCH", person, {"version": 2, "links": [odd]})).status_code == 422, odd
    renamed = await cast.ada.make("PATCH", person, {"version": 2, "name": "Cleopatra"})
    assert renamed["timeline"]["entries"][0]["what"] == ["name"]
    assert (await cleo.read("/place"))["name"] == "Cleopatra"


async def test_tags_are_words_of_the_workspace_and_stand_on_cards(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    view = await cast.ben.make("PUT", f"{person}/tags", {"tags": ["Rich text", " CRDT ", "crdt", "نص"]})
    assert sorted(tag["name"] for tag in view["tags"]) == ["CRDT", "Rich text", "نص"]
    again = await cast.ada.make("PUT", f"{person}/tags", {"tags": ["crdt", "Silver"]})
    assert [tag["name"] for tag in again["tags"]] == ["CRDT", "Silver"]
    assert len(again["vocabulary"]) == 4
    entry = again["timeline"]["entries"][0]
    assert (entry["what"], sorted(entry["was"]), entry["by"]["name"]) == (["Silver"], ["Rich text", "نص"], "Ada")
    job = (await cast.ada.read(f"/applications/{cleo.application}"))["job"]["id"]
    (card,) = (await cast.rae.read(f"/jobs/{job}/board"))["cards"]
    assert [tag["name"] for tag in card["tags"]] == ["CRDT", "Silver"]
    both = [cast.ada.do("PUT", f"{person}/tags", {"tags": [f"At once {n}"]}) for n in range(4)]
    assert {reply.status_code for reply in await asyncio.gather(*both)} == {200}
    assert len((await cast.ada.read(person))["tags"]) == 1
    assert (await cast.ada.do("PUT", f"{person}/tags", {"tags": ["x" * 41]})).status_code == 422


async def test_no_two_fields_have_one_name(cast: Cast) -> None:
    await cast.ada.make("POST", "/fields", {"name": "Notice  período", "kind": "text"})
    await cast.ada.make("POST", "/fields", {"name": "💶", "kind": "text"})
    for again, known in ((" notice PERIODO", "Notice período"), ("💶", "💶")):
        reply = await cast.ben.do("POST", "/fields", {"name": again, "kind": "number"})
        assert (reply.status_code, reply.json()["code"]) == (409, "field_taken")
        words = f"There is a field “{known}” already. Use that one, or choose another name."
        assert (reply.json()["message"], reply.json()["fields"]) == (words, {"name": words})
    both = [cast.ada.do("POST", "/fields", {"name": "Pay", "kind": "number"}) for _ in range(3)]
    assert sorted(reply.status_code for reply in await asyncio.gather(*both)) == [201, 409, 409]
    await cast.ben.make("POST", "/fields", {"name": "💷", "kind": "text"})
    await cast.dan.make("POST", "/fields", {"name": "Pay", "kind": "number"})


async def test_fields_hold_what_their_kind_can(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    made = {}
    for kind in ("text", "number", "date", "choice", "link"):
        body = {"name": f"A {kind}", "kind": kind, "choices": ["Yes", "No"]}
        made[kind] = (await cast.ben.make("POST", "/fields", body))["id"]
    for kind, good, kept, bad in [
        ("text", " 6 weeks ", "6 weeks", "x" * 2001),
        ("number", "74,5", "74.5", "many"),
        ("date", "2026-11-28", "2026-11-28", "tomorrow"),
        ("choice", "Yes", "Yes", "Perhaps"),
        ("link", "example.org/x", "https://example.org/x", "javascript:alert(1)"),
    ]:
        view = await cast.ben.make("PUT", f"{person}/fields/{made[kind]}", {"value": good})
        assert next(field["value"] for field in view["fields"] if field["id"] == made[kind]) == kept
        reply = await cast.ben.do("PUT", f"{person}/fields/{made[kind]}", {"value": bad})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid"), kind
    crowd = {"name": "C", "kind": "choice", "choices": [f"{number}" for number in range(51)]}
    assert (await cast.ben.do("POST", "/fields", crowd)).status_code == 422, "none of them is left out without a word"
    await cast.ben.make("DELETE", f"/fields/{made['text']}")
    assert len((await cast.ada.read(person))["fields"]) == 4
    strange = (await cast.dan.make("POST", "/fields", {"name": "Dan's", "kind": "text"}))["id"]
    assert (await cast.ada.do("PUT", f"{person}/fields/{strange}", {"value": "x"})).status_code == 404


def test_numbers_are_kept_as_one_means_them() -> None:
    for text, kept in [
        ("74 000", "74000"), ("74,000.5", "74000.5"), ("-1.50", "-1.5"), ("1e3", "1000"), ("74,000", "74000"),
        ("1.234,50", "1234.5"), ("1,234,567.5", "1234567.5"), ("0,125", "0.125"), ("3.875", "3.875"),
        ("1.234.567", "1234567"), ("74'000", "74000"), ("12,5", "12.5"),
    ]:  # fmt: skip
        assert check_value("number", [], text) == kept
    for odd in ("nan", "inf", "1e99", "1.2.3", "1,2,3"):
        with pytest.raises(Invalid):
            check_value("number", [], odd)


def letter() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("Maintainer of a rich text library")
    document.save(out)
    return out.getvalue()


def photograph() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1600, 800), "teal").save(out, "JPEG")
    return out.getvalue()


def heavy() -> bytes:
    """A document of a few kilobytes that unpacks to 100 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (100 << 20))
    return out.getvalue()


async def test_files_are_what_their_bytes_are_and_are_shown_as_pictures(
    house: House, cast: Cast, cleo: Visitor
) -> None:
    person = await person_of(cast, cleo)
    for name, data in (("cv.pdf", PDF), ("letter.pdf", letter()), ("me.html", photograph()), ("notes", "né".encode())):
        await cast.ben.make("POST", f"{person}/files?name={name}", content=data)
    await drain()
    files = {file["name"]: file for file in (await cast.rae.read(person))["files"]}
    assert {name: (file["kind"], file["state"], len(file["pictures"])) for name, file in files.items()} == {
        "cv.pdf": ("pdf", "read", 1), "letter.pdf": ("docx", "read", 0), "me.html": ("jpeg", "read", 1),
        "notes": ("text", "read", 0),
    }  # fmt: skip
    assert "Rewrote paste" in files["cv.pdf"]["text"]
    assert "rich text library" in files["letter.pdf"]["text"]
    page = await cast.rae.get(files["cv.pdf"]["pictures"][0])
    assert page.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(page.content)).width == 1000
    whole = await cast.rae.get(files["me.html"]["url"])
    assert whole.content == photograph()
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"] == 'attachment; filename="me.html.jpg"'
    assert "sandbox" in whole.headers["content-security-policy"]
    assert (await cast.dan.get(files["cv.pdf"]["url"].replace(cast.ada.slug, cast.dan.slug))).status_code == 404
    gone = files["cv.pdf"]["id"]
    await cast.ben.make("DELETE", f"{person}/files/{gone}")
    await drain()
    assert (await cast.rae.get(files["cv.pdf"]["url"])).status_code == 404
    assert not [path for path in house.settings.data.rglob("*") if gone in str(path)]


def test_a_file_is_saved_as_what_it_is() -> None:
    for name, kind, saved in [
        ("cv.pdf", "pdf", "cv.pdf"), ("CV.PDF", "pdf", "CV.PDF"), ("run.bat", "text", "run.bat.txt"),
        ("me.html", "jpeg", "me.html.jpg"), ("fdp.exe", "pdf", "fdp.exe.pdf"), ("cv.docm", "docx", "cv.docm.docx"),
        ("履歴書.pdf", "pdf", "履歴書.pdf"), ("../etc/passwd", "text", "_etc_passwd.txt"), ("...", "png", "file.png"),
        ("x" * 300, "pdf", f"{'x' * 120}.pdf"), (f"{'x' * 300}.pdf", "pdf", f"{'x' * 120}.pdf"),
    ]:  # fmt: skip
        assert name_on_disk(name, kind) == saved  # type: ignore[arg-type]


async def test_names_and_plain_text_come_back_in_any_script(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    for text in ("Über mich".encode("utf-16"), "Über mich".encode("windows-1252"), "Über mich".encode("utf-8-sig")):
        await cast.ada.make("POST", f"{person}/files?name=履歴書.txt", content=text)
    await drain()
    files = (await cast.ada.read(person))["files"]
    assert [(file["kind"], file["text"]) for file in files] == [("text", "Über mich")] * 3
    told = (await cast.ada.get(files[0]["url"])).headers["content-disposition"]
    assert told == f"attachment; filename=\"___.txt\"; filename*=UTF-8''{quote('履歴書')}.txt"


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00", b"<html><script>1</script>", b"PK\x03\x04 x", b"\xff\xfe\x00"])
async def test_bytes_that_are_no_document_are_refused(cast: Cast, cleo: Visitor, data: bytes) -> None:
    reply = await cast.ada.do("POST", f"{await person_of(cast, cleo)}/files?name=cv.pdf", content=data)
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_type")


async def test_a_file_that_cannot_be_read_stays_to_be_downloaded(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    for data in (b"%PDF-1.7 but nothing more", heavy(), b"\x89PNG\r\n\x1a\n and noise"):
        await cast.ada.make("POST", f"{person}/files?name=odd", content=data)
    await drain()
    files = (await cast.ada.read(person))["files"]
    assert [(file["state"], file["pictures"], file["text"]) for file in files] == [("unreadable", [], "")] * 3
    assert (await cast.ada.get(files[0]["url"])).status_code == 200


async def test_a_file_whose_reading_is_given_up_waits_no_longer_and_may_be_read_later(
    cast: Cast, cleo: Visitor
) -> None:
    person = await person_of(cast, cleo)
    view = await cast.ada.make("POST", f"{person}/files?name=cv.txt", content=b"I am Cleo.")
    (file,) = view["files"]
    for _ in range(2):
        assert await tasks._give_up("read_file", json.dumps(file["id"]).encode())
        assert [each["state"] for each in (await cast.ada.read(person))["files"]] == ["unreadable"]
    told = await db.value(
        "SELECT payload FROM realtime_log WHERE topic = $1 ORDER BY seq DESC", f"profile:{view['id']}"
    )
    assert json.loads(told)["type"] == "profile"
    await drain()  # the task is back in the queue
    assert await tasks._give_up("read_file", json.dumps(file["id"]).encode())
    (file,) = (await cast.ada.read(person))["files"]
    assert (file["state"], file["text"]) == ("read", "I am Cleo.")


async def test_the_timeline_tells_everything_of_every_application_a_page_at_a_time(cast: Cast) -> None:
    first = await cast.cleo(await cast.job(questions=1, title="First"), "Cleo", "cleo.twice@example.org")
    second = await cast.cleo(await cast.job(title="Second"), "Cleo", "cleo.twice@example.org")
    person = await person_of(cast, first)
    await first.write_everything()
    await first.make("POST", "/submission", {})
    await cast.ben.make("POST", f"/applications/{second.application}/notes", {"body": "Silver medallist <i>"})
    await first.make("POST", "/messages", {"body": "Is Monday fine?"})
    stages = (await cast.ada.read(f"/applications/{second.application}"))["stages"]
    move = {"stage": stages[3]["id"], "version": 10_000}
    await cast.ada.make("POST", f"/applications/{second.application}/moves", move)
    view = await cast.rae.read(person)
    assert [one["title"] for one in view["applications"]] == ["Second", "First"]
    assert all(one["consent_at"] for one in view["applications"])
    entries = view["timeline"]["entries"]
    told = [(entry["kind"], entry["title"], entry["text"], entry["by"] and entry["by"]["name"]) for entry in entries]
    assert told[:3] == [
        ("application_moved", "Second", "", "Ada"),
        ("message_written", "First", "Is Monday fine?", None),
        ("note_written", "Second", "Silver medallist <i>", "Ben"),
    ]
    assert (entries[0]["was"], entries[0]["what"]) == (["Applied"], ["Interview"])
    assert [kind for kind, *_ in told].count("applied") == 2
    seen = []
    for count in (1, 40):
        for number in range(count):
            await cast.ben.make("POST", f"/applications/{first.application}/notes", {"body": f"Note {number}"})
        with counted() as statements:
            view = await cast.ada.read(person)
        seen.append(len(statements))
    assert seen[0] == seen[1]
    assert (len(view["timeline"]["entries"]), view["timeline"]["more"]) == (30, True)
    last = view["timeline"]["entries"][-1]["id"]
    older = await cast.ada.read(f"{person}/timeline?before={last}")
    ids = [entry["id"] for entry in view["timeline"]["entries"] + older["entries"]]
    assert len(ids) == len(set(ids)) > 45
    assert ids == sorted(ids, reverse=True)


async def test_reviewers_read_profiles_and_change_nothing(cast: Cast, cleo: Visitor) -> None:
    person = await person_of(cast, cleo)
    assert (await cast.rae.page(cast.rae.at(person))).status_code == 200
    refused = await cast.rae.do("PATCH", person, {"version": 1, "phone": "1"})
    assert refused.status_code == 403
    assert await db.value("SELECT phone FROM candidate WHERE id = $1", UUID(person.rsplit("/", 1)[1])) == ""
    assert (await cast.dan.do("GET", person)).status_code == 404


async def test_who_was_imported_has_agreed_to_nothing_and_the_profile_says_whence(cast: Cast) -> None:
    from tests.server.lists import imported

    job: Json = await cast.job()
    await imported(cast.ben, job, "name,email\nPriya,priya@profile.example\n", name="meetup.csv")
    (card,) = (await cast.ada.read(f"/jobs/{job['id']}/board"))["cards"]
    view = await cast.ada.read(f"/candidates/{card['candidate']}")
    (application,) = view["applications"]
    assert (application["source"], application["consent_at"]) == ("Import", None)
    (entry,) = view["timeline"]["entries"]
    assert (entry["kind"], entry["what"], entry["by"]["name"], entry["title"]) == (
        "imported", ["meetup.csv"], "Ben", job["title"],
    )  # fmt: skip
