"""A long list comes in by batches, each of them once."""

import json

import pytest

from server.core import db
from server.hiring.transfers import working
from tests.cast import Cast
from tests.server.house import House, counted, drain
from tests.server.lists import BASIC, bring, bring_unread, counts, let_in


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
