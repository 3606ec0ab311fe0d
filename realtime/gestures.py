"""What hands do at this moment, passed on to everybody else who sees a topic's presence, and kept nowhere.

A gesture is worth something only while it is new: it is never logged, replayed or queued for a socket that is behind,
and each replaces the one before. A hand that goes without a word (the tab closed, the connection broke) is told to have
ended; when that is lost as well, whoever saw it forgets it after three seconds.
"""

from collections.abc import Callable

from realtime import frames
from realtime.bus import Bus, GestureMessage
from realtime.packet import Packet
from realtime.rooms import Member, Rooms

Fits = Callable[[str, bytes], bool]
NOTHING = b"null"


class Gestures:
    """The hands of one process. `fits(topic, body)` is the application's word on what may be passed on."""

    def __init__(self, rooms: Rooms, bus: Bus) -> None:
        self.fits: Fits = lambda _topic, _body: True
        self._rooms = rooms
        self._bus = bus
        self._moving: set[tuple[str, Member]] = set()

    def pass_on(self, topic: str, member: Member, body: bytes) -> None:
        """Tell the others. The caller has checked the grant, the size and the pace; an end only follows a beginning."""
        if body == NOTHING:
            self.end(topic, member)
        else:
            self._moving.add((topic, member))
            self._tell(topic, member, body)

    def end(self, topic: str, member: Member) -> None:
        """This hand does nothing there any more, if it did."""
        if (topic, member) in self._moving:
            self._moving.discard((topic, member))
            self._tell(topic, member, NOTHING)

    def hear(self, message: GestureMessage) -> None:
        """A hand in another process."""
        if message.origin != self._rooms.process:
            self._show(message.topic, message.who, message.frame)

    def _tell(self, topic: str, member: Member, body: bytes) -> None:
        who = member.who
        person = frames.TypingPerson(id=who.id, name=who.name, kind=who.kind, colour=who.colour)
        frame = frames.encode(frames.GestureFrame(topic=topic, person=person, body=frames.raw(body)))
        self._show(topic, who.id, frame)
        self._bus.publish_if_idle(topic, GestureMessage(topic, self._rooms.process, who.id, frame))

    def _show(self, topic: str, who: str, frame: bytes) -> None:
        packet = Packet(frame)
        for member in self._rooms.others(topic, who):
            member.offer(packet)
