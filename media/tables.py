"""The rows of recordings: a media file and its life, owned by something that media does not look into.

A row begins "new" when a ticket is issued, is "recording" while packets arrive, "processing" until poster and peaks
are made, then "ready". "interrupted" means that the end is missing and what came in is kept; "failed" that there is
nothing; "deleted" that every file is gone. Of what is made of it, `movie` says how far the MP4 copy is ("" not asked
for, "waiting", "ready", "failed") and `warnings` what nobody would hear or see (media/senses.py).

An upload is a file on its way to become a recording, piece by piece: "open" while bytes are missing, "whole" until they
are one file, then "done", when only the row is left, to tell a client that asks again.
"""

from typing import Literal

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

State = Literal["new", "recording", "processing", "ready", "interrupted", "failed", "deleted"]
Source = Literal["webrtc", "upload", "synth"]


class Recording(Table, tablename="recording"):
    """`owner` is "kind:UUID". `ticket_hash` is SHA-256 in hex of a single-use ticket, emptied when used.

    `lost` packets of the picture and `unheard_ms` of the sound never reached the recorder. `silent` while it is being
    recorded: nothing has come for some seconds.
    """

    id = UUID(primary_key=True, default=UUID4())
    owner = Varchar(length=80, index=True)
    state = Varchar(length=16, default="new", index=True)
    source = Varchar(length=16, default="webrtc")
    node = Varchar(length=120, default="")
    ticket_hash = Varchar(length=64, default="", index=True)
    mime = Varchar(length=80, default="video/webm")
    duration_ms = Integer(default=0)
    bytes = BigInt(default=0)
    width = Integer(default=0)
    height = Integer(default=0)
    audio = Boolean(default=False)
    video = Boolean(default=False)
    frames = Integer(default=0)
    lost = Integer(default=0)
    unheard_ms = Integer(default=0)
    silent = Boolean(default=False)
    error = Varchar(length=400, default="")
    derivatives = JSONB(default="{}")
    movie = Varchar(length=8, default="")
    movie_percent = Integer(default=0)
    warnings = Array(base_column=Varchar(length=12), default=list)
    created_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


class Upload(Table, tablename="upload"):
    """`pieces` are the keys in storage of the first `received` of `length` bytes, in order.

    `owner` is "kind:UUID", `metadata` the client's own header, `recording` what the upload becomes.
    """

    id = UUID(primary_key=True, default=UUID4())
    owner = Varchar(length=80, index=True)
    state = Varchar(length=8, default="open")
    metadata = Varchar(length=2000)
    length = BigInt()
    received = BigInt(default=0)
    pieces = Array(base_column=Varchar(length=120), default=list)
    recording = UUID(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(index=True)
