"""What is made of a finished recording in the worker: a poster (JPEG) and the loudness over time (JSON).

Each function works on local files, blocks, and may be repeated; `derive` runs them in a thread for a stored
recording. A recording without video has no poster, one without sound no peaks.
"""

import asyncio
import contextlib
import itertools
from pathlib import Path
from uuid import UUID

import av
import msgspec
import numpy as np

from media.storage import Storage

POSTER_AT = 0.5  # seconds; the first pictures of a camera are dark
POSTER_WIDTH = 640  # pixels
PEAKS_PER_SECOND = 10
LOUDEST = 255


def poster(source: Path, target: Path) -> bool:
    """Writes a picture from early in the video as JPEG; False when there is none."""
    picture = None
    with av.open(str(source)) as container:
        if not container.streams.video:
            return False
        with contextlib.suppress(av.FFmpegError):  # what has been seen up to the damage will do
            for frame in itertools.islice(container.decode(video=0), 300):
                picture = frame
                if frame.time >= POSTER_AT:
                    break
    if picture is None:
        return False
    width = min(POSTER_WIDTH, picture.width) // 2 * 2
    height = max(2, round(picture.height * width / picture.width / 2) * 2)
    small = picture.reformat(width, height, "yuvj420p")
    small.pts = None
    with av.open(str(target), "w", format="image2", options={"update": "1"}) as image:
        stream = image.add_stream("mjpeg", rate=1, options={"qmin": "3", "qmax": "6"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        image.mux(stream.encode(small))
        image.mux(stream.encode(None))
    return True


def peaks(source: Path, target: Path) -> bool:
    """Writes `{"rate": 10, "peaks": [0..255, ...]}`, the loudest sample of each tenth; False without sound."""
    loudest: dict[int, float] = {}
    with av.open(str(source)) as container:
        if not container.streams.audio:
            return False
        resampler = av.AudioResampler(format="flt", layout="mono", rate=16000)
        with contextlib.suppress(av.FFmpegError):
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    _note(part, loudest)
    count = max(loudest, default=-1) + 1
    values = [min(LOUDEST, round(loudest.get(slot, 0.0) * LOUDEST)) for slot in range(count)]
    target.write_bytes(msgspec.json.encode({"rate": PEAKS_PER_SECOND, "peaks": values}))
    return True


def _note(part: av.AudioFrame, loudest: dict[int, float]) -> None:
    samples = np.abs(part.to_ndarray().reshape(-1))
    begin = part.time or 0.0
    slots = ((begin + np.arange(samples.size) / part.sample_rate) * PEAKS_PER_SECOND).astype(int)
    for slot in np.unique(slots):
        loudest[int(slot)] = max(loudest.get(int(slot), 0.0), float(samples[slots == slot].max()))


async def derive(storage: Storage, recording_id: UUID, key: str) -> dict[str, str]:
    """Makes and stores what can be made of the file under `key`; returns the derivatives with it as "video"."""
    folder = storage.scratch / f"derive-{recording_id}"
    folder.mkdir(exist_ok=True)
    source, picture, loudness = folder / "source", folder / "poster.jpg", folder / "peaks.json"
    try:
        await storage.fetch(key, source)
        made = {"video": key}
        for name, make, path in (("poster", poster, picture), ("peaks", peaks, loudness)):
            if await asyncio.to_thread(make, source, path):
                made[name] = f"{recording_id}/{path.name}"
                await storage.put(made[name], path)
        return made
    finally:
        for path in (source, picture, loudness):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
