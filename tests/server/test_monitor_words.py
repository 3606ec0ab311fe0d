"""What the live monitor calls devices and pages."""

import json
from typing import Any
from uuid import uuid4

import pytest

from server.hiring.monitoring.rules import device_of, page_of, words_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
DEVICES = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox, Linux",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0": "Edge, Windows",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36": "Chrome, Android",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {APPLE} Version/26.0 Safari/604.1": "Safari, iPhone",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/26.0 Safari/605.1.15": "Safari, macOS",
    "curl/8.5": "Unknown device",
    "<script>alert(1)</script> Firefox/1": "Firefox",
}


@pytest.mark.parametrize(("agent", "name"), DEVICES.items(), ids=DEVICES.values())
def test_a_device_is_two_words(agent: str, name: str) -> None:
    assert device_of(agent) == name


def test_a_page_is_one_of_a_closed_list() -> None:
    job = uuid4()
    assert page_of(f"/w/acme/jobs/{job}") == f"board:{job}"
    assert page_of(f"/c/a/{job}/record") == f"record:{job}"
    for wild in ("", "/", "/w/acme/jobs/x", f"/w/acme/jobs/{job}/../..", "javascript:alert(1)", "/w/" + "a" * 300):
        assert page_of(wild) == ""
    assert words_of(f"board:{job}", "", {job: "Engineer"}) == "Board, Engineer"
    assert words_of("", "no json", {}) == "Connected"
    watching: Any = json.dumps({"view": "answer", "card": str(job), "answer": 1, "at": 67})
    assert words_of(f"application:{job}", watching, {job: "Cleo"}) == "Watching Cleo at 1:07"
    assert words_of("record", '{"view":"recording","answer":2}', {}) == "Recording answer 2"
