"""PROTOCOL.md says what the code does: its tables are compared with the frames, codes and limits themselves."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from realtime import frames

TEXT = (Path(frames.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")


def table(heading: str) -> Iterator[list[str]]:
    """The cells of a chapter's table, without its head."""
    chapter = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in chapter.splitlines() if line.startswith("|")]
    yield from ([cell.strip() for cell in line[1:-1].split("|")] for line in lines[2:])


def words(cell: str) -> list[str]:
    return re.findall(r"`([\w.?]+)`", cell)


@pytest.mark.parametrize(
    ("heading", "union"), [("From the client", frames.ClientFrame), ("From the server", frames.ServerFrame)]
)
def test_every_frame_is_in_its_table_with_its_fields(heading: str, union: object) -> None:
    told = {words(name)[0]: words(fields) for name, fields, *_ in table(heading)}
    if heading == "From the server":
        told["hello"] = ["protocol", "connection", "epoch", "ping"]
    there = {}
    for cls in get_args(union):
        info = msgspec.structs.fields(cls)
        optional = "?" if union is frames.ClientFrame else ""
        there[cls.__struct_config__.tag] = [field.name + ("" if field.required else optional) for field in info]
    assert told == there


def test_a_person_is_described_with_all_its_fields() -> None:
    (fields,) = re.findall(r"A \*\*person\*\* is `\{([\w, ]+)\}`", TEXT)
    assert fields.split(", ") == [field.name for field in msgspec.structs.fields(frames.Present)]


def test_every_close_code_is_in_its_table() -> None:
    told = {(int(code), words(reason)[0]) for code, reason, _ in table("Close codes")}
    there = {value for name, value in vars(frames.Close).items() if name.isupper()} - {frames.Close.RESTART}
    assert told == there
    assert str(frames.Close.RESTART[0]) in TEXT
    assert all((4400 <= code <= 4499) == (4400 <= code < 4500) for code, _ in told)


def test_every_error_code_is_in_its_table() -> None:
    assert [words(code)[0] for code, _ in table("Error codes")] == list(get_args(frames.ErrorCode))


def test_every_limit_is_what_the_code_has() -> None:
    names = []
    for what, limit, name, _ in table("Limits"):
        module, constant = words(name)[0].split(".")
        value = getattr(importlib.import_module(f"realtime.{module}"), constant)
        number = re.search(r"\d+", limit.replace("one per ", ""))
        assert number, what
        assert float(number[0]) == value, what
        names.append(constant)
    assert len(names) == len(set(names)) > 15
