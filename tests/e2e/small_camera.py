"""A camera that costs little: a film of 640x360, which Chromium shows in a loop instead of its own moving picture.

A quarter of the pixels that the page asks for, as cheap cameras have it. Two copies of each picture are encoded in real
time, and one is drawn, by two cores that have more to do. Where the size matters, the browser's own camera is used.
"""

from pathlib import Path

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 12, 2
SQUARE = 80  # pixels
DARK, BRIGHT, COLOUR = 90, 210, 128  # of 255; nowhere so dark that a film would count as black


def film(path: Path) -> Path:
    """Write it as Y4M: a bright square goes across from left to right."""
    count = RATE * SECONDS
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n".encode())
        for number in range(count):
            left = (WIDTH - SQUARE) * number // (count - 1)
            crossed = bytes([DARK]) * left + bytes([BRIGHT]) * SQUARE + bytes([DARK]) * (WIDTH - SQUARE - left)
            empty, above = bytes([DARK]) * WIDTH, (HEIGHT - SQUARE) // 2
            file.write(b"FRAME\n" + empty * above + crossed * SQUARE + empty * (HEIGHT - SQUARE - above))
            file.write(bytes([COLOUR]) * (WIDTH * HEIGHT // 2))
    return path
