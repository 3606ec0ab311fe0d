"""Two RTP clocks on one time line: where pictures and sounds are placed on it."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.clock import WINDOW, Delays
from media.reorder import KINDS, Frame, Kind
from media.timeline import ABSENT, BEHIND, BOTH, HASTE, REPORTS
from tests.media.tracks import AUDIO, VIDEO, Stage, audio, talk, video


def test_reports_decide_the_offset_and_arrival_when_there_are_none() -> None:
    for reported, expected in ((True, 300), (False, 80)):
        stage = Stage()
        # The first picture is made 0.3 s after the first sound, but its packets come 0.08 s after it.
        stage.frame("audio", audio(0))
        stage.frame("video", video(0, arrival=0.08))
        if reported:
            stage.timeline.report("audio", 1000.0, 77)
            stage.timeline.report("video", 1000.3, 5_000_000)
        stage.end()
        assert stage.at("video")[0] - stage.at("audio")[0] == expected


def test_unbelievable_reports_are_not_believed() -> None:
    stage = Stage()
    stage.timeline.report("audio", 1000.0, 77)
    stage.timeline.report("video", 2000.0, 5_000_000)
    stage.frame("audio", audio(0))
    stage.frame("video", video(0, arrival=0.02))
    assert stage.end().at("video") == [20]


def test_frames_wait_for_the_reports_but_not_for_ever() -> None:
    stage = Stage()
    talk(stage, 0, REPORTS, reports=False)
    assert stage.out == []
    talk(stage, REPORTS, REPORTS + 0.2, reports=False)
    assert stage.at("video")[0] == 0


def test_a_sketch_waits_for_neither_reports_nor_a_picture() -> None:
    stage = Stage(hasty=True)
    for tick in range(0, 100, 2):
        stage.frame("audio", audio(tick / 100))
        assert (not stage.out) == (tick / 100 <= HASTE)
    for tick in range(100, 200, 2):
        stage.frame("audio", audio(tick / 100))
        if tick % 4 == 0:
            stage.frame("video", video(tick / 100 - 1, arrival=tick / 100))
    assert stage.at("video")[0] == 1000
    assert stage.at("video")[-1] >= 1900
    assert stage.at("audio")[-1] >= 1900


@pytest.mark.parametrize(("awaited", "held"), [(False, ABSENT), (True, BEHIND)])
def test_sound_waits_for_no_picture_of_which_nothing_is_on_its_way(awaited: bool, held: float) -> None:
    """A page gives up the picture where the way is thin; a killed recorder must not lose the sound for that."""
    stage = Stage()
    talk(stage, 0, 4)
    for tick in range(400, 800, 2):
        stage.out += stage.timeline.advance(tick / 100, awaited=awaited)
        stage.frame("audio", audio(tick / 100))
    assert abs(8.0 - held - stage.at("audio")[-1] / 1000) < 0.05


def test_a_video_that_does_not_come_is_waited_for_longer() -> None:
    stage = Stage()
    for tick in range(round(BOTH * 50) + 5):
        stage.frame("audio", audio(tick / 50))
        if tick / 50 <= BOTH:
            assert stage.out == []
    assert stage.end().at("audio")[:2] == [0, 20]


def test_frames_come_out_in_the_order_of_time() -> None:
    stage = Stage()
    talk(stage, 0, 5)
    stage.end()
    assert [placed.at for placed in stage.out] == sorted(placed.at for placed in stage.out)
    assert len(stage.at("video")) == 125
    assert len(stage.at("audio")) == 250
    assert stage.timeline.anchored == 0


@pytest.mark.parametrize("reports", [True, False])
def test_a_stopped_audio_clock_is_anchored_anew(reports: bool) -> None:
    """A replaced microphone: four seconds without sound, in which its clock does not run."""
    stage = Stage()
    talk(stage, 0, 5, reports=reports)
    for tick in range(500, 900, 4):
        stage.frame("video", video(tick / 100))
    talk(stage, 9, 15, audio_clock=4.0, reports=reports)
    stage.end()
    sounds = stage.at("audio")
    assert stage.timeline.anchored >= 1
    assert 3900 < sum(20 for at in stage.silent() if 4900 < at < 9100) < 4100
    assert max(b - a for a, b in itertools.pairwise(sounds)) > 3900
    assert abs(sounds[-1] - stage.at("video")[-1]) < 60


def test_a_stall_of_the_link_moves_nothing() -> None:
    stage = Stage()
    talk(stage, 0, 5)
    for tick in range(500, 700, 2):  # all that was sent in two seconds arrives at once
        if tick % 4 == 0:
            stage.frame("video", video(tick / 100, arrival=7.0 + tick / 1e5))
        stage.frame("audio", audio(tick / 100, arrival=7.0 + tick / 1e5))
    talk(stage, 7.1, 12)
    stage.end()
    assert stage.timeline.anchored == 0
    assert abs(stage.at("video")[-1] - 11960) <= 1
    assert abs(stage.at("audio")[-1] - 11980) <= 1


def test_a_packet_recovered_late_moves_nothing() -> None:
    stage = Stage()
    talk(stage, 0, 4)
    stage.frame("audio", audio(4.0, arrival=6.0))
    for tick in range(402, 800, 2):
        stage.frame("audio", audio(tick / 100, arrival=max(tick / 100, 6.0 if tick < 600 else 0)))
        if tick % 4 == 0:
            stage.frame("video", video(tick / 100))
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.at("audio")[-1] == 7980


@pytest.mark.parametrize("reports", [True, False])
@pytest.mark.parametrize("late", [0.4, 1.6, 2.2])
@pytest.mark.parametrize("kind", KINDS)
def test_what_has_waited_for_one_that_was_sent_again_moves_nothing(kind: Kind, late: float, reports: bool) -> None:
    """Behind a hole frames wait, with the times at which they came; once it is filled they are handed out together."""
    stage, behind = Stage(), list[Frame]()
    make, step = (video, 4) if kind == "video" else (audio, 2)
    talk(stage, 0, 4, reports=reports)
    for tick in range(400, 900):
        now = tick / 100
        if kind != "video" and tick % 4 == 0:
            stage.frame("video", video(now))
        if kind != "audio" and tick % 2 == 0:
            stage.frame("audio", audio(now))
        if reports and tick % 100 == 30:
            stage.timeline.report("video", 1000 + now, (5_000_000 + round(now * VIDEO)) & 0xFFFFFFFF)
            stage.timeline.report("audio", 1000 + now, (77 + round(now * AUDIO)) & 0xFFFFFFFF)
        if tick % step == 0:
            behind.append(make(now, arrival=4.0 + late if tick == 400 else now))
        if now >= 4.0 + late:
            for frame in behind:
                stage.frame(kind, frame)
            behind.clear()
    stage.end()
    assert stage.timeline.anchored == 0
    assert stage.silent() == []
    assert (len(stage.at("video")), len(stage.at("audio"))) == (225, 450)
    assert (stage.at("video")[-1], stage.at("audio")[-1]) == (8960, 8980)


def test_a_track_that_joins_late_is_put_where_it_belongs() -> None:
    stage = Stage()
    for tick in range(0, 600, 4):
        stage.frame("video", video(tick / 100))
    for tick in range(600, 700, 2):
        stage.frame("audio", audio(tick / 100 - 6, arrival=tick / 100))
        if tick % 4 == 0:
            stage.frame("video", video(tick / 100))
    assert stage.end().at("audio")[0] == 6000


@given(
    early=st.floats(-0.3, 0.3),
    come=st.floats(REPORTS + 0.1, 8.0),
    first=st.sampled_from(KINDS),
    late=st.floats(0.0, 0.2),
)
@settings(max_examples=40, deadline=None)
def test_reports_that_come_after_the_start_still_decide_the_offset(
    early: float, come: float, first: Kind, late: float
) -> None:
    """A machine that has no time hears of them after it has begun by arrival times, which are wrong by some 50 ms."""
    stage = Stage()
    reports: list[tuple[float, Kind]] = [(come, first), (come + 0.3, "audio" if first == "video" else "video")]
    for tick in range(1200):
        now = tick / 100
        if tick % 4 == 0:
            stage.frame("video", video(now, arrival=now + late))
        if tick % 2 == 0:
            stage.frame("audio", audio(now, arrival=now))
        while reports and reports[0][0] <= now:
            kind = reports.pop(0)[1]
            rate, origin = (VIDEO, 5_000_000) if kind == "video" else (AUDIO, 77)
            moment = now + (early if kind == "audio" else 0.0)
            stage.timeline.report(kind, 1000 + moment, (origin + round(now * rate)) & 0xFFFFFFFF)
    stage.end()
    apart = (stage.at("audio")[-1] - 11_980) - (stage.at("video")[-1] - 11_960)
    assert abs(apart / 1000 - early) < 0.045


@pytest.mark.parametrize("begin", [0.1, 4.0])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("leap", [12.0, 3600.0, 20_000.0])
def test_a_clock_that_leaps_writes_no_hours_of_silence(kind: Kind, leap: float, begin: float) -> None:
    """A damaged or a hostile sender: one frame, before or after the start, that says it is of another day."""
    stage = Stage()
    talk(stage, 0, begin)
    make = video if kind == "video" else audio
    stage.frame(kind, make(begin + leap, arrival=begin))
    talk(stage, begin + 0.02, begin + 6)
    stage.end()
    assert len(stage.silent()) * 0.02 < 11
    assert max(placed.at for placed in stage.out) < (begin + 18) * 1000


def test_a_clock_that_leaps_again_and_again_gets_nowhere() -> None:
    stage = Stage({"audio"})
    for tick in range(2000):  # in steps too small to be doubted, each of them ahead of its time
        stage.frame("audio", audio(tick * 0.4, arrival=tick / 100))
    stage.end()
    assert len(stage.out) * 0.02 < 20 + 12


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(-1, 1)), min_size=1))
def test_the_least_delay_is_one_of_the_last_while_in_whatever_order_it_is_told(told: list[tuple[float, float]]) -> None:
    delays, latest = Delays(), -math.inf
    for arrival, delay in told:
        delays.add(arrival, delay)
        latest = max(latest, arrival)
        assert delays.least in {late for when, late in told if when >= latest - WINDOW}
