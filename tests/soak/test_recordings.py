"""`./dev soak recordings`, short: eight answers, in a house that fails more often."""

import pytest

from tests.soak.recordings import soak, stories


@pytest.mark.soak
@pytest.mark.timeout(400)  # a minute where nothing else runs
async def test_no_recording_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    run = await soak(8, 4, seed=7, apart=(1.0, 2.5))
    table = "\n".join([*run.table(), str(run.goal)])
    with capsys.disabled():
        print("\n" + table)
    if not run.goal.met:
        pytest.fail(table, pytrace=False)  # whole: an assertion would cut it short


def test_the_same_seed_tells_the_same_stories() -> None:
    assert stories(20, 3) == stories(20, 3) != stories(20, 4)
