"""Which protocol class uvicorn is started with: the one that shares frames, or the plain one when it has changed."""

import importlib.util
import inspect
import re
import sys
from pathlib import Path

import pytest
from uvicorn.protocols.websockets import websockets_sansio_impl as uvicorns

import realtime
from realtime.packet import PLAIN_PROTOCOL, uvicorn_protocol
from tests.realtime.node import SHARED

# Everything of uvicorn's class that `realtime/wire.py` names, and uvicorn's own names for calling it.
USED = [
    "WebSocketsSansIOProtocol", "run_asgi", "send_receive_event_to_app", "stop_keepalive", "conn", "scope", "transport",
    "request", "response", "frames", "curr_msg_data_type", "close_sent",
]  # fmt: skip


def another_uvicorn(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str) -> None:
    """From now on, uvicorn's module has this source, and ours is imported anew on top of it."""
    file = folder / "another_uvicorn.py"
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(uvicorns.__name__, file)
    assert spec
    assert spec.loader
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    monkeypatch.setitem(sys.modules, uvicorns.__name__, other)
    monkeypatch.delitem(sys.modules, "realtime.wire")
    monkeypatch.delattr(realtime, "wire")


def test_the_installed_uvicorn_shares_frames() -> None:
    assert SHARED == "realtime.wire:SharedFrames"


async def test_it_is_found_out_while_a_loop_runs_too() -> None:
    assert uvicorn_protocol() == SHARED


def test_the_same_source_read_again_is_no_other_uvicorn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    another_uvicorn(monkeypatch, tmp_path, inspect.getsource(uvicorns))
    assert uvicorn_protocol() == SHARED


@pytest.mark.parametrize("name", USED)
def test_whatever_uvicorn_renames_the_plain_way_is_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, name: str
) -> None:
    source = inspect.getsource(uvicorns)
    renamed = re.sub(rf"(?<=self\.){name}\b|(?<=def ){name}\b|(?<=class ){name}\b", f"other_{name}", source)
    assert renamed != source
    another_uvicorn(monkeypatch, tmp_path, renamed)
    assert uvicorn_protocol() == PLAIN_PROTOCOL
    assert "frames are not shared" in caplog.text


@pytest.mark.parametrize(
    ("word", "other"),
    [
        # pings that no longer end when they are told to
        ("self.ping_timer.cancel()", "pass"),
        # messages that are handed over in another way, beside ours
        ("self.send_receive_event_to_app()", "self.queue.put_nowait({'type': 'websocket.receive', 'text': 'x'})"),
        # an application that learns nothing of the end
        ('self.queue.put_nowait({"type": "websocket.disconnect", "code": code})', "pass"),
        # the handshake's answer held back
        ("self.handshake_complete = True\n                    self.conn.send_response(self.response)", "pass"),
    ],
)
def test_a_change_of_meaning_is_noticed_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str, other: str
) -> None:
    source = inspect.getsource(uvicorns)
    assert word in source
    another_uvicorn(monkeypatch, tmp_path, source.replace(word, other))
    assert uvicorn_protocol() == PLAIN_PROTOCOL
