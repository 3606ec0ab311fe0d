"""Captions: whoever may watch writes and reads them, nobody overwrites what they have not seen, and words are found."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from media.captions import LARGEST, Cue, Transcriber
from media.probe import probe
from server.core import db, runtime
from server.core.errors import NotFound
from server.hiring.interviews import captions, discarding
from tests.cast import Cast, Colleague, Json, Visitor
from tests.server import takes
from tests.server.house import House

FILE = b"WEBVTT\n\n00:01.000 --> 00:02.500\nI guessed first\n\n00:03.000 --> 00:05.000\nthen I wrote a recorder\n"
VTT = {"content-type": "text/vtt; charset=utf-8"}
SPOKEN = [{"start_ms": 0, "end_ms": 900, "text": "Hello & <b>welcome</b>"}]


@pytest.fixture
async def cleo(cast: Cast) -> Visitor:
    return await cast.cleo(await cast.job(questions=1))


@pytest.fixture
async def recording(house: House, cleo: Visitor) -> str:
    """That of a kept answer."""
    (question,) = await cleo.questions()
    ticket = await takes.recorded(house, cleo, question)
    await cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {})
    return str(ticket["recording"])


async def send(who: Colleague, recording: str, version: int = 0, content: bytes = FILE, **more: Any) -> Any:
    path = who.at(f"/api/recordings/{recording}/captions?version={version}")
    return await who.call("POST", path, content=content, **({"headers": VTT} | more))


async def shown(cast: Cast, cleo: Visitor) -> tuple[Json, Json]:
    """The take as the team and as the candidate see it."""
    (answer,) = (await cast.ada.read(f"/applications/{cleo.application}"))["answers"]
    (own,) = (await cleo.read("/place"))["answers"]
    return answer["take"], own["takes"][0]


class Dictation:
    """Hears one sentence in whatever film there is, as long as the film is; while `meanwhile` happens."""

    def __init__(self, meanwhile: Callable[[], Awaitable[Any]] | None = None) -> None:
        self.heard = 0
        self._meanwhile = meanwhile

    async def transcribe(self, film: Path) -> list[Cue]:
        self.heard += 1
        length = (await probe(film)).duration_ms
        if self._meanwhile is not None:
            await self._meanwhile()
        return [Cue(0, length, "I wrote a recorder")]


async def test_what_is_said_is_written_down_unless_somebody_has(
    house: House, cast: Cast, cleo: Visitor, recording: str, tmp_path: Path
) -> None:
    name, path = UUID(recording), f"/recordings/{recording}/captions"
    await runtime.here().storage.put(f"{recording}/video.webm", takes.clip(tmp_path))
    await db.execute(
        """UPDATE recording SET derivatives = jsonb_build_object('video', $2::text) WHERE id = $1""",
        name,
        f"{recording}/video.webm",
    )
    with pytest.raises(NotFound):
        await captions.transcribe(cast.dan.workspace, name, Dictation())
    clerk: Transcriber = Dictation()
    late = Dictation(meanwhile=lambda: send(cast.ada, recording))
    assert await captions.transcribe(cast.ada.workspace, name, clerk)
    kept = await cast.ada.read(path)
    assert (kept["version"], kept["source"], kept["cues"][0]["text"]) == (1, "automatic", "I wrote a recorder")
    assert (await cast.ada.read("/captions?q=recorder"))[0]["recording"] == recording
    assert not await captions.transcribe(cast.ada.workspace, name, late)  # once is enough
    assert late.heard == 0
    await db.execute("DELETE FROM captions WHERE recording_id = $1", name)
    assert not await captions.transcribe(cast.ada.workspace, name, late)
    assert (await cast.ada.read(path))["source"] == "uploaded"


async def test_a_file_is_sent_edited_shown_and_taken_away(cast: Cast, cleo: Visitor, recording: str) -> None:
    path = f"/recordings/{recording}/captions"
    assert await cast.ada.read(path) == {"recording": recording, "version": 0, "source": "written", "cues": []}
    assert [take["captions"] for take in await shown(cast, cleo)] == ["", ""]
    kept = (await send(cast.ada, recording)).json()
    assert (kept["version"], kept["source"], len(kept["cues"])) == (1, "uploaded", 2)
    edited = await cast.rae.make("PUT", path, {"version": 1, "cues": SPOKEN})  # who reviews may write them, too
    assert (edited["version"], edited["source"], edited["cues"]) == (2, "written", SPOKEN)
    for take, who in zip(await shown(cast, cleo), (cast.ada, cleo), strict=True):
        assert take["captions"].endswith(f"{path}?v=2")
        file = await who.get(take["captions"])
        assert (file.status_code, file.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
        assert file.text == ("WEBVTT\n\n00:00:00.000 --> 00:00:00.900\nHello &amp; &lt;b&gt;welcome&lt;/b&gt;\n")
    await cast.ben.make("PUT", path, {"version": 2, "cues": []})
    assert [take["captions"] for take in await shown(cast, cleo)] == ["", ""]
    assert (await cast.ada.get(cast.ada.at(path))).status_code == 404


async def test_nobody_overwrites_what_they_have_not_seen(cast: Cast, recording: str) -> None:
    path = cast.ada.at(f"/api/recordings/{recording}/captions")
    body = {"version": 0, "cues": SPOKEN}
    first = await cast.ada.call("PUT", path, body, key="one-and-the-same-key")
    assert (await cast.ada.call("PUT", path, body, key="one-and-the-same-key")).json() == first.json()
    late = await cast.ben.call("PUT", path, {"version": 0, "cues": []})
    assert (late.status_code, late.json()["code"]) == (409, "captions_changed")
    assert (await send(cast.ben, recording, 0)).status_code == 409
    assert (await cast.ada.read(f"/recordings/{recording}/captions"))["cues"] == SPOKEN


async def test_what_is_no_captions_is_refused_in_words(cast: Cast, recording: str) -> None:
    path = f"/recordings/{recording}/captions"
    for content, words in [
        (b"hello", "WEBVTT"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nGr\u00fc\u00dfe".encode("latin-1"), "UTF-8"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "Line 3"),
    ]:
        refused = await send(cast.ada, recording, content=content)
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_captions")
        assert words in refused.json()["message"]
    assert (await send(cast.ada, recording, headers={"content-type": "text/plain"})).status_code == 415
    assert (await send(cast.ada, recording, content=b"WEBVTT" + b" " * (LARGEST + 2048))).status_code == 413
    for cue in ({"start_ms": 5, "end_ms": 5}, {"start_ms": -1, "end_ms": 5}, {"start_ms": 0, "end_ms": 1 << 40}):
        refused = await cast.ada.do("PUT", path, {"version": 0, "cues": [cue | {"text": "x"}]})
        assert (refused.status_code, refused.json()["code"]) == (422, "bad_captions")
    long = await cast.ada.do("PUT", path, {"version": 0, "cues": [{"start_ms": 0, "end_ms": 9, "text": "x" * 501}]})
    assert "500 characters" in long.json()["message"]


async def test_the_video_of_a_job_has_captions_for_everybody(house: House, cast: Cast) -> None:
    job = await cast.job(questions=1)
    await takes.announce(house, takes.PHANTOM)
    ticket = await cast.ada.make("POST", f"/jobs/{job['id']}/video", {})
    await takes.report(house, ticket["recording"])
    await cast.ada.make("POST", f"/jobs/{job['id']}/video/acceptance", {"recording": ticket["recording"]})
    assert (await send(cast.ben, ticket["recording"])).status_code == 200
    film = (await cast.ada.read(f"/jobs/{job['id']}"))["film"]
    assert (await cast.ada.get(film["captions"])).status_code == 200
    public = job["public_url"].removeprefix(cast.origin)
    page = await cast.nobody().page(public)
    assert f'captions="{public}/captions?v=1"' in page.text
    assert "then I wrote a recorder" in (await cast.nobody().get(f"{public}/captions")).text
    (hit,) = await cast.ada.read("/captions?q=recorder")
    assert (hit["job"], hit["application"], hit["start_ms"]) == (job["id"], None, 3000)


async def test_words_are_found_and_their_moment(cast: Cast, cleo: Visitor, recording: str) -> None:
    await send(cast.ada, recording)
    for query, found in [
        ("recorder", 3000),
        ("GUESSED", 1000),
        ("guessed recorder", 1000),
        ('"wrote a recorder"', 3000),
        ('"recorder wrote"', None),
        ("absent", None),
        ("recorder -guessed", None),
        ("", None),
        ("'; DROP TABLE captions; --", None),
        ("<->&|!:*", None),
    ]:
        hits = (await cast.rae.call("GET", cast.rae.at("/api/captions"), params={"q": query})).json()
        assert [hit["start_ms"] for hit in hits] == ([] if found is None else [found]), query
    (hit,) = await cast.ada.read("/captions?q=recorder")
    assert (hit["recording"], hit["application"], hit["question"]) == (recording, cleo.application, 1)
    assert (hit["name"], hit["text"]) == (cleo.name, "then I wrote a recorder")
    assert await cast.dan.read("/captions?q=recorder") == []


async def test_words_are_found_as_every_search_finds_them(cast: Cast, cleo: Visitor, recording: str) -> None:
    said = [
        "私は東京大学で日本語を勉強しました",
        "在北京的大学学习,熟悉React和数据库",
        "데이터베이스를 개발했습니다",
        "Ça, c'est Inês",
    ]
    cues = [{"start_ms": at * 1000, "end_ms": at * 1000 + 900, "text": text} for at, text in enumerate(said)]
    await cast.ada.make("PUT", f"/recordings/{recording}/captions", {"version": 0, "cues": cues})
    for query, found in [
        ("京大学", 0), ("日本語", 0), ("本学", None), ("语", None), ("数据库", 1), ("大学 react", 1), ("베이스", 2),
        ("개발", 2), ('"東京大学"', 0), ('"東京日本"', None), ("日本語 -react", None), ("日本語 -本学", 0),
        ("ines", 3), ("INÊ", 3), ('"ca c"', 3), ('"ca" "ines"', 3), ('"ines ca"', None), ("-absent", None),
        ('ines "', 3), ("ines OR absent", None), ("、。", None), ("ines 、。", 3), ("ines -", 3),
    ]:  # fmt: skip
        hits = (await cast.rae.call("GET", cast.rae.at("/api/captions"), params={"q": query})).json()
        assert [hit["start_ms"] for hit in hits] == ([] if found is None else [found * 1000]), query
    assert await cast.dan.read(f"/captions?q={quote('日本語')}") == []


async def test_captions_of_what_was_not_kept_are_nobodys(
    house: House, cast: Cast, cleo: Visitor, recording: str
) -> None:
    (question,) = await cleo.questions()
    other = await takes.recorded(house, cleo, question)
    assert (await send(cast.ada, other["recording"])).status_code == 404
    assert (await send(cast.ada, str(uuid4()))).status_code == 404
    await send(cast.ada, recording)
    await cleo.make("POST", f"/takes/{other['take']}/acceptance", {})  # another take is the answer now
    assert await cast.ada.read("/captions?q=recorder") == []
    assert (await cast.ada.get(cast.ada.at(f"/recordings/{recording}/captions"))).status_code == 404
    assert (await cleo.get(cleo.at(f"/recordings/{recording}/captions"))).status_code == 200


async def test_captions_are_gone_with_their_recording(cast: Cast, cleo: Visitor, recording: str) -> None:
    await send(cast.ada, recording)
    async with db.transaction():
        await discarding._forget(UUID(recording))
    assert await db.value("SELECT count(*) FROM captions WHERE recording_id = $1", UUID(recording)) == 0
    assert (await cleo.get(cleo.at(f"/recordings/{recording}/captions"))).status_code == 404
    assert (await send(cast.ada, recording)).status_code == 404
