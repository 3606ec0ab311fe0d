"""A drawn person in a room, for the demo: nobody real, another for each seed; eyes that blink, a mouth that moves.

A `Portrait` is drawn once (room, body, head) and then gives pictures for a few numbers: how open mouth and eyes
are, and where the head is. Heads that have been drawn before come from memory. The face is drawn in units of its
own (40 wide), the room in 640 x 360.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media import drawing
from media.drawing import Colour, Coverage, Floats

Picture = npt.NDArray[np.uint8]

ROOM = (640, 360)
FACE = (148.0, 8.0, 8.6)  # where the face's units begin in the room, and their size

SKINS = ("#f0c9a8", "#f2ceb1", "#e9bd95", "#c98a63", "#a4683f", "#6b412b", "#d9a679", "#8a5536")
SHIRTS = ("#e4b04a", "#b45309", "#3b4cca", "#17703f", "#7c5cbf", "#b8475a", "#2d7f8f", "#4a5560")
DARK_HAIR = ("#2a1a16", "#100c0a", "#16110e", "#1c1a1d", "#3a2318")
HAIR = (*DARK_HAIR, "#b9823c", "#8c4a24", "#8f8b88")
SCARVES = ("#8fb0c9", "#c98f9d", "#6f8f7a", "#d8c39a")
WALLS = (
    ("#e2d6c6", "#c2ae97"),
    ("#cfd8d3", "#a9b8b4"),
    ("#c9cfdd", "#9fa9c0"),
    ("#ead9d0", "#cbb0a4"),
    ("#dcdccb", "#b3b79a"),
)
BODY = "M2.5 50c0-15 6.5-20.5 17.5-20.5s17.5 5.5 17.5 20.5z"
NECK = "M16.5 24h7v6.5c-2 2.5-5 2.5-7 0z"
SHADE = "M16.5 26c2 2 5 2 7 0v2.5c-2 1-5 1-7 0z"
HAIRCUTS = {
    "long": "M9.5 17c0-8 5-11 10.5-11s10.5 3 10.5 11v11c-3 1.5-5 .5-5-2l-.5-9c-3.5 0-7-1.5-8.5-3.5-1 2-1.5 3"
    "-1.5 4.5l-.5 8c0 2.5-2 3.5-5 2z",
    "curly": "M11 16.5c-2-2-.8-4.5.8-5 .2-2.5 2.7-4 4.7-3.3 1.5-2 5.5-2 7 0 2.2-.7 4.5 1 4.6 3.3 1.7.7 2.7 "
    "3.2.9 5-.8-2-2.5-3.3-4-3.5-3 .6-7 .6-10 0-1.5.2-3.2 1.5-4 3.5z",
    "short": "M11.8 16.5c-.8-6.5 2.5-10.5 8.4-10.5 5.6 0 8.9 3.6 8 10.5l-1.2-3.2c-3.5.4-8.5-.3-11-2.3-1.3 1.5"
    "-2.8 3-4.2 5.5z",
    "bob": "M10 17.5c-.4-8 4.6-11.5 10-11.5s10.4 3.5 10 11.5c0 3-.3 5-1.5 6.5-1.5.4-2.7-.4-2.8-2.2l-.3-6.3c"
    "-2.5 0-7.9-.7-10.4-3.5-.5 1.5-1 3-1 4.5l-.2 5.3c-.1 1.8-1.3 2.6-2.8 2.2-1.2-1.5-1-3.5-1-6.5z",
    "bun": "M12 16c-.6-6.5 3-9.5 8-9.5s8.6 3 8 9.5c-1-3-2.5-4.7-4.3-5.4-2.4.5-5 .5-7.4 0-1.8.7-3.3 2.4-4.3 5.4z",
    "parted": "M11.4 18c-1-8 2.6-12 8.6-12s9.6 4 8.6 12c-.5-3.4-1.6-5.4-3-6.6-2 1-5.6.6-8.6-1.6-2.5 1.7-4.5 4-5.6 8.2z",
}
SCARF = (
    "M8.5 31c0-4 1-6 1-13 0-8.5 4.8-12.5 10.5-12.5s10.5 4 10.5 12.5c0 7 1 9 1 13-4 3.5-19 3.5-23 0z",
    "M13.2 18.6c0-6.4 2.8-9 6.8-9s6.8 2.6 6.8 9c0 5-3 8.8-6.8 8.8s-6.8-3.8-6.8-8.8z",
)
BEARD = (
    "M12.6 19.5c.2 5.5 2.6 9.3 7.4 9.3s7.2-3.8 7.4-9.3c-.8 1.5-2 2.2-3.3 2.1-2.5-.9-5.7-.9-8.2 0-1.3.1-2.5-.6-3.3-2.1z"
)
NOSE = "M19.8 19.5c-.3 1-.7 1.7-.2 1.9.4.2.8.1 1 0"
BROWS = "M15.3 16.300c.9-.7 2.200-.7 3 0M21.700 16.300c.8-.7 2.100-.7 3 0"
CLOSED_EYES = "M16.100 18.700c.5.500 1.300.5 1.800 0M22.100 18.700c.5.500 1.300.5 1.800 0"


@dataclass(frozen=True, slots=True)
class Pose:
    """`mouth` 0 closed to 5 wide, `eyes` 0 closed to 2 open, `brows` 1 raised; the head's place in pixels."""

    mouth: int = 0
    eyes: int = 2
    brows: int = 0
    x: int = 0
    y: int = 0


class Portrait:
    """One person in one room, in a picture of width x height."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        self._random = random.Random(seed)
        self._size = (width, height)
        self._scale = max(width / ROOM[0], height / ROOM[1])
        self._shift = ((width - ROOM[0] * self._scale) / 2, (height - ROOM[1] * self._scale) / 2)
        choose = self._random.choice
        # Neighbouring seeds differ in what the eye sees first, not by luck.
        self._skin = drawing.colour(SKINS[seed * 3 % len(SKINS)])
        self._shirt = drawing.colour(SHIRTS[seed % len(SHIRTS)])
        self._wall = WALLS[seed % len(WALLS)]
        dark = sum(self._skin) < 460
        self._hair = drawing.colour(choose(DARK_HAIR if dark else HAIR))
        self._cut = choose((*HAIRCUTS, "scarf"))
        self._scarf = drawing.colour(choose(SCARVES))
        self._glasses = self._random.random() < 0.25
        self._beard = self._cut in {"short", "curly", "parted"} and self._random.random() < 0.4
        self._mirrored = self._random.random() < 0.4
        self._base = self._room()
        self._heads: dict[tuple[int, int, int], tuple[Floats, Floats, int, int]] = {}

    def picture(self, pose: Pose) -> Picture:
        """The picture (height, width, 3) for a pose."""
        face = (pose.mouth, pose.eyes, pose.brows)
        if face not in self._heads:
            self._heads[face] = self._cut_out(*face)
        colours, through, left, top = self._heads[face]
        height, width, _ = colours.shape
        x, y = (round(step * self._scale) for step in (pose.x, pose.y))
        picture = self._base.copy()
        rows = slice(max(0, top + y), top + y + height)
        columns = slice(max(0, left + x), left + x + width)
        part = picture[rows, columns]
        across, down = max(0, -(left + x)), max(0, -(top + y))
        colours = colours[down : down + part.shape[0], across : across + part.shape[1]]
        through = through[down : down + part.shape[0], across : across + part.shape[1]]
        part[...] = (part * through + colours).round().astype(np.uint8)
        return picture

    def _cut_out(self, mouth: int, eyes: int, brows: int) -> tuple[Floats, Floats, int, int]:
        """A head by itself: its colours, how much shines through it, and where it belongs.

        Drawn once on black and once on white; the difference is what shines through.
        """
        width, height = self._size
        black, white = (np.full((height, width, 3), ground, np.float32) for ground in (0, 255))
        for ground in (black, white):
            self._draw_head(ground, Pose(mouth, eyes, brows))
        through: Floats = ((white - black) / 255).astype(np.float32)
        rows, columns = (np.flatnonzero((through < 1).any((axis, 2))) for axis in (1, 0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        return black[top:bottom, left:right], through[top:bottom, left:right], int(left), int(top)

    def _place(self, shapes: Sequence[Floats], *, face: bool = True) -> list[Floats]:
        left, top, unit = FACE if face else (0.0, 0.0, 1.0)
        offset = np.array([left, top], np.float32)
        return [(shape * unit + offset) * self._scale + np.array(self._shift, np.float32) for shape in shapes]

    def _fill(self, shapes: Sequence[Floats], *, face: bool = True) -> Coverage:
        return drawing.fill(self._place(shapes, face=face), *self._size)

    def _line(self, data: str, thickness: float, y: float = 0) -> Coverage:
        lines = self._place([line + np.array([0, y], np.float32) for line in drawing.outline(data)])
        return drawing.stroke(lines, thickness * FACE[2] * self._scale, *self._size)

    def _room(self) -> Picture:
        width, height = self._size
        light, dark = (np.array(drawing.colour(code), np.float32) for code in self._wall)
        x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        picture = (light + (dark - light) * ((x + y) / 2)[..., None]).astype(np.float32)
        for shapes, code, opacity in _furniture():
            drawing.paint(picture, self._fill(shapes, face=False), drawing.colour(code), opacity)
        sun = np.clip(1 - np.hypot((x - 0.16), (y - 0.2) * 0.8) / 0.75, 0, 1) * 0.6
        picture += (np.array((255, 253, 242), np.float32) - picture) * sun[..., None]
        if self._mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
        drawing.paint(picture, self._fill(drawing.outline(BODY)), self._shirt)
        if self._cut != "scarf":
            drawing.paint(picture, self._fill(drawing.outline(NECK)), self._skin)
            drawing.paint(picture, self._fill(drawing.outline(SHADE)), (0, 0, 0), 0.11)
        return picture.round().clip(0, 255).astype(np.uint8)

    def _draw_head(self, picture: Floats, pose: Pose) -> None:
        if self._cut == "bun":
            drawing.paint(picture, self._fill(drawing.ellipse(20, 5.6, 3.4, 3.2)), self._hair)
        if self._cut == "scarf":
            drawing.paint(picture, self._fill(drawing.outline(SCARF[0])), self._scarf)
            drawing.paint(picture, self._fill(drawing.outline(SCARF[1])), self._skin)
        else:
            drawing.paint(picture, self._fill(drawing.ellipse(20, 14.6, 8, 7.6)), self._hair)
            head = self._fill(drawing.ellipse(20, 18.5, 7.6, 9))
            drawing.paint(picture, head, self._skin)
            if self._beard:
                beard = self._fill(drawing.outline(BEARD))
                drawing.paint(picture, drawing.within(beard, head), self._hair)
            drawing.paint(picture, self._fill(drawing.outline(HAIRCUTS[self._cut])), self._hair)
        self._features(picture, pose)

    def _features(self, picture: Floats, pose: Pose) -> None:
        ink = drawing.colour("#2b1c17")
        for cheek in () if self._beard else (15.0, 25.0):
            drawing.paint(picture, self._fill(drawing.ellipse(cheek, 21.3, 1.3, 1.3)), (224, 96, 74), 0.16)
        drawing.paint(picture, self._line(BROWS, 0.75, -0.2 * pose.brows), _darker(self._hair))
        if pose.eyes == 0:
            drawing.paint(picture, self._line(CLOSED_EYES, 0.5), ink)
        else:
            for eye in (17.0, 23.0):
                open_by = 1.05 if pose.eyes == 2 else 0.5
                drawing.paint(picture, self._fill(drawing.ellipse(eye, 18.6, 0.85, open_by)), ink)
                drawing.paint(
                    picture, self._fill(drawing.ellipse(eye + 0.3, 18.25, 0.26, 0.26 * open_by)), (255, 255, 255)
                )
        drawing.paint(picture, self._line(NOSE, 0.5), (0, 0, 0), 0.2)
        self._mouth(picture, pose.mouth / 5)
        if self._glasses:
            for eye in (17.0, 23.0):
                ring = self._place(drawing.ellipse(eye, 18.6, 2.1, 1.95))
                width = 0.4 * FACE[2] * self._scale
                drawing.paint(picture, drawing.stroke(ring, width, *self._size, closed=True), (58, 50, 48), 0.9)
            drawing.paint(picture, self._line("M19.1 18.3c.5-.4 1.3-.4 1.800 0", 0.4), (58, 50, 48), 0.9)

    def _mouth(self, picture: Floats, wide: float) -> None:
        lips = drawing.colour("#7d3a30")
        narrow = 0.5 * wide
        left, across = 17.3 + narrow, 5.4 - 2 * narrow
        if wide == 0:
            smile = f"M{left} 23c1.5 1.5 4 1.5 {across} 0"
            drawing.paint(picture, self._line(smile, 0.5), lips)
            return
        low = 1.5 + 2.6 * wide
        shape = f"M{left:.2f} 23c{across * 0.25:.2f} {low:.2f} {across * 0.75:.2f} {low:.2f} {across:.2f} 0"
        shape += f"{-across * 0.3:.2f} .4 {-across * 0.7:.2f} .4 {-across:.2f} 0Z"
        inside = self._fill(drawing.outline(shape))
        drawing.paint(picture, inside, drawing.colour("#6a2a26"))
        teeth = self._fill(drawing.rectangle(left, 22.5, across, 1.35 + 0.1 * wide))
        drawing.paint(picture, drawing.within(teeth, inside), (255, 255, 255))
        tongue = self._fill(drawing.ellipse(20, 23.6 + low * 0.75, 1.5, low * 0.3))
        drawing.paint(picture, drawing.within(tongue, inside), drawing.colour("#cf6a60"))
        drawing.paint(picture, self._line(shape, 0.42), lips)


def _darker(colour: Colour) -> Colour:
    red, green, blue = (int(part * 0.8) for part in colour)
    return red, green, blue


def _furniture() -> list[tuple[list[Floats], str, float]]:
    """Window, shelf, books and a plant, in the units of the room."""
    box, path = drawing.rectangle, drawing.outline
    return [
        (box(36, 24, 150, 190), "#f4f8f7", 1.0),
        (box(107, 24, 8, 190), "#ffffff", 1.0),
        (box(36, 108, 150, 8), "#ffffff", 1.0),
        (box(31, 19, 160, 9), "#ffffff", 1.0),
        (box(31, 210, 160, 9), "#ffffff", 1.0),
        (box(31, 19, 9, 200), "#ffffff", 1.0),
        (box(182, 19, 9, 200), "#ffffff", 1.0),
        (box(452, 120, 170, 9), "#8a6a4d", 0.9),
        (box(466, 66, 15, 54), "#4a5d7a", 0.9),
        (box(483, 74, 12, 46), "#c9a24d", 0.9),
        (box(497, 60, 18, 60), "#9c4f3f", 0.9),
        (box(517, 78, 11, 42), "#e8e2d4", 0.9),
        (
            path(
                "M572 120c-4-22-22-26-28-40 16 2 24 10 29 22 0-18 4-32 16-40 3 18-2 30-10 40 10-8 20-9 28-6"
                "-6 14-20 14-29 24z"
            ),
            "#4f7a58",
            0.9,
        ),
        (path("M560 96h30l-4 24h-22z"), "#d9cbb8", 0.9),
    ]
