"""A long list comes in by batches, each of them once."""

import json
from uuid import UUID

import pytest

from server.core import db, tasks
from server.hiring.transfers import working
from tests.cast import Cast
from tests.server.house import House, counted, drain
from tests.server.lists import BASIC, bring, bring_unread, counts, imported, let_in


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
        seen.append(statements)
    assert len(seen[0]) == len(seen[1]), [text for text in seen[0] if text not in seen[1]]


async def test_a_file_whose_reading_is_given_up_is_refused_until_somebody_has_it_read_after_all(cast: Cast) -> None:
    job = await cast.job()
    name = await bring_unread(cast.ada, job)
    for version, state in ((2, "reading"), (1, "refused"), (1, "refused")):  # another reading; told twice
        assert await tasks._give_up("read_import", json.dumps((name, version)).encode())
        row = (await cast.ada.read(f"/imports/{name}"))["row"]
        assert row["state"] == state
    assert "Put it away and bring it again" in row["refusal"]
    told = await db.value("SELECT payload FROM realtime_log WHERE topic = $1 ORDER BY seq DESC", f"job:{job['id']}")
    assert json.loads(told)["row"]["state"] == "refused"
    await drain()  # the task is back in the queue
    view = await cast.ada.read(f"/imports/{name}")
    assert (view["row"]["state"], view["row"]["refusal"]) == ("ready", "")
    await tasks._give_up("read_import", json.dumps((name, 1)).encode())
    assert (await let_in(cast.ada, view))["state"] == "done"


@pytest.mark.parametrize("batches", [0, 1])
async def test_an_import_that_is_given_up_ends_and_blocks_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    """With nobody in yet it may be let in once more; else who is in stays, and the record says how many."""
    monkeypatch.setattr(working, "BATCH", 1)
    job = await cast.job()
    view = await bring(cast.ada, job, BASIC)
    path = f"/imports/{view['row']['id']}"
    payload = json.dumps(view["row"]["id"]).encode()
    whole = working._batch

    async def batch(imported: UUID, start: int, *more: object) -> bool:
        if start == batches:
            raise ZeroDivisionError
        return await whole(imported, start, *more)  # type: ignore[arg-type]

    await cast.ada.make("POST", f"{path}/start", {"version": view["row"]["version"]})
    with monkeypatch.context() as broken:
        broken.setattr(working, "_batch", batch)
        with pytest.raises(ZeroDivisionError):
            await drain()
    assert (await cast.ada.read(path))["row"]["state"] == "running"
    for _ in range(2):
        assert await tasks._give_up("run_import", payload)
    await drain()
    row = (await cast.ada.read(path))["row"]
    assert row["refusal"].startswith("Something went wrong on our side")
    ended = await db.rows(str, "SELECT payload FROM event WHERE kind = 'import_ended' AND subject = $1",
                          f"import:{row['id']}")  # fmt: skip
    if batches:
        assert (*counts(row), row["done"]) == ("cancelled", 1, 0, 0, 0, 1)
        assert [(each["created"], each["cancelled"]) for each in map(json.loads, ended)] == [(1, True)]
        assert counts(await imported(cast.ada, job, BASIC)) == ("done", 1, 0, 1, 0)
    else:
        assert (row["state"], row["ended_at"], ended) == ("refused", None, [])
        await cast.ada.make("PUT", f"{path}/mapping", {"version": row["version"]})
        await drain()
        assert counts(await let_in(cast.ada, await cast.ada.read(path))) == ("done", 2, 0, 0, 0)
