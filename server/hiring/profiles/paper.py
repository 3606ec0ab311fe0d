"""Reads a file of a candidate aside: `python -m server.hiring.profiles.paper SOURCE FOLDER KIND` is a child of its own.

A stranger's file is never parsed by a process that does anything else, and no browser of the team ever opens one: the
child writes its text to `text` and pictures of its first pages to `1.webp` and so on, which are shown instead. It has
limits of memory and of processor time; archives are weighed by what they say they unpack to.
"""

import asyncio
import codecs
import contextlib
import resource
import sys
import zipfile
from pathlib import Path

from server.hiring.views.profiles import FileKind

PAGES = 6  # that are shown
READ_PAGES = 60  # whose text is read
WIDTH = 1000  # pixels
LONGEST_TEXT = 200_000
PIXELS = 60_000_000
UNPACKED = 64 << 20
SECONDS = 40
MEMORY = 2 << 30


async def read_aside(source: Path, folder: Path, kind: FileKind) -> bool:
    """Read in a child; whether it could be read."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(source), str(folder), kind,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return await asyncio.wait_for(child.wait(), 3 * SECONDS) == 0
    except TimeoutError:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def text_of(data: bytes) -> str:
    """Plain text as editors write it: UTF-8, UTF-16 with its mark, else the encoding of Windows in the West.

    Raises UnicodeError.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1252")


# In the child


def main(arguments: list[str]) -> int:
    """Read SOURCE, which is of KIND, into FOLDER."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    read(Path(arguments[0]), Path(arguments[1]), arguments[2])
    return 0


def read(source: Path, folder: Path, kind: str) -> None:
    """Draw its pages and write its text into the folder. Outside of the child: for files of our own making only."""
    work = {"pdf": _pdf, "docx": _docx, "text": _text}.get(kind, _picture)
    text = work(source, folder)
    (folder / "text").write_text(text.replace("\0", "")[:LONGEST_TEXT], encoding="utf-8", errors="replace")


def _pdf(source: Path, folder: Path) -> str:
    import pypdfium2  # noqa: PLC0415 - in the child alone

    parts: list[str] = []
    document = pypdfium2.PdfDocument(source)
    for number in range(min(len(document), READ_PAGES)):
        page = document[number]
        parts.append(page.get_textpage().get_text_bounded())
        if number < PAGES:
            width, height = page.get_size()
            scale = min(WIDTH / max(width, 1), 2 * WIDTH / max(height, 1))
            page.render(scale=scale).to_pil().convert("RGB").save(folder / f"{number + 1}.webp", quality=80)
        page.close()
    return "\n\n".join(parts)


def _docx(source: Path, _folder: Path) -> str:
    import docx  # noqa: PLC0415 - in the child alone

    with zipfile.ZipFile(source) as archive:
        if sum(member.file_size for member in archive.infolist()) > UNPACKED:
            raise ValueError("it unpacks to far more than a document")
    document = docx.Document(str(source))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += ["\t".join(cell.text for cell in row.cells) for row in table.rows]
    return "\n".join(lines)


def _text(source: Path, _folder: Path) -> str:
    return text_of(source.read_bytes())


def _picture(source: Path, folder: Path) -> str:
    from PIL import Image, ImageOps  # noqa: PLC0415 - in the child alone

    with Image.open(source, formats=("PNG", "JPEG", "WEBP", "GIF")) as image:
        if image.width * image.height > PIXELS:
            raise ValueError("it has far more pixels than a photograph")
        image.draft("RGB", (2 * WIDTH, 2 * WIDTH))
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((WIDTH, 2 * WIDTH))
        upright.save(folder / "1.webp", quality=85)
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
