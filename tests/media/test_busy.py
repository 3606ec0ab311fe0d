"""Machines that are short of time, and packets sent again: lost sound is seen, and what is only late moves nothing."""

import random
import statistics
from collections.abc import Callable

import pytest

from media.reorder import KINDS, Kind
from media.sound import SILENCE
from media.timeline import Placed
from tests.media.tracks import AUDIO, VIDEO, Stage, audio, calm, talk, video


def starved(
    stage: Stage,
    seconds: float,
    lost: Callable[[float], float],
    *,
    slow: Callable[[float], float] = calm,
    encoding: Callable[[float], float] = calm,
):
    """A sound whose clock has lost `lost(now)` seconds; all takes `slow(now)` to arrive, a picture `encoding` too."""
    end = 0.0
    encoded = [(made + encoding(made), made) for made in (tick / 25 for tick in range(round(seconds * 25)))]
    for tick in range(round(seconds * 100)):
        now = tick / 100
        while encoded and encoded[0][0] <= now:
            sent, made = encoded.pop(0)
            stage.frame("video", video(made, arrival=sent + slow(now)))
        while end + lost(now) <= now:
            stage.frame("audio", audio(end, arrival=now + slow(now)))
            end += 0.02
        if tick % 100 == 30:
            stage.timeline.report("video", 1000 + now, (5_000_000 + round(now * VIDEO)) & 0xFFFFFFFF)
        if tick in {240, 686}:  # as seldom as browsers send them
            stage.timeline.report("audio", 1000 + now, (77 + round((now - lost(now)) * AUDIO)) & 0xFFFFFFFF)
    return stage.end()


def distance(stage: Stage, lost: Callable[[float], float]) -> list[float]:
    """Seconds by which each sound is beside where it was made."""
    beside = []
    for placed in stage.out:
        if placed.kind == "audio" and placed.frame.data != SILENCE:
            made = (placed.frame.timestamp - 77) / AUDIO
            beside.append(placed.at / 1000 - made - lost(placed.frame.arrival))
    return beside


def test_a_sound_that_lost_time_by_and_by_ends_with_its_picture() -> None:
    """As measured in Firefox on a full machine: 0.37 s in 7 s, all of it while the page was busy."""

    def lost(now: float) -> float:
        return 0.053 * now

    stage = starved(Stage(), 7, lost)
    assert abs(stage.at("audio")[-1] - stage.at("video")[-1]) < 80
    beside = distance(stage, lost)
    assert max(map(abs, beside)) < 0.13
    assert abs(statistics.median(beside)) < 0.05
    assert 220 < 20 * len(stage.silent()) < 420


@pytest.mark.parametrize("late", [0.1, 0.3, 0.8])
def test_pictures_that_are_late_hide_no_lost_sound(late: float) -> None:
    """A machine that has no time encodes pictures late, and loses sound: 97 ms in 8 s went unseen (measured)."""

    def lost(now: float) -> float:
        return 0.053 * now

    stage = starved(Stage(), 7, lost, encoding=lambda now: min(now, 1.0) * late)
    beside = distance(stage, lost)
    assert max(map(abs, beside)) < 0.17
    assert abs(statistics.median(beside)) < 0.09
    calm_sound = starved(Stage(), 7, calm, encoding=lambda now: min(now, 1.0) * late)
    assert calm_sound.timeline.anchored == 0
    assert calm_sound.silent() == []


def _sounds(stage: Stage) -> list[Placed]:
    return [placed for placed in stage.out if placed.kind == "audio" and placed.frame.data != SILENCE]


def test_a_sound_that_lost_time_at_once_is_put_right_within_two_seconds() -> None:
    def lost(now: float) -> float:
        return 0.1 if now > 3.05 else 0.0

    stage = starved(Stage(), 7, lost)
    late = [d for d, placed in zip(distance(stage, lost), _sounds(stage), strict=True) if placed.frame.arrival > 5.05]
    assert max(map(abs, late)) < 0.05
    assert stage.timeline.anchored >= 1


def test_a_way_that_grows_slow_moves_nothing() -> None:
    """A full queue in a router delays picture and sound alike; that is no lost time."""

    def slow(now: float) -> float:
        return max(0.0, min(0.4, (now - 2.5) * 0.3))

    stage = starved(Stage(), 7, calm, slow=slow)
    assert stage.timeline.anchored == 0
    assert stage.silent() == []


def backlog(chance: random.Random, seconds: float) -> Callable[[float], float]:
    """When what was sent at a time is looked at, by somebody who has no time now and then: in order, and late.

    Measured on a machine with four times as much to do as it can: nothing for two seconds, then a steady delay of as
    much for another, then all that has waited at once.
    """
    spells: list[tuple[float, float]] = []
    at = 0.0
    while at < seconds:
        at += chance.uniform(0.05, 1.5)
        spells.append((at, chance.choice([0.0, 0.0, chance.uniform(0, 0.4), chance.uniform(0.5, 3)])))
    return lambda sent: next(waiting for until, waiting in spells if sent < until)


@pytest.mark.parametrize("seed", range(60))
def test_a_machine_that_has_no_time_moves_nothing(seed: int) -> None:
    """Whatever it is too late for: pictures and sounds come late together, and reports are lost on the way."""
    chance = random.Random(seed)
    late, heard = backlog(chance, 12), chance.choice([0.0, 0.3, 1.0])
    stage, came = Stage(), 0.0
    for tick in range(1200):
        now = tick / 100
        came = max(came, now + late(now))
        if tick % 4 == 0:
            stage.frame("video", video(now, arrival=came))
        if tick % 2 == 0:
            stage.frame("audio", audio(now, arrival=came))
        for kind in KINDS:
            if tick % 100 == 30 and chance.random() < heard:
                rate, first = (VIDEO, 5_000_000) if kind == "video" else (AUDIO, 77)
                stage.timeline.report(kind, 1000 + now, (first + round(now * rate)) & 0xFFFFFFFF)
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.silent() == []
    assert (stage.at("video")[-1], stage.at("audio")[-1]) == (11960, 11980)


@pytest.mark.parametrize("seed", range(30))
def test_a_browser_that_has_no_time_now_and_then_moves_nothing(seed: int) -> None:
    """It sends sound late, pictures later still, and dates what it reports of its sound by when the last was sent."""
    chance = random.Random(seed)
    spells, at = list[tuple[float, float, float]](), 3.0
    while at < 14:
        spells.append((at, at + chance.uniform(0.05, 1.0), chance.uniform(0.02, 0.4)))
        at = spells[-1][1] + chance.uniform(0.6, 1.5)

    def sent(kind: Kind, made: float) -> float:
        late = next((most for begin, end, most in spells if begin <= made < end), 0.0)
        return made + late * (2 if kind == "video" else 1)

    events: list[tuple[float, Kind, float, bool]] = []
    rates: dict[Kind, int] = {"audio": 50, "video": 25}
    for kind, rate in rates.items():
        went = 0.0
        for made in (number / rate for number in range(14 * rate)):
            went = max(went, sent(kind, made))
            events.append((went, kind, made, False))
    sounds = sorted(event for event in events if event[1] == "audio")
    for told in (2.3, *(chance.uniform(at, at + 2) for at in (5, 8, 11))):
        went, _, made, _ = max(event for event in sounds if event[0] <= told)
        events.append((told, "audio", made + told - went, True))
    events += [(second + 0.35, "video", second + 0.35, True) for second in range(14)]
    stage = Stage()
    for now, kind, made, report in sorted(events):
        if report:
            rate, first = (VIDEO, 5_000_000) if kind == "video" else (AUDIO, 77)
            stage.timeline.report(kind, 1000 + now, (first + round(made * rate)) & 0xFFFFFFFF, now)
        else:
            stage.frame(kind, video(made, arrival=now) if kind == "video" else audio(made, arrival=now))
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.silent() == []
    assert (stage.at("video")[-1], stage.at("audio")[-1]) == (13_960, 13_980)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_sent_again_and_again_moves_nothing(seed: int) -> None:
    """A fifth is lost, reports as well. What is first after a long hole has been waited for, and proves nothing."""
    chance = random.Random(seed)
    events: list[tuple[float, int, Kind, float, float]] = []
    rates: dict[Kind, int] = {"audio": 50, "video": 45}  # packets; three are a picture
    for kind, rate in rates.items():
        came: list[float] = []
        for number in range(7 * rate):
            came.append(number / rate + 0.075)
            while chance.random() < 0.2:
                came[-1] += 0.15 if chance.random() > 0.2 else 0.25
        handed = 0.0
        step = 1 if kind == "audio" else 3
        for place in range(0, len(came) - 2, step):
            parts = came[place : place + step]
            handed = max(handed, *parts)
            events.append((handed, 0, kind, place / rate, min(parts)))
        reports = (second + 0.2 for second in range(7))
        events += [(at + 0.075, 1, kind, at, 0.0) for at in reports if chance.random() > 0.2]
    stage = Stage()
    for now, is_report, kind, made, arrival in sorted(events):
        if is_report:
            rate, first = (VIDEO, 5_000_000) if kind == "video" else (AUDIO, 77)
            stage.timeline.report(kind, 1000 + made, (first + round(made * rate)) & 0xFFFFFFFF, now)
        else:
            stage.frame(kind, video(made, arrival=arrival) if kind == "video" else audio(made, arrival=arrival))
    stage.end()
    assert stage.timeline.raster.dropped == 0
    assert stage.silent() == []


def test_a_sender_that_dates_its_reports_late_moves_nothing() -> None:
    """As aiortc does: the time of a report is that at which a packet goes out, however late that is."""
    stage = Stage()
    for tick in range(800):
        now = tick / 100
        late = 0.35 if 300 < tick < 360 or tick > 690 else 0.0
        if tick % 4 == 0:
            stage.frame("video", video(now, arrival=now + late))
        if tick % 2 == 0:
            stage.frame("audio", audio(now, arrival=now + late))
        if tick % 100 == 30:
            stage.timeline.report("video", 1000 + now + late, (5_000_000 + round(now * VIDEO)) & 0xFFFFFFFF)
            stage.timeline.report("audio", 1000 + now + late, (77 + round(now * AUDIO)) & 0xFFFFFFFF)
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.silent() == []
    assert (stage.at("video")[-1], stage.at("audio")[-1]) == (7960, 7980)


def test_a_few_frames_that_were_sent_again_prove_nothing() -> None:
    """All that comes for a while was waited for: their clock did not stop."""
    stage = Stage()
    talk(stage, 0, 5)
    for tick in range(500, 512, 2):  # behind a hole, filled after 0.8 s, and the next hole follows
        stage.frame("audio", audio(tick / 100, arrival=tick / 100 + 0.8))
    for tick in range(500, 640, 4):
        stage.frame("video", video(tick / 100))
    for tick in range(512, 800, 2):
        stage.frame("audio", audio(tick / 100, arrival=max(6.4, tick / 100)))
        if tick >= 640 and tick % 4 == 0:
            stage.frame("video", video(tick / 100))
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.silent() == []
    assert stage.at("audio")[-1] == 7980
