"""Writes a workbook aside: `python -m server.hiring.transfers.sheet TARGET` is a child of its own.

It reads one JSON list per row from standard input and holds only a few of them. Every text is written as text, whatever
it begins with: a spreadsheet shows it and never calculates it.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec

NOT_IN_XML = dict.fromkeys((*range(9), *range(11, 32), 0xFFFE, 0xFFFF))  # one of these, and nothing is written at all
WIDTHS = {"Name": 28, "E-mail": 32, "Headline": 32, "Links": 40, "Added": 22, "Last change": 22, "Page": 48}


def main(arguments: list[str]) -> int:
    """Write TARGET."""
    import openpyxl  # noqa: PLC0415 - in the child alone
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Candidates")
    sheet.freeze_panes = "A2"

    def cell(value: Any, *, bold: bool = False) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet)
        made.value = value.translate(NOT_IN_XML)
        made.data_type = "s"  # the library takes a leading "=" for a formula
        if bold:
            made.font = Font(bold=True)
        return made

    for number, line in enumerate(sys.stdin.buffer):
        row = msgspec.json.decode(line, type=list[Any])
        if number == 0:
            for at, name in enumerate(row, 1):
                sheet.column_dimensions[get_column_letter(at)].width = WIDTHS.get(name, 16)
        sheet.append([cell(value, bold=number == 0) for value in row])
    book.save(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
