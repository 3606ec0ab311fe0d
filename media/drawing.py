"""Flat drawings in numpy: SVG path data in, anti-aliased coverage out, painted onto a picture.

A handful of pure functions for the people that `media/portrait.py` draws. Points are in pixels, y downwards; a
coverage is an array of 0 to 1 with the place of its upper left corner, only as large as the shape.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

FINE = 4  # sub-pixels per pixel, in each direction
STEPS = 16  # straight pieces per curve
TOKEN = re.compile(r"[MmCcSsLlHhVvZz]|-?(?:\d+\.?\d*|\.\d+)")
TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of each pixel a shape covers, beginning at (left, top)."""

    left: int
    top: int
    amount: Floats


def outline(data: str) -> list[Floats]:
    """Flattens SVG path data (M C S L H V Z, absolute or relative) into polygons of shape (n, 2)."""
    tokens = TOKEN.findall(data)
    shapes: list[list[tuple[float, float]]] = []
    at, start, handle, command, i = (0.0, 0.0), (0.0, 0.0), None, "M", 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command in "Zz":
                at, handle = start, None
                continue
        kind = command.upper()
        numbers = [float(token) for token in tokens[i : i + TAKES[kind]]]
        i += TAKES[kind]
        x, y = at if command.islower() else (0.0, 0.0)
        if kind in "HV":
            end = (x + numbers[0], at[1]) if kind == "H" else (at[0], y + numbers[0])
            points = [end]
        else:
            points = [(x + numbers[n], y + numbers[n + 1]) for n in range(0, len(numbers), 2)]
            end = points[-1]
        if kind == "M":
            shapes.append([end])
            start, command = end, "l" if command == "m" else "L"
        elif kind in "CS":
            if kind == "S":
                points.insert(0, at if handle is None else (2 * at[0] - handle[0], 2 * at[1] - handle[1]))
            shapes[-1].extend(_curve(at, *points))
        else:
            shapes[-1].append(end)
        handle = points[-2] if kind in "CS" else None
        at = end
    return [np.array(shape, np.float32) for shape in shapes]


def ellipse(x: float, y: float, rx: float, ry: float) -> list[Floats]:
    """A polygon close enough to an ellipse."""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return [np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1).astype(np.float32)]


def rectangle(x: float, y: float, width: float, height: float) -> list[Floats]:
    return [np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)]


def fill(shapes: Sequence[Floats], width: int, height: int) -> Coverage:
    """Coverage of filled polygons (non-zero winding), cut to a picture of width x height."""
    every = np.concatenate(shapes)
    left, top = (max(0, int(np.floor(v)) - 1) for v in every.min(0))
    right, bottom = min(width, int(every[:, 0].max()) + 2), min(height, int(every[:, 1].max()) + 2)
    columns, rows = max(0, right - left) * FINE, max(0, bottom - top) * FINE
    if not columns or not rows:
        return Coverage(0, 0, np.zeros((0, 0), np.float32))
    winding = np.zeros((rows, columns + 1), np.int16)
    for shape in shapes:
        points = (shape - (left, top)) * FINE
        for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0), strict=True):
            if y0 == y1:
                continue
            low, high, sign = (y0, y1, 1) if y0 < y1 else (y1, y0, -1)
            lines = np.arange(max(0, int(np.ceil(low - 0.5))), min(rows, int(np.ceil(high - 0.5))))
            across = x0 + (lines + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            np.add.at(winding, (lines, np.clip(np.ceil(across - 0.5), 0, columns).astype(int)), sign)
    inside = np.cumsum(winding[:, :-1], axis=1) != 0
    amount = inside.reshape(rows // FINE, FINE, columns // FINE, FINE).mean((1, 3), dtype=np.float32)
    return Coverage(left, top, amount)


def stroke(lines: Sequence[Floats], thickness: float, width: int, height: int, *, closed: bool = False) -> Coverage:
    """Coverage of lines with round ends."""
    every = np.concatenate(lines)
    reach = thickness / 2 + 1
    left, top = (max(0, int(v - reach)) for v in every.min(0))
    right, bottom = min(width, int(every[:, 0].max() + reach) + 1), min(height, int(every[:, 1].max() + reach) + 1)
    x, y = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
    nearest = np.full(x.shape, np.inf)
    for line in lines:
        points = np.concatenate([line, line[:1]]) if closed else line
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            dx, dy = x1 - x0, y1 - y0
            along = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            nearest = np.minimum(nearest, np.hypot(x - x0 - along * dx, y - y0 - along * dy))
    return Coverage(left, top, np.clip(thickness / 2 + 0.5 - nearest, 0, 1).astype(np.float32))


def paint(picture: Floats, coverage: Coverage, colour: Colour, opacity: float = 1.0) -> None:
    """Lays a colour over a picture (height, width, 3; 0 to 255) where the coverage says."""
    rows, columns = coverage.amount.shape
    part = picture[coverage.top : coverage.top + rows, coverage.left : coverage.left + columns]
    part += (np.array(colour, np.float32) - part) * (coverage.amount * opacity)[..., None]


def within(shape: Coverage, frame: Coverage) -> Coverage:
    """What of a shape lies within another."""
    left, top = max(shape.left, frame.left), max(shape.top, frame.top)
    right = min(shape.left + shape.amount.shape[1], frame.left + frame.amount.shape[1])
    bottom = min(shape.top + shape.amount.shape[0], frame.top + frame.amount.shape[0])
    if right <= left or bottom <= top:
        return Coverage(0, 0, np.zeros((0, 0), np.float32))
    a = shape.amount[top - shape.top : bottom - shape.top, left - shape.left : right - shape.left]
    b = frame.amount[top - frame.top : bottom - frame.top, left - frame.left : right - frame.left]
    return Coverage(left, top, a * b)


def colour(code: str) -> Colour:
    """`#rrggbb` as three numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def _curve(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> list[tuple[float, float]]:
    t = np.linspace(0, 1, STEPS + 1)[1:, None]
    points = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * np.array(d)
    return [(float(x), float(y)) for x, y in points]
