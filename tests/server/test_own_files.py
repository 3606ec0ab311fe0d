"""What candidates bring themselves: theirs to see and to take back until they hand in, the team's to read."""

import asyncio
from uuid import UUID

import pytest

from server.core import db
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server.house import House, drain
from tests.server.test_profiles import PDF, heavy, letter, person_of

HTML = b"<!doctype html><script>alert(1)</script>"


async def test_a_candidates_file_is_theirs_to_see_and_the_teams_to_read(
    house: House, cast: Cast, cleo: Visitor
) -> None:
    own = await cleo.make("POST", "/files?name=lebenslauf%E2%80%AE.pdf", content=PDF)
    assert [(file["name"], file["bytes"]) for file in own["files"]] == [("lebenslauf.pdf", len(PDF))]
    assert (own["removable"], own["most"]) == (True, 5)
    await drain()
    view = await cast.rae.read(await person_of(cast, cleo))
    (file,) = view["files"]
    assert (file["by"], file["kind"], file["state"], len(file["pictures"])) == (None, "pdf", "read", 1)
    assert "Rewrote paste" in file["text"]
    entry = view["timeline"]["entries"][0]
    assert (entry["kind"], entry["by"], entry["what"], entry["title"]) == (
        "file_added", None, ["lebenslauf.pdf"], "Product engineer",
    )  # fmt: skip
    for who, url in ((cleo, own["files"][0]["url"]), (cast.rae, file["url"])):
        whole = await who.get(url)
        assert whole.content == PDF
        assert whole.headers["content-type"] == "application/octet-stream"
        assert whole.headers["content-disposition"] == 'attachment; filename="lebenslauf.pdf"'
        assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    other = await cast.cleo(await cast.job())
    assert (await other.get(other.at(f"/files/{file['id']}"))).status_code == 404
    assert (await other.do("DELETE", f"/files/{file['id']}")).status_code == 404
    assert (await other.read("/files"))["files"] == []
    assert (await cast.nobody().get(own["files"][0]["url"])).status_code == 401
    assert file["name"] not in str(await other.read("/place"))


async def test_it_can_be_taken_back_until_the_hand_in_and_the_team_can_delete_it_later(
    house: House, cast: Cast, cleo: Visitor
) -> None:
    person = await person_of(cast, cleo)
    first = (await cleo.make("POST", "/files?name=first.txt", content=b"First"))["files"][0]["id"]
    assert (await cleo.make("DELETE", f"/files/{first}"))["files"] == []
    await drain()
    assert not [path for path in house.settings.data.rglob("*") if first in str(path)]
    kinds = [(entry["kind"], entry["by"]) for entry in (await cast.ada.read(person))["timeline"]["entries"]]
    assert kinds[:2] == [("file_removed", None), ("file_added", None)]
    second = (await cleo.make("POST", "/files?name=second.txt", content=b"Second"))["files"][0]["id"]
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    refused = await cleo.do("DELETE", f"/files/{second}")
    assert (refused.status_code, refused.json()["code"]) == (409, "handed_in")
    late = await cleo.make("POST", "/files?name=late.txt", content=b"Late")
    assert ([file["name"] for file in late["files"]], late["removable"]) == (["second.txt", "late.txt"], False)
    await cast.ben.make("DELETE", f"{person}/files/{second}")
    assert [file["name"] for file in (await cleo.read("/files"))["files"]] == ["late.txt"]


async def test_whoever_follows_hears_of_it_once_and_is_led_to_it(cast: Cast, cleo: Visitor) -> None:
    async def lines(who: Colleague) -> list[Json]:
        await drain()
        return [line for line in (await who.read("/inbox"))["notifications"] if line["kind"] == "brought"]

    await cleo.make("POST", "/files?name=cv.txt", content=b"With the form: nobody looks after them yet")
    path = f"/applications/{cleo.application}"
    for member, part in ((cast.ben, "owner"), (cast.rae, "reviewer")):
        await cast.ada.make("POST", f"{path}/assignments", {"member": str(member.id), "part": part})
    await cast.rae.make("PUT", f"{path}/following", {"following": False})
    for name in ("one.txt", "two.txt"):
        await cleo.make("POST", f"/files?name={name}", content=b"Later")
    assert [len(await lines(who)) for who in (cast.ada, cast.ben, cast.rae)] == [0, 1, 0]
    (line,) = await lines(cast.ben)
    assert (line["name"], line["by"], line["about"]) == (cleo.name, None, "Product engineer")
    assert line["url"].endswith(await person_of(cast, cleo))
    await cast.ben.make("POST", "/inbox/reading", {"url": line["url"]})
    await cleo.make("POST", "/files?name=three.txt", content=b"Later still")
    assert len(await lines(cast.ben)) == 2
    await cast.ben.make("POST", await person_of(cast, cleo) + "/files?name=ours.txt", content=b"By the team")
    assert len(await lines(cast.ada)) == 0


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00", HTML, b"\xef\xbb\xbf" + HTML, b"  \n" + HTML, b"PK\x03\x04 x"])
async def test_what_is_no_document_leaves_nothing(cast: Cast, cleo: Visitor, data: bytes) -> None:
    reply = await cleo.do("POST", "/files?name=cv.pdf", content=data)
    assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_type")
    assert (await cleo.read("/files"))["files"] == []


async def test_hostile_documents_end_in_the_child_and_names_are_text(cast: Cast, cleo: Visitor) -> None:
    name = "<img src=x onerror=alert(1)>" + "ن" * 300
    for data in (heavy(), letter(), b"%PDF-1.7 but nothing more"):
        await cleo.make("POST", "/files", content=data, params={"name": name})
    await drain()
    files = (await cast.ada.read(await person_of(cast, cleo)))["files"]
    assert [file["state"] for file in files] == ["unreadable", "read", "unreadable"]
    assert {len(file["name"]) for file in files} == {300}
    page = await cleo.page(cleo.at("/"))
    assert "<img src=x" not in page.text
    assert (await cleo.get((await cleo.read("/files"))["files"][0]["url"])).status_code == 200


async def test_there_is_room_for_a_few_and_a_repeat_adds_none(cast: Cast, cleo: Visitor) -> None:
    for _ in range(2):
        await cleo.make("POST", "/files?name=a.txt", content=b"A", key="the same request")
    tries = [cleo.do("POST", f"/files?name={n}.txt", content=b"B") for n in range(8)]
    codes = sorted(reply.status_code for reply in await asyncio.gather(*tries))
    assert codes == [201] * 4 + [422] * 4
    assert len((await cleo.read("/files"))["files"]) == 5
    big = await cleo.do("POST", "/files?name=big.pdf", content=b"%PDF-" + bytes(15 << 20))
    assert (big.status_code, big.json()["code"]) == (413, "too_large")
    for _ in range(20):
        reply = await cleo.do("POST", "/files?name=more.txt", content=b"C")
    assert (reply.status_code, reply.json()["code"]) == (429, "throttled")


async def test_files_of_two_profiles_that_are_one_come_together_and_part_again(cast: Cast) -> None:
    job = await cast.job(questions=1)
    one, other = await cast.cleo(job, "Priya Raman"), await cast.cleo(await cast.job(), "Priya R")
    kept, gone = [(await person_of(cast, who)).rsplit("/", 1)[1] for who in (one, other)]
    await other.make("POST", "/files?name=before.txt", content=b"Before")
    body = {"other": gone, "version": 1, "other_version": 1}
    await cast.ada.make("POST", f"/candidates/{kept}/merges", body)
    await other.make("POST", "/files?name=after.txt", content=b"After")
    view = await cast.ada.read(f"/candidates/{kept}")
    assert {file["name"] for file in view["files"]} == {"before.txt", "after.txt"}
    assert (await one.read("/files"))["files"] == []
    await cast.ada.make("DELETE", f"/candidates/{kept}/merges/{view['merged'][0]['merge']}")
    assert {file["name"] for file in (await cast.ada.read(f"/candidates/{gone}"))["files"]} == {
        "before.txt", "after.txt",
    }  # fmt: skip
    assert (await cast.ada.read(f"/candidates/{kept}"))["files"] == []
    assert await db.value("SELECT count(*) FROM candidate_file WHERE candidate_id = $1", UUID(gone)) == 2
