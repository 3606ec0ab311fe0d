"""The mails that tell candidates that the team wrote: none is left out, and at most one comes in half an hour."""

from datetime import timedelta
from uuid import UUID

import pytest

from server.core import db, tasks
from tests.cast import Cast, Visitor
from tests.server.house import House, drain
from tests.server.test_declining import decline

LATER = timedelta(minutes=31)


def told(house: House, who: Visitor) -> int:
    return sum("message for you" in mail["Subject"] for mail in house.mails(who.email))


async def pass_by(who: Visitor, time: timedelta = LATER) -> None:
    """So much time passes, and the worker does what is due."""
    await db.execute(
        "UPDATE message SET mailed_at = mailed_at - $2::interval WHERE application_id = $1", UUID(who.application), time
    )
    await drain(ahead=time)


async def test_what_is_written_soon_after_is_mailed_when_half_an_hour_is_over(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}/messages"
    await cast.ada.make("POST", path, {"body": "Hello"})
    await drain()
    assert told(house, cleo) == 1
    for words in ("One thing more", "And another"):
        await cast.ada.make("POST", path, {"body": words})
        await drain()
    assert told(house, cleo) == 1
    await pass_by(cleo)
    assert told(house, cleo) == 2, "one tells of both"
    await pass_by(cleo)
    assert told(house, cleo) == 2
    await cast.ada.make("POST", path, {"body": "Days later"})
    await drain()
    assert told(house, cleo) == 3


async def test_a_goodbye_soon_after_a_message_is_mailed_too(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "We will see"})
    await drain()
    await cast.ada.make("POST", f"/jobs/{job['id']}/declines", decline(job, [cleo.application], "Goodbye"))
    await drain()
    assert told(house, cleo) == 1
    await pass_by(cleo)
    assert told(house, cleo) == 2
    text = house.mails(cleo.email)[-1].get_body(("plain",)).get_content()
    assert "read it and write back" in text
    assert "Answer when it suits you" not in text
    assert "Goodbye" not in text


async def test_who_has_written_back_has_read_it(house: House, cast: Cast) -> None:
    cleo = await cast.cleo(await cast.job())
    path = f"/applications/{cleo.application}/messages"
    await cast.ada.make("POST", path, {"body": "Hello"})
    await drain()
    await cast.ada.make("POST", path, {"body": "Are you there?"})
    await cleo.make("POST", "/messages", {"body": "I am"})
    await drain()
    await pass_by(cleo)
    assert told(house, cleo) == 1


async def test_a_mail_that_does_not_go_out_is_tried_again(
    house: House, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = await cast.cleo(await cast.job())
    await drain()
    await cast.ada.make("POST", f"/applications/{cleo.application}/messages", {"body": "Hello"})
    events = await db.rows(lambda *c: c, "SELECT entrypoint, payload FROM queue.pgqueuer WHERE status = 'queued'")

    async def away(*_args: object, **_named: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("server.core.mail.Outbox.send", away)
        with pytest.raises(OSError):
            await drain()
    assert told(house, cleo) == 0
    for name, payload in events:
        await tasks._TASKS[name](payload)
    assert told(house, cleo) == 1


async def test_the_way_back_speaks_of_answers_only_to_who_has_some_to_give(house: House, cast: Cast) -> None:
    job = await cast.job()
    cleo = await cast.cleo(job)
    await drain()
    assert "Answer when it suits you" in house.mails(cleo.email)[-1].get_body(("plain",)).get_content()
    await cleo.write_everything()
    await cleo.make("POST", "/submission", {})
    again = {"name": cleo.name, "email": cleo.email, "consent": True}
    await cast.nobody().call("POST", f"{job['public_url']}/applications", again)
    await drain()
    text = house.mails(cleo.email)[-1].get_body(("plain",)).get_content()
    assert "/c/link/" in text
    assert "Answer when it suits you" not in text
