"""Recordings while everything fails: 200 by `./dev soak recordings`, eight in the suite; seeded, so that it repeats.

Each is a story of its own (what befalls this speaker, and when), told beside others while the house loses its recorder,
its storage, its database and its Valkey, again and again. In the end every answer is watched, picture by picture. What
was acknowledged has to be whole; of what nobody could acknowledge, two seconds at the end may be missing.

    ./dev soak recordings [--count 200] [--at-once 6] [--seed 1] [--apart 2.5 5]
"""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
from redis.exceptions import RedisError

from server.core.folder import DataFolder
from tests.bench.report import Goal
from tests.bucket import Bucket, bucket
from tests.e2e.fragile import Fragile, fragile
from tests.e2e.installation import Furnished, furnish
from tests.e2e.speaker import LAST, RATE, AwayError, Speaker, small_film, speaker
from tests.media.link import Weather

END = 2.0  # seconds of an unacknowledged end that may be missing
OWN = ("nothing", "loss", "cut", "silent", "killed")
APART = (2.5, 5.0)  # seconds from the end of one failure of the house to the next
AWAY = (1.0, 2.5)  # seconds that a part is gone
DECIDING = ["recording_started", "recording_finished", "join_upload"]
WORK = 900.0  # seconds for all of these; with all that hundreds of answers have left on a machine that has no time
PATIENT = 0.8  # share of speakers who come when a recorder is there; the others record alone if none is


@dataclass(frozen=True)
class Story:
    """What befalls one speaker, after so many seconds of so many."""

    own: str
    before: float
    after: float
    loss: float
    burst: float
    cut: float
    patient: bool


def stories(count: int, seed: int) -> list[Story]:
    """The same for the same seed."""
    chance = random.Random(seed)
    order = [OWN[number % len(OWN)] for number in range(count)]
    chance.shuffle(order)
    return [
        Story(
            own,
            chance.uniform(1.0, 3.0),
            chance.uniform(0.5, 2.5),
            chance.uniform(0.02, 0.10),
            chance.choice([1.0, 4.0]),
            chance.uniform(1.0, 6.0),
            chance.random() < PATIENT,
        )
        for own in order
    ]


@dataclass
class Outcome:
    """Pictures. `how` it was acknowledged: accepted, by copy, or not at all; `wanted` is the least to be kept.

    `when`: from the first word to the last, in seconds of the soak.
    """

    story: Story
    here: Speaker
    how: str
    said: int
    wanted: int
    when: tuple[float, float]
    kept: int = 0
    trouble: str = ""

    @property
    def lost(self) -> bool:
        return self.kept < self.wanted or bool(self.trouble)

    def __str__(self) -> str:
        when = "from {:.1f} to {:.1f} s".format(*self.when)
        kept = f"{self.how}, {self.kept} pictures of {self.said}, {self.wanted} wanted"
        recording = (self.here.ticket or {"whip_url": "nowhere"})["whip_url"].rsplit("/", 1)[-1]
        return f"lost: {self.story}: {when}, {kept}, in {recording} {self.trouble}".rstrip()


@dataclass
class Soak:
    """One run. `struck` counts what the house lost; `cut_off`: what the recorder had been told by each when it died."""

    house: Fragile
    shop: Furnished
    s3: Bucket
    chance: random.Random
    apart: tuple[float, float] = APART
    live: set[Speaker] = field(default_factory=set)
    cut_off: dict[Speaker, int] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    blows: list[str] = field(default_factory=list)  # the same, with their times
    left: list[str] = field(default_factory=list)  # tasks and uploads, when nothing more was to be decided
    began: float = field(default_factory=time.monotonic)
    outcomes: list[Outcome] = field(default_factory=list)

    async def run(self, told: Sequence[Story], at_once: int) -> None:
        """Tell all stories, then watch all answers."""
        room = asyncio.Semaphore(at_once)
        speakers = [await speaker(self.house, self.shop) for _ in told]  # they apply while all is well

        async def tell(story: Story, here: Speaker) -> None:
            async with room:
                self.outcomes.append(await self._tell(story, here))

        breaking = asyncio.create_task(self._break())
        try:
            await asyncio.gather(*map(tell, told, speakers))
        finally:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
        await self._worked_off()
        await asyncio.gather(*map(self._watch, self.outcomes))

    async def _tell(self, story: Story, here: Speaker) -> Outcome:
        while story.patient and not await self._recorders():
            await asyncio.sleep(0.1)
        self.live.add(here)
        reached = await here.reach()
        since = time.monotonic() - self.began

        def outcome(how: str, wanted: int) -> Outcome:
            return Outcome(story, here, how, here.said, max(0, wanted), (since, time.monotonic() - self.began))

        await here.say(story.before)
        if story.own == "loss":
            here.link.weather = Weather(story.loss, story.burst)
        elif story.own == "cut":
            here.break_link()
            await here.say(story.cut)
            here.mend_link()
        if story.own not in {"silent", "killed"}:
            await here.say(story.after)
        if story.own == "killed":
            self.live.discard(here)
            await here.leave()
            heard = self.cut_off.get(here, here.told)
            return outcome("not at all", round(heard - END * RATE) if reached else 0)
        await here.finish()
        if story.own == "silent":
            await asyncio.sleep(story.cut / 2)
        whole = reached and story.own != "cut" and here.sender.peer.connectionState == "connected"
        with contextlib.suppress(AssertionError):  # the page tries once; a recorder notices the silence by itself
            await here.hang_up(patient=False)
        self.live.discard(here)
        if whole and here not in self.cut_off and await here.is_whole():
            await here.accept()
            return outcome("accepted", here.said - LAST)
        await here.send_copy()
        return outcome("by copy", here.said)

    async def _recorders(self) -> set[str]:
        try:
            return await self.house.recorders()
        except RedisError:
            return set()

    async def _worked_off(self) -> None:
        """Until nothing is left to be done that decides what a take is, however slow the machine is."""
        c = await asyncpg.connect(self.house.services().database_url)
        try:
            async with asyncio.timeout(WORK):
                while await c.fetchval(
                    "SELECT count(*) FROM queue.pgqueuer WHERE status IN ('queued', 'picked') AND entrypoint = ANY($1)",
                    DECIDING,
                ):
                    await asyncio.sleep(0.2)
            self.left = [
                f"left: {row['of']} {row['state']}: {row['count']}"
                for row in await c.fetch(
                    "SELECT 'task ' || entrypoint AS of, status::text AS state, count(*) FROM queue.pgqueuer "
                    "GROUP BY 1, 2 UNION SELECT 'upload', state, count(*) FROM upload GROUP BY 1, 2 ORDER BY 1, 2"
                )
            ]
            log = (DataFolder(self.house.data).logs / "worker.log").read_text(errors="replace")
            self.left += [f"worker: {line}" for line in log.splitlines() if " failed: " in line]
        finally:
            await c.close()

    async def _watch(self, outcome: Outcome) -> None:
        if outcome.how == "not at all" and outcome.wanted == 0:
            return  # the recorder may have heard nothing of it
        try:
            if outcome.how == "by copy":
                await outcome.here.settled("ready", film=True)
            outcome.kept = await outcome.here.pictures()
        except (AwayError, OSError, AssertionError) as error:
            outcome.trouble = str(error)

    async def _break(self) -> None:
        """One failure after the other, each kind once before any comes again."""
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "recorder killed": self._kill_recorder,
            "storage away": self._without_storage,
            "database away": lambda: self._without("postgres"),
            "Valkey restarted": lambda: self._without("valkey"),
        }
        while True:
            for name in self.chance.sample(sorted(ways), len(ways)):
                await asyncio.sleep(self.chance.uniform(*self.apart))
                self.struck[name] += 1
                begin = time.monotonic() - self.began
                await ways[name]()
                self.blows.append(f"{name} from {begin:.1f} to {time.monotonic() - self.began:.1f} s")

    async def _kill_recorder(self) -> None:
        if self.house.processes("recorder"):
            for here in self.live:
                self.cut_off.setdefault(here, here.told)
            await self.house.kill("recorder")

    async def _without_storage(self) -> None:
        with self.s3.away():
            await asyncio.sleep(self.chance.uniform(*AWAY))

    async def _without(self, name: str) -> None:
        if self.house.processes(name):
            async with self.house.without(name):
                await asyncio.sleep(self.chance.uniform(*AWAY))

    def table(self) -> list[str]:
        """A line for each thing that befell speakers."""
        lines = [
            f"{'befell':<9}{'answers':>9}{'accepted':>10}{'by copy':>9}{'alone':>7}{'said':>9}{'kept':>9}{'lost':>6}"
        ]
        for own in OWN:
            mine = [outcome for outcome in self.outcomes if outcome.story.own == own]
            ways = Counter(outcome.how for outcome in mine)
            said, kept = (sum(getattr(o, name) for o in mine) / RATE for name in ("said", "kept"))
            lines.append(
                f"{own:<9}{len(mine):>9}{ways['accepted']:>10}{ways['by copy']:>9}{ways['not at all']:>7}"
                f"{said:>7.1f} s{kept:>7.1f} s{sum(o.lost for o in mine):>6}"
            )
        lines.append("meanwhile: " + ", ".join(f"{name} {times} times" for name, times in sorted(self.struck.items())))
        lost = [str(outcome) for outcome in self.outcomes if outcome.lost]
        return lines + lost + (self.left + self.blows if lost else [])

    @property
    def goal(self) -> Goal:
        return Goal("recordings lost", sum(outcome.lost for outcome in self.outcomes), "recordings", 0)


async def soak(count: int, at_once: int, seed: int, apart: tuple[float, float] = APART) -> Soak:
    """Run it in a house of its own."""
    await asyncio.to_thread(small_film)
    with bucket() as s3:
        settings = {"GREENROOM_STORAGE": "s3://films/soak", **s3.environment}
        async with fragile(**settings) as house:
            run = Soak(house, await furnish(house), s3, random.Random(seed), apart)
            async with asyncio.timeout(60):
                while not await house.recorders():
                    await asyncio.sleep(0.1)
            await run.run(stories(count, seed), at_once)
            return run


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev soak recordings")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart", type=float, nargs=2, default=APART, help="seconds between failures of the house")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    run = asyncio.run(soak(options.count, options.at_once, options.seed, tuple(options.apart)))
    print("\n".join(run.table()))
    print(f"{options.count} recordings, seed {options.seed}, in {time.monotonic() - began:.0f} s")
    print(run.goal)
    return 0 if run.goal.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
