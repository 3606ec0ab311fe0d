"""Who is here, in Redis: one sorted set per topic, scored by expiry on Redis's own clock, and a hash of details.

An entry stands for one person in one process, however many tabs they have there; each process repeats its entries every
five seconds and an entry that was not repeated is gone after twelve, so a process killed with its people leaves no
ghost for longer than twelve seconds plus one sweep. Readers filter by score and never see an expired entry. Runs on
Redis >= 6.2 and Valkey. Nothing here outlives its topic: keys expire by themselves.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from redis.asyncio import Redis

from realtime.frames import Present

BEAT_SECONDS = 5.0
TTL_SECONDS = 12.0
SWEEP_SECONDS = 2.0
LIST_SECONDS = 15.0

_NOW = "local t=redis.call('TIME'); local now=t[1]*1000+math.floor(t[2]/1000) "

# ARGV: ttl in ms, then field, details, field, details ... Returns the fields that were not there before.
_BEAT = (
    _NOW
    + """
local new={}
for i=2,#ARGV,2 do
  if redis.call('ZADD',KEYS[1],now+tonumber(ARGV[1]),ARGV[i])==1 then new[#new+1]=ARGV[i] end
  redis.call('HSET',KEYS[2],ARGV[i],ARGV[i+1])
end
redis.call('PEXPIRE',KEYS[1],60000)
redis.call('PEXPIRE',KEYS[2],60000)
return new"""
)
_LEAVE = """
redis.call('ZREM',KEYS[1],unpack(ARGV))
return redis.call('HDEL',KEYS[2],unpack(ARGV))"""
_LIST = (
    _NOW
    + """
local here=redis.call('ZRANGEBYSCORE',KEYS[1],now,'+inf','LIMIT',0,1000)
if #here==0 then return {} end
return redis.call('HMGET',KEYS[2],unpack(here))"""
)
# At most 500 at a time, set and hash alike; the next sweep takes the rest.
_SWEEP = (
    _NOW
    + """
local dead=redis.call('ZRANGEBYSCORE',KEYS[1],'-inf',now,'LIMIT',0,500)
if #dead>0 then redis.call('ZREM',KEYS[1],unpack(dead)); redis.call('HDEL',KEYS[2],unpack(dead)) end
return dead"""
)


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One person in one process. `at` is when their state was set, Unix seconds; it only decides between two states."""

    field: str
    at: float
    person: Present


encode_entry = msgspec.json.Encoder().encode
_decode_entry = msgspec.json.Decoder(Entry).decode


def read_entry(details: bytes | str) -> Entry | None:
    """An entry as another process wrote it; None when it is of another version than ours."""
    try:
        return _decode_entry(details)
    except msgspec.MsgspecError:
        return None


class Presence:
    """Presence in Redis. Every call raises `redis.RedisError` or `OSError` when Redis cannot be reached."""

    def __init__(self, redis: Redis, prefix: str = "greenroom") -> None:
        self._redis = redis
        self._prefix = prefix
        self._beat = redis.register_script(_BEAT)
        self._leave = redis.register_script(_LEAVE)
        self._list = redis.register_script(_LIST)
        self._sweep = redis.register_script(_SWEEP)

    async def beat(self, topic: str, entries: Mapping[str, bytes], seconds: float = TTL_SECONDS) -> list[str]:
        """These fields are here for so many more seconds, with these details; the fields Redis did not know before."""
        arguments: list[Any] = [int(seconds * 1000)]
        for field, details in entries.items():
            arguments += (field, details)
        return _texts(await self._beat(keys=self._keys(topic), args=arguments))

    async def leave(self, topic: str, fields: Iterable[str]) -> None:
        """These fields are gone."""
        await self._leave(keys=self._keys(topic), args=list(fields))

    async def entries(self, topic: str) -> list[Entry]:
        """Everybody who is here, at most 1000."""
        found = cast("list[bytes | str | None]", await self._list(keys=self._keys(topic)))
        return [entry for details in found if details is not None and (entry := read_entry(details))]

    async def sweep(self, topic: str) -> list[str]:
        """Remove who has expired; their fields, told to exactly one process."""
        return _texts(await self._sweep(keys=self._keys(topic)))

    def _keys(self, topic: str) -> list[str]:
        # The braces keep both keys on one node of a cluster.
        return [f"{self._prefix}:here:{{{topic}}}", f"{self._prefix}:here:{{{topic}}}:details"]


def _texts(values: Any) -> list[str]:
    return [value.decode() if isinstance(value, bytes) else value for value in values]


class Roster:
    """The people of one topic as one process knows them: entries of all processes, seen as people. Pure."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def people(self) -> list[Present]:
        """Each person once, those who came first in front."""
        ids = dict.fromkeys(entry.person.id for entry in self._entries.values())
        found = [person for person in map(self.person, ids) if person]
        return sorted(found, key=lambda person: (person.since, person.id))

    def person(self, who: str) -> Present | None:
        """One person: the state set last where they are not idle, here since the earliest entry."""
        entries = [entry for entry in self._entries.values() if entry.person.id == who]
        if not entries:
            return None
        awake = [entry for entry in entries if entry.person.idle is None]
        last = max(awake or entries, key=lambda entry: entry.at).person
        since = min(entry.person.since for entry in entries)
        idle = None if awake else max(entry.person.idle or 0 for entry in entries)
        return msgspec.structs.replace(last, since=since, idle=idle)

    def put(self, entry: Entry) -> Present | None:
        """An entry came or changed; the person as seen now, None when nothing visible changed."""
        before = self.person(entry.person.id)
        known = self._entries.get(entry.field)
        if known is None or known.at <= entry.at:
            self._entries[entry.field] = entry
        after = self.person(entry.person.id)
        return None if _same(before, after) else after

    def drop(self, field: str) -> tuple[Present | None, str | None]:
        """An entry went: (the person as seen now, None) when they are still elsewhere, (None, id) when they left."""
        entry = self._entries.pop(field, None)
        if entry is None:
            return None, None
        person = self.person(entry.person.id)
        return (person, None) if person else (None, entry.person.id)

    def replace(self, entries: Iterable[Entry]) -> None:
        """The whole truth, from Redis."""
        self._entries = {entry.field: entry for entry in entries}


def _same(one: Present | None, other: Present | None) -> bool:
    return encode_entry(one) == encode_entry(other)
