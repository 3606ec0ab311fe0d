"""The browsers the other tests stand on: two people apart, a fake camera that records, axe that finds."""

from pathlib import Path

import pytest

from tests.e2e import engines
from tests.e2e.browsers import People, axe

PAGE = "<!doctype html><html lang='en'><title>Test</title><main><h1>Test</h1>{}</main></html>"
RECORD = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({video: {width: 1280, height: 720}, audio: true});
  const { width, height } = stream.getVideoTracks()[0].getSettings();
  const parts = [];
  const recorder = new MediaRecorder(stream, {mimeType: "video/webm;codecs=vp8,opus"});
  recorder.ondataavailable = (event) => parts.push(event.data.size);
  recorder.start(200);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await new Promise((resolve) => { recorder.onstop = resolve; recorder.stop(); });
  return { width, height, bytes: parts.reduce((sum, size) => sum + size, 0) };
}"""


async def test_people_share_no_cookies(people: People) -> None:
    ada, ben = await people("Ada"), await people("Ben")
    for page in (ada, ben):
        await page.route("http://greenroom.test/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        await page.goto("http://greenroom.test/")
    await ada.evaluate("document.cookie = 'who=ada'")
    assert await ben.evaluate("document.cookie") == ""


async def test_the_fake_camera_records(people: People) -> None:
    page = await people("Cleo")
    await page.route("http://localhost/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    await page.goto("http://localhost/")
    recorded = await page.evaluate(RECORD)
    assert recorded["bytes"] > 1000, recorded


async def test_axe_names_what_is_wrong(people: People) -> None:
    page = await people("Ada")
    await page.set_content(PAGE.format("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"))
    assert [line.split(" ")[0] for line in await axe(page)] == ["image-alt"]
    await page.set_content(PAGE.format("<p>Fine</p>"))
    assert await axe(page) == []


async def test_a_script_error_is_remembered(people: People) -> None:
    page = await people("Ada")
    await page.set_content(PAGE.format("<button onclick='missing()'>Go</button>"))
    await page.click("button")
    assert "missing" in people.problems.pop()


def test_an_engine_that_cannot_be_had_is_named_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(engines, "find", lambda engine: Path("/here") if engine == "chromium" else None)
    monkeypatch.setattr(engines, "install", tried.extend)
    assert engines.main([]) == 1
    assert tried == ["firefox"]
    assert "firefox: cannot be had here" in capsys.readouterr().out
    assert engines.main(["chromium"]) == 0


def test_a_missing_engine_is_installed_from_debian_by_root_else_by_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr("tests.e2e.engines.subprocess.run", lambda words, **_: ran.append(" ".join(map(str, words))))
    monkeypatch.setattr(
        "tests.e2e.engines.shutil.which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None
    )
    monkeypatch.setattr(engines, "installed", lambda _engine: None)
    monkeypatch.setattr("tests.e2e.engines.os.geteuid", lambda: 0)
    engines.install(["firefox"])
    assert [line.split(" ")[0:2] for line in ran[:2]] == [["apt-get", "update"], ["apt-get", "install"]]
    assert ran[1].endswith(" firefox-esr")
    assert ran[2].endswith("-m playwright install firefox")
    ran.clear()
    monkeypatch.setattr("tests.e2e.engines.os.geteuid", lambda: 1000)
    engines.install(["chromium"])
    assert [line.split(" ", 1)[1] for line in ran] == ["-m playwright install chromium"]
