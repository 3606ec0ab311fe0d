"""Two profiles of one person: found, compared, made one with nothing lost, and two again when that was a mistake."""

import asyncio
from uuid import UUID

import pytest

from server.core import db
from server.hiring.profiles.rules import similar
from tests.cast import Cast, Json, Visitor
from tests.server.house import House, drain
from tests.server.test_stranger import recorded


class Two:
    """Priya, who came twice: under two addresses, with one telephone."""

    def __init__(self, cast: Cast, kept: Visitor, other: Visitor, ids: list[str]) -> None:
        self.cast, self.kept, self.other = cast, kept, other
        self.kept_id, self.other_id = ids

    @property
    def path(self) -> str:
        return f"/candidates/{self.kept_id}"

    async def body(self, **more: str) -> Json:
        view, other = [await self.cast.ada.read(f"/candidates/{one}") for one in (self.kept_id, self.other_id)]
        return {"other": self.other_id, "version": view["version"], "other_version": other["version"], **more}


@pytest.fixture
async def two(cast: Cast) -> Two:
    job = await cast.job(questions=1)
    visitors = [await cast.cleo(job, "Priya Raman"), await cast.cleo(job, "P. Raman-Iyer")]
    ids = []
    for visitor, phone in zip(visitors, ("+49 30 555 0142", "030 5550142"), strict=True):
        view = await cast.ada.read(f"/applications/{visitor.application}")
        ids.append(view["card"]["candidate"])
        await cast.ada.make("PATCH", f"/candidates/{ids[-1]}", {"version": 1, "phone": phone})
    return Two(cast, visitors[0], visitors[1], ids)


async def test_who_looks_alike_is_found_and_who_is_not_is_asked_no_more(two: Two) -> None:
    ada = two.cast.ada
    (alike,) = (await ada.read(two.path))["alike"]
    assert (alike["id"], alike["why"], alike["email"]) == (two.other_id, "phone", two.other.email)
    await ada.make("POST", f"{two.path}/distinctions", {"other": two.other_id})
    for one in (two.kept_id, two.other_id):
        assert (await ada.read(f"/candidates/{one}"))["alike"] == []


async def test_who_looks_alike_has_a_face(two: Two) -> None:
    (question,) = await two.other.questions()
    recording, _ = await recorded(two.other, question)
    await db.execute("UPDATE application SET poster = $2 WHERE id = $1", UUID(two.other.application), UUID(recording))
    (alike,) = (await two.cast.ada.read(two.path))["alike"]
    (found,) = await two.cast.ada.read(f"{two.path}/others?q=iyer")
    assert alike["poster"] == found["poster"]
    assert alike["poster"].endswith(f"/recordings/{recording}/poster")
    (mine,) = (await two.cast.ada.read(f"/candidates/{two.other_id}"))["alike"]
    assert mine["poster"] is None


async def test_one_mailbox_has_many_spellings(cast: Cast) -> None:
    job = await cast.job()
    first = await cast.cleo(job, "One", "pri.ya+jobs@gmail.com")
    await cast.cleo(job, "Quite Another", "priya@googlemail.com")
    await cast.cleo(job, "One", "pri.ya@example.org")
    card = (await cast.ada.read(f"/applications/{first.application}"))["card"]
    alike = (await cast.ada.read(f"/candidates/{card['candidate']}"))["alike"]
    assert [(one["name"], one["why"]) for one in alike] == [("Quite Another", "mailbox")]


def test_names_that_may_be_one_persons() -> None:
    for one, other, fits in [
        ("priya raman", "p. raman-iyer", True),
        ("priya raman", "priia ramann", True),
        ("priya raman", "kenji watanabe", False),
        ("渡辺 健二", "渡辺健二", True),
        ("", "", True),
    ]:
        assert similar(one, other) == fits, (one, other)


async def test_a_merge_keeps_both_histories_and_the_candidate_notices_nothing(house: House, two: Two) -> None:
    cast, ada, ben = two.cast, two.cast.ada, two.cast.ben
    other = f"/candidates/{two.other_id}"
    field = (await ada.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    await ada.make("PUT", f"{other}/fields/{field}", {"value": "6 weeks"})
    await ada.make("PUT", f"{other}/tags", {"tags": ["Meetup", "Shared"]})
    await ada.make("PUT", f"{two.path}/tags", {"tags": ["Shared"]})
    await ada.make("POST", f"{other}/files?name=cv.txt", content=b"I am Priya.")
    await ben.make("POST", f"/applications/{two.other.application}/notes", {"body": "Met at the meetup"})
    await two.other.make("POST", "/messages", {"body": "Hello"})
    await drain()
    before = [await two.other.read("/place"), await two.kept.read("/place")]
    view = await ben.make("POST", f"{two.path}/merges", await two.body(phone="other"))
    assert (view["id"], view["name"], view["phone"]) == (two.kept_id, "Priya Raman", "030 5550142")
    assert {one["id"] for one in view["applications"]} == {two.kept.application, two.other.application}
    assert [tag["name"] for tag in view["tags"]] == ["Meetup", "Shared"]
    assert [(one["name"], one["value"]) for one in view["fields"]] == [("Notice", "6 weeks")]
    assert [file["name"] for file in view["files"]] == ["cv.txt"]
    assert (await cast.rae.get(view["files"][0]["url"])).content == b"I am Priya."
    texts = [entry["text"] for entry in view["timeline"]["entries"]]
    assert {"Met at the meetup", "Hello"} <= set(texts)
    assert (view["timeline"]["entries"][0]["kind"], view["timeline"]["entries"][0]["what"]) == (
        "candidates_merged", ["P. Raman-Iyer"],
    )  # fmt: skip
    assert view["alike"] == []
    assert (await ada.read(other))["id"] == two.kept_id, "old addresses lead to the whole"
    assert two.kept_id in (await cast.rae.page(cast.rae.at(other))).text
    after = [await two.other.read("/place"), await two.kept.read("/place")]
    for then, now in zip(before, after, strict=True):
        assert {**then, "epoch": "", "positions": {}} == {**now, "epoch": "", "positions": {}}
    refused = await ada.do("PUT", f"{other}/tags", {"tags": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "part_of_another")
    job = (await ada.read(f"/applications/{two.other.application}"))["job"]["id"]
    for card in (await ada.read(f"/jobs/{job}/board"))["cards"]:
        assert [tag["name"] for tag in card["tags"]] == ["Meetup", "Shared"]
    await two.other.done("POST", "/c/link-requests", {"email": two.other.email})
    await drain()
    assert len(house.mails(two.other.email)) == 2, "mails go where they went"


async def test_a_merge_is_undone_to_what_was_before(two: Two) -> None:
    ada = two.cast.ada
    other = f"/candidates/{two.other_id}"
    field = (await ada.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    for path, value in ((other, "6 weeks"), (two.path, "now")):
        await ada.make("PUT", f"{path}/fields/{field}", {"value": value})
    await ada.make("PUT", f"{other}/tags", {"tags": ["Meetup"]})
    await ada.make("POST", f"{other}/files?name=cv.txt", content=b"I am Priya.")
    await drain()
    before = [plain(await ada.read(path)) for path in (two.path, other)]
    view = await ada.make("POST", f"{two.path}/merges", await two.body(name="other", phone="other"))
    (part,) = view["merged"]
    assert (part["id"], part["email"], part["undoable"]) == (two.other_id, two.other.email, True)
    await ada.make("DELETE", f"{two.path}/merges/{part['merge']}")
    assert [plain(await ada.read(path)) for path in (two.path, other)] == before
    again = await ada.do("DELETE", f"{two.path}/merges/{part['merge']}")
    assert (again.status_code, again.json()["code"]) == (409, "too_late")


async def test_fields_that_differ_are_compared_and_the_chosen_one_is_kept(two: Two) -> None:
    ada = two.cast.ada
    other = f"/candidates/{two.other_id}"
    notice, pay, seat = [(await ada.make("POST", "/fields", {"name": n, "kind": "text"}))["id"] for n in "ABC"]
    for path, values in ((two.path, {notice: "now", pay: "1"}), (other, {notice: "6 weeks", pay: "2", seat: "Bonn"})):
        for field, value in values.items():
            await ada.make("PUT", f"{path}/fields/{field}", {"value": value})
    await ada.make("PATCH", other, {"version": 2, "links": ["priya.example"]})
    before = [plain(await ada.read(path)) for path in (two.path, other)]
    (alike,) = before[0]["alike"]
    assert alike["fields"] == {notice: "6 weeks", pay: "2", seat: "Bonn"}
    assert alike["links"] == ["https://priya.example"]
    view = await ada.make("POST", f"{two.path}/merges", {**await two.body(), "fields": [notice, seat]})
    assert [field["value"] for field in view["fields"]] == ["6 weeks", "1", "Bonn"]
    await ada.make("DELETE", f"{two.path}/merges/{view['merged'][0]['merge']}")
    assert [plain(await ada.read(path)) for path in (two.path, other)] == before


async def test_what_was_written_down_since_a_merge_stays_when_it_is_undone(two: Two) -> None:
    ada = two.cast.ada
    field = (await ada.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    await ada.make("PUT", f"/candidates/{two.other_id}/fields/{field}", {"value": "6 weeks"})
    await ada.make("PATCH", f"/candidates/{two.other_id}", {"version": 2, "location": "Pune", "links": ["old.example"]})
    view = await ada.make("POST", f"{two.path}/merges", await two.body(phone="other", location="other"))
    links = [*view["links"], "https://new.example"]
    edit = {"version": view["version"], "phone": "+49 1", "headline": "Since", "links": links}
    await ada.make("PATCH", two.path, edit)
    await ada.make("PUT", f"{two.path}/fields/{field}", {"value": "8 weeks"})
    await ada.make("DELETE", f"{two.path}/merges/{view['merged'][0]['merge']}")
    kept, gone = [await ada.read(f"/candidates/{one}") for one in (two.kept_id, two.other_id)]
    assert [kept[name] for name in ("phone", "location", "headline")] == ["+49 1", "", "Since"]
    assert (kept["links"], gone["links"]) == (["https://new.example"], ["https://old.example"])
    assert [view["fields"][0]["value"] for view in (kept, gone)] == ["8 weeks", "6 weeks"]


def plain(view: Json) -> Json:
    """A profile without what grows."""
    left_out = {"version", "timeline", "positions", "epoch", "vocabulary"}
    found = {name: value for name, value in view.items() if name not in left_out}
    found["alike"] = [{**one, "version": 0} for one in view["alike"]]
    for file in found["files"]:
        file.pop("url")
        file.pop("pictures")
    return found


async def test_of_two_merges_at_once_one_is_told_of_the_other(two: Two) -> None:
    ada, ben = two.cast.ada, two.cast.ben
    body = await two.body()
    back = {"other": two.kept_id, "version": body["other_version"], "other_version": body["version"]}
    replies = await asyncio.gather(
        ada.do("POST", f"{two.path}/merges", body), ben.do("POST", f"/candidates/{two.other_id}/merges", back)
    )
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    (late,) = [reply.json()["code"] for reply in replies if reply.status_code == 409]
    assert late == "merged_meanwhile"
    whole = await db.rows(
        lambda found: found,
        "SELECT id FROM candidate WHERE id = ANY($1) AND merged_into IS NULL",
        [UUID(two.kept_id), UUID(two.other_id)],
    )
    assert len(whole) == 1


async def test_what_changed_since_it_was_compared_is_not_merged_blindly(two: Two) -> None:
    body = await two.body()
    await two.cast.ben.make("PATCH", two.path, {"version": body["version"], "headline": "Another"})
    late = await two.cast.ada.do("POST", f"{two.path}/merges", body)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    same = await two.cast.ada.do("POST", f"{two.path}/merges", {**body, "other": two.kept_id})
    assert same.status_code == 422


async def test_parts_stay_together_when_the_whole_is_merged_on(two: Two) -> None:
    ada = two.cast.ada
    await ada.make("POST", f"{two.path}/merges", await two.body())
    third = await two.cast.cleo(await two.cast.job(title="Third"), "Priya R.")
    card = (await ada.read(f"/applications/{third.application}"))["card"]
    whole = f"/candidates/{card['candidate']}"
    body = {"other": two.kept_id, "version": (await ada.read(whole))["version"]}
    view = await ada.make("POST", f"{whole}/merges", {**body, "other_version": (await ada.read(two.path))["version"]})
    assert len(view["applications"]) == 3
    assert (await ada.read(f"/candidates/{two.other_id}"))["id"] == card["candidate"]
    last = next(part for part in view["merged"] if part["undoable"])
    await ada.make("DELETE", f"{whole}/merges/{last['merge']}")
    assert len((await ada.read(whole))["applications"]) == 1
    assert len((await ada.read(two.path))["applications"]) == 2
