"""The delivery log: a gap-free, ordered history per topic, written in the transaction of the change it tells of.

A caller appends last in its transaction, so that the row lock of a topic's head lasts only to the commit; the sequence
is therefore in commit order, which neither a SEQUENCE nor max()+1 would be. Readers replay from a position, compare
heads, and learn from the epoch when history itself has changed. Old rows are trimmed; whoever asks for them is told.
Everything here is SQL on an asyncpg connection that the caller hands in; topics and payloads are opaque.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import asyncpg

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")

# One statement, one order of locks. `UPDATE ... WHERE topic = ANY(sorted)` takes its locks in the order of the plan and
# deadlocks under load (measured); INSERT ... ON CONFLICT takes them in the order of its SELECT.
_APPEND = """
WITH given AS (
    SELECT topic, payload, row_number() OVER (PARTITION BY topic ORDER BY place) AS number
    FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS g (topic, payload, place)
), head AS (
    INSERT INTO realtime_topic AS t (topic, seq)
    SELECT topic, count(*) FROM given GROUP BY topic ORDER BY topic COLLATE "C"
    ON CONFLICT (topic) DO UPDATE SET seq = t.seq + excluded.seq
    RETURNING topic, seq
), size AS (
    SELECT topic, count(*) AS count FROM given GROUP BY topic
)
INSERT INTO realtime_log (topic, seq, payload)
SELECT given.topic, head.seq - size.count + given.number, given.payload
FROM given JOIN head USING (topic) JOIN size USING (topic)
RETURNING topic, seq, payload
"""

_READ = """
SELECT t.seq AS head, l.seq, l.payload
FROM realtime_topic t
LEFT JOIN LATERAL (
    SELECT seq, payload FROM realtime_log WHERE topic = t.topic AND seq > $2 ORDER BY seq LIMIT $3
) l ON true
WHERE t.topic = $1
ORDER BY l.seq
"""

# A restored dump brings the tables back under new oids; a restored cluster or a failover has a new timeline. A copy of
# the files has neither: whoever can see the files says where they lie (`settle`).
_EPOCH = """
SELECT concat_ws('-', to_hex(system_identifier), timeline_id, d.oid, to_regclass('realtime_topic')::oid,
                 (SELECT nullif(word, '') FROM realtime_place))
FROM pg_control_system(), pg_control_checkpoint(), pg_database d WHERE d.datname = current_database()
"""

# The epoch in the first row, then the heads.
_SURVEY = f"""
SELECT ({_EPOCH}) AS epoch, NULL AS topic, 0::bigint AS seq
UNION ALL SELECT NULL, topic, seq FROM realtime_topic WHERE topic = ANY($1::text[])
"""  # noqa: S608  # both halves are constants of this file

_SETTLE = """
INSERT INTO realtime_place AS known (place, word) VALUES ($1, '')
ON CONFLICT (one) DO UPDATE SET place = excluded.place, word = $2 WHERE known.place <> excluded.place
RETURNING word
"""

_TRIM = """
DELETE FROM realtime_log WHERE (topic, seq) IN (
    SELECT topic, seq FROM realtime_log WHERE at < now() - $1::interval ORDER BY at LIMIT $2
)
"""


class Delivery(NamedTuple):
    """One event on one topic: its place in the topic's history and its payload, a JSON object as bytes."""

    topic: str
    seq: int
    payload: bytes


class Survey(NamedTuple):
    """Where the log stands: the epoch, and the head of each topic asked for (0 when nothing was ever written)."""

    epoch: str
    heads: dict[str, int]


class GoneError(Exception):
    """The log does not reach back to the position asked for, or has never been there."""


async def append(connection: asyncpg.Connection, deliveries: Sequence[tuple[str, bytes]]) -> list[Delivery]:
    """Write the deliveries and number them; publish what comes back after the commit.

    Call it ONCE and LAST in the transaction: it locks the head of every topic it names, in one order for everybody, and
    a second call could take them in another. Several payloads for one topic keep their order.
    """
    if not deliveries:
        return []
    topics, payloads = zip(*deliveries, strict=True)
    rows = await connection.fetch(_APPEND, list(topics), list(payloads))
    return sorted(Delivery(row["topic"], row["seq"], row["payload"]) for row in rows)


async def heads(connection: asyncpg.Connection, topics: Iterable[str]) -> dict[str, int]:
    """The last sequence number of each topic, 0 for one that nobody has written to.

    For a page's first data, read it in the same REPEATABLE READ transaction as the data.
    """
    wanted = list(topics)
    rows = await connection.fetch("SELECT topic, seq FROM realtime_topic WHERE topic = ANY($1::text[])", wanted)
    return dict.fromkeys(wanted, 0) | {row["topic"]: row["seq"] for row in rows}


async def read(connection: asyncpg.Connection, topic: str, after: int, limit: int) -> list[Delivery]:
    """The next events after position `after`, at most `limit`, without a hole. Raises `GoneError`."""
    rows = await connection.fetch(_READ, topic, after, limit)
    head = rows[0]["head"] if rows else 0
    found = [Delivery(topic, row["seq"], row["payload"]) for row in rows if row["seq"] is not None]
    expected = range(after + 1, after + 1 + len(found))
    if [delivery.seq for delivery in found] != list(expected) or (not found and head != after):
        raise GoneError(topic)
    return found


async def epoch(connection: asyncpg.Connection) -> str:
    """The name of this history. Positions of different epochs have nothing to do with each other."""
    row = await connection.fetchrow(_EPOCH)
    return str(row[0])


async def settle(connection: asyncpg.Connection, place: str) -> bool:
    """Say where the files of this database lie; call it before anybody reads. True when a new history begins.

    It does when they lay elsewhere before: they were copied, and what was written at the one place since then has
    nothing to do with what is written at the other.
    """
    return bool(await connection.fetchval(_SETTLE, place, secrets.token_hex(6)))


async def survey(connection: asyncpg.Connection, topics: Iterable[str]) -> Survey:
    """Epoch and heads in one query, for the check that runs every second."""
    wanted = list(topics)
    rows = await connection.fetch(_SURVEY, wanted)
    found = {row["topic"]: row["seq"] for row in rows if row["epoch"] is None}
    return Survey(next(row["epoch"] for row in rows if row["epoch"] is not None), dict.fromkeys(wanted, 0) | found)


async def trim(connection: asyncpg.Connection, older_than: timedelta, batch: int = 5000) -> int:
    """Forget events older than that, oldest first; how many went. Heads stay, so numbering goes on."""
    total = 0
    while True:
        status = await connection.execute(_TRIM, older_than, batch)
        count = int(status.rsplit(" ", 1)[1])
        total += count
        if count < batch:
            return total
