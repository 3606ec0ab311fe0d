"""Filters of the board: over all candidates of the job, by name in spite of slips, page by page, in the address."""

from typing import Any

import pytest

from server.hiring.applications.filters import similar, slips
from server.hiring.applications.queries import FIRST
from server.hiring.candidates.rules import plain
from tests.cast import Cast, Json
from tests.server import crowd

NAMES = ("Inês Carvalho", "Søren Kierkegaard", "Giulia Marchetti", "Jonathan Castellano", "نور الدين رحماني", "A_b 50%")


async def board(cast: Cast, job: Json, query: str) -> Json:
    return await cast.ada.read(f"/jobs/{job['id']}/board?{query}")


def names(found: Json) -> list[str]:
    return sorted(card["name"] for card in found["cards"])


@pytest.fixture
async def job(cast: Cast) -> Json:
    """A job with people of these names among others."""
    made = await cast.job()
    stages = [stage["id"] for stage in made["stages"][:3]]
    for name in NAMES:
        await crowd.fill(made["id"], stages, 1, name)
    await crowd.fill(made["id"], stages, 3 * FIRST + 6)
    return made


@pytest.mark.parametrize(
    ("asked", "found", "nearly"),
    [
        ("ines", "Inês Carvalho", False),
        ("INÊS carv", "Inês Carvalho", False),
        ("soren", "Søren Kierkegaard", False),
        ("رحماني", "نور الدين رحماني", False),
        ("a_b", "A_b 50%", False),
        ("50%", "A_b 50%", False),
        ("jonahtan", "Jonathan Castellano", True),  # swapped
        ("castelano", "Jonathan Castellano", True),  # one too few
        ("carvvalho", "Inês Carvalho", True),  # one too many
        ("kirkegard", "Søren Kierkegaard", True),  # two in a long word
        ("julia", "Giulia Marchetti", True),
        ("marchety giulia", "Giulia Marchetti", True),
    ],
)
async def test_people_are_found_by_name(cast: Cast, job: Json, asked: str, found: str, nearly: bool) -> None:
    there = await board(cast, job, f"q={asked.replace('%', '%25')}")
    assert (names(there), there["similar"], there["filtered"]) == ([found], nearly, True)
    assert sum(column["count"] for column in there["columns"]) == 1


async def test_nobody_is_nobody(cast: Cast, job: Json) -> None:
    for asked in ("xyzzyx", "qq", "%25%25", "__"):
        there = await board(cast, job, f"q={asked}")
        assert (there["cards"], there["similar"]) == ([], asked == "xyzzyx"), asked
    for nothing in ("%20", "%00", ""):
        assert not (await board(cast, job, f"q={nothing}"))["filtered"]
    reply = await cast.ada.do("GET", f"/jobs/{job['id']}/board?stage=elsewhere")
    assert (reply.status_code, list(reply.json()["fields"])) == (422, ["stage"])


async def test_counts_and_further_pages_are_of_the_filter(cast: Cast, job: Json) -> None:
    second = job["stages"][1]["id"]
    there = await board(cast, job, f"q=number&stage={second}")
    assert {column["stage"]: column["count"] for column in there["columns"] if column["count"]} == {second: FIRST + 2}
    (end,) = [column["end"] for column in there["columns"] if column["end"]]
    more = f"/jobs/{job['id']}/stages/{second}/cards?limit=1&q=number"
    page = await cast.ada.read(f"{more}&rank={end['rank']}&after={end['id']}")
    assert len(page["cards"]) == 1
    assert page["end"] is not None
    last = await cast.ada.read(f"{more}&rank={page['end']['rank']}&after={page['end']['id']}")
    assert (len(last["cards"]), last["end"]) == (1, None)
    seen = [card["id"] for card in [*there["cards"], *page["cards"], *last["cards"]]]
    assert len(set(seen)) == FIRST + 2
    assert seen == [card for card in await crowd.order(second) if card in seen]


async def test_a_page_that_had_loaded_more_is_read_as_deep_again(cast: Cast, job: Json) -> None:
    first, second = (stage["id"] for stage in job["stages"][:2])
    for filters in ("", "&q=number"):
        there = await board(cast, job, f"depth={second}:{FIRST + 1}&depth={first}:3{filters}")
        loaded = {stage: [c for c in there["cards"] if c["stage"] == stage] for stage in (first, second)}
        assert [len(cards) for cards in loaded.values()] == [FIRST, FIRST + 1]
        (end,) = [column["end"] for column in there["columns"] if column["stage"] == second]
        assert end["id"] == loaded[second][-1]["id"]
    for wrong in ("depth=1", f"depth={second}:many", "depth=:"):
        reply = await cast.ada.do("GET", f"/jobs/{job['id']}/board?{wrong}")
        assert (reply.status_code, list(reply.json()["fields"])) == (422, ["depth"])


async def test_new_answers_and_who_waits(cast: Cast) -> None:
    job = await cast.job(questions=1)
    cleo, dora = await cast.cleo(job, "Cleo"), await cast.cleo(job, "Dora")
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    await dora.make("POST", "/messages", {"body": "Hello?"})
    assert names(await board(cast, job, "new=1")) == ["Cleo"]
    assert names(await board(cast, job, "waiting=1")) == ["Dora"]
    assert names(await board(cast, job, "waiting=1&new=1")) == []
    page = await cast.ada.page(cast.ada.at(f"/jobs/{job['id']}?waiting=1"))
    assert "Dora" in page.text
    assert "Cleo" not in page.text
    await cast.ada.page(cast.ada.at(f"/applications/{cleo.application}"))
    assert names(await board(cast, job, "new=1")) == []


def test_slips_are_one_letter_and_every_sign_is_meant() -> None:
    def fits(pattern: str, word: str) -> bool:
        from re import escape, fullmatch

        return fullmatch(escape(pattern).replace("%", ".*").replace("_", "."), word) is not None

    word = "giulia"
    for wrong in ("julia", "giula", "giuliaa", "giluia", "giulja", "Giulia"):
        assert any(fits(pattern, word) for pattern in slips(plain(wrong))), wrong
    for other in ("gilaia", "marta"):
        assert not any(fits(pattern, word) for pattern in slips(other)), other
    assert slips("ann") == ["%ann%"]
    assert similar(["ann", "li"]) == ()
    assert slips("a_%b")[0] == r"%a\_\%b%"


def test_names_lose_accents_and_case_and_nothing_else() -> None:
    pairs: dict[str, Any] = {
        "Inês": "ines", "SØREN": "soren", "Łukasz": "lukasz", "Straße": "strasse", "İpek": "ipek",
        "渡辺 健二": "渡辺 健二", "  two   words ": "two words", "Ætheling": "aetheling", "": "",
    }  # fmt: skip
    assert {name: plain(name) for name in pairs} == pairs
