"""One UDP port for all connections of a process, so that a firewall and a compose file need one line.

The port lives as long as the recorder process. Each connection gets a `Leg`, which stands in for the socket that
aioice would open by itself. An incoming STUN request finds its connection by the user name in it (12 random
characters) and binds the sender's address to it only when its integrity check holds; a STUN answer is found by its
transaction; the rest (DTLS, SRTP; told apart by the first byte, RFC 7983) by the address it comes from.

The addresses written into answers are the advertised ones, not those of the sockets: behind NAT the two differ.
"""

import asyncio
import contextlib
import contextvars
import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import aiortc.rtcicetransport
import ifaddr
from aioice import ice, stun
from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.utils import random_string

logger = logging.getLogger(__name__)

RECEIVE_BUFFER = 8 << 20  # one buffer serves all recordings; 523 kB were seen waiting after a stall of 0.1 s
LARGEST = 1500  # bytes of a datagram; a larger one would end aiortc's connection
MOST_CANDIDATES = 30  # of a far side that are tried; browsers offer some ten, and a stranger could name everybody
USER_NAME = 12  # characters; the user name is what tells connections apart

LOOPBACK = "127.0.0.1"

_current: contextvars.ContextVar["Port | None"] = contextvars.ContextVar("media_port", default=None)


def advertised(configured: str, public_host: str) -> tuple[str, ...]:
    """The IPv4 addresses to offer to browsers: the configured ones (comma-separated), else those of this host.

    The loopback address is added when people reach the site by it, and when there is no other.
    """
    if configured.strip():
        return tuple(str(ipaddress.ip_address(part.strip())) for part in configured.split(","))
    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not ipaddress.ip_address(str(ip.ip)).is_loopback
    ]
    if is_loopback(public_host) or not found:
        found.append(LOOPBACK)
    return tuple(dict.fromkeys(found))


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Leg:
    """What one connection sees of the shared socket; speaks as an asyncio transport does."""

    def __init__(self, port: "Port", protocol: Any) -> None:
        self._port = port
        self._protocol = protocol
        self.sendto = port.sendto

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._port.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self._port.drop(self._protocol)
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)


class Door(asyncio.DatagramProtocol):
    """One socket of a port. There are two when the loopback address is advertised.

    An answer from another address than the one that was asked breaks a connection, and a socket for all addresses
    answers with the one that the route prefers.
    """

    def __init__(self, port: "Port") -> None:
        self._port = port
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._port.came_by = self
        try:
            self._port.datagram_received(data, addr)
        except Exception as error:  # aioice trips over checks that lack an attribute
            self._port.unknown += 1
            logger.debug("UDP port: a datagram could not be handled: %r", error)
        finally:
            self._port.came_by = None

    def error_received(self, exc: Exception) -> None:
        logger.debug("UDP port: %s", exc)


class Port:
    """The shared port. `unknown` counts datagrams that belong to nobody."""

    def __init__(self, advertise: Sequence[str]) -> None:
        self.advertise = tuple(advertise)
        self.unknown = 0
        self.came_by: Door | None = None  # while a datagram is handled
        self._doors: list[Door] = []
        self._by_name: dict[str, Any] = {}
        self._by_address: dict[tuple[str, int], Any] = {}
        self._ways: dict[tuple[str, int], Door] = {}

    @classmethod
    async def open(
        cls,
        advertise: Sequence[str],
        number: int = 0,
        bind: str = "0.0.0.0",  # noqa: S104 - all of this host's addresses are offered
    ) -> "Port":
        """Binds UDP port `number` (0: any free one). Raises OSError when it is taken."""
        port = cls(advertise)
        first = _listener(bind, number)
        await port._add_door(first)
        if LOOPBACK in advertise and bind != LOOPBACK:
            with contextlib.suppress(OSError):  # not possible on every system, and a connection mostly works without
                await port._add_door(_listener(LOOPBACK, port.number, beside=first))
        return port

    async def _add_door(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        _, door = await loop.create_datagram_endpoint(lambda: Door(self), sock=listener)
        self._doors.append(door)

    @property
    def number(self) -> int:
        """The UDP port that was bound."""
        return int(self.get_extra_info("sockname", ("", 0))[1])

    @property
    def connections(self) -> int:
        """How many connections use the port now."""
        return len(self._by_name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        transport = self._doors[0].transport if self._doors else None
        return default if transport is None else transport.get_extra_info(name, default)

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        """Sends by the door through which the far side speaks to us."""
        door = self.came_by or self._ways.get(address) or self._doors[0]
        if door.transport is not None and not door.transport.is_closing():
            door.transport.sendto(data, address)

    def close(self) -> None:
        for door in self._doors:
            if door.transport is not None:
                door.transport.close()

    @contextlib.contextmanager
    def for_new_connections(self) -> Iterator[None]:
        """Within this block, connections made by aiortc use this port (others keep opening their own sockets)."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def add(self, protocol: Any) -> None:
        self._by_name[protocol.receiver.local_username] = protocol
        protocol.connection_made(Leg(self, protocol))

    def drop(self, protocol: Any) -> None:
        self._by_name.pop(protocol.receiver.local_username, None)
        for address in [a for a, owner in self._by_address.items() if owner is protocol]:
            del self._by_address[address]
            self._ways.pop(address, None)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Finds whose it is."""
        address = (str(addr[0]), int(addr[1]))
        owner = self._by_address.get(address)
        if data and data[0] > 3:  # RFC 7983: 0 to 3 is STUN
            if owner is None:
                self.unknown += 1
            else:
                if self.came_by is not None:
                    self._ways[address] = self.came_by
                owner.receiver.heard()
                owner.receiver.data_received(data, 1)
            return
        try:
            message = stun.parse_message(data)
        except ValueError:
            self.unknown += 1
            return
        owner = self._owner(message, address, owner)
        if owner is None:
            self.unknown += 1
            return
        owner.receiver.heard()
        owner.datagram_received(data, address)

    def _owner(self, message: Any, address: tuple[str, int], bound: Any) -> Any:
        if message.message_class != stun.Class.REQUEST:
            return next((p for p in self._by_name.values() if message.transaction_id in p.transactions), None)
        protocol = self._by_name.get(str(message.attributes.get("USERNAME", "")).partition(":")[0])
        if protocol is not None and protocol is not bound:
            key = protocol.receiver.local_password.encode()
            if "MESSAGE-INTEGRITY" not in message.attributes or not message.check_message_integrity(key):
                return None
            self._by_address[address] = protocol
            if self.came_by is not None:
                self._ways[address] = self.came_by
        return protocol


class PortConnection(ice.Connection):
    """An ICE agent on the shared port. It never gives up by itself: the recorder's own limit on connecting does."""

    def __init__(self, port: Port, *args: Any, **kwargs: Any) -> None:
        kwargs["local_username"] = random_string(USER_NAME)
        super().__init__(*args, **kwargs)
        self._port = port
        self.last_heard = time.monotonic()
        self.shortcut: Callable[[bytes], bool] | None = None  # takes a datagram, or says that it is not for it

    def data_received(self, data: bytes, component: int) -> None:
        """What is no STUN: by the shortcut, else into the queue that aiortc reads."""
        if len(data) <= LARGEST and not (self.shortcut is not None and self.shortcut(data)):
            super().data_received(data, component)

    def heard(self) -> None:
        """Called for every datagram of this connection: the far side is alive."""
        self.last_heard = time.monotonic()

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Ignores `.local` names, which never resolve here, the end of candidates, and more than MOST_CANDIDATES.

        aioice fails at once when no candidate is left after the end; but the browser's own checks arrive, and create
        the pair (RFC 8445, 7.3.1.3: peer-reflexive). Firefox offers nothing but `.local` names.
        """
        if remote_candidate is None or remote_candidate.host.endswith(".local"):
            return
        if len(self._remote_candidates) < MOST_CANDIDATES:
            with contextlib.suppress(ValueError):  # a candidate of a kind that aioice does not know
                await super().add_remote_candidate(remote_candidate)

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],  # noqa: ARG002 - aioice's signature; ours are the advertised ones
        timeout: int = 5,  # noqa: ARG002, ASYNC109
    ) -> list[Candidate]:
        """One leg, offered under every advertised address."""
        protocol = ice.StunProtocol(self)
        self._port.add(protocol)
        self._protocols.append(protocol)
        candidates = [
            Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host", 65535 - place),
                host=host,
                port=self._port.number,
                type="host",
            )
            for place, host in enumerate(self._port.advertise)
        ]
        protocol.local_candidate = candidates[0]
        return candidates


def _connection(*args: Any, **kwargs: Any) -> ice.Connection:
    port = _current.get()
    return ice.Connection(*args, **kwargs) if port is None else PortConnection(port, *args, **kwargs)


def _listener(host: str, number: int, beside: socket.socket | None = None) -> socket.socket:
    """A bound socket; `beside` is one for all addresses with the same number, which it shares with this one only."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    pair = [] if beside is None else [listener, beside]
    try:
        _widen(listener)
        for one in pair:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, number))
    except OSError:
        listener.close()
        raise
    finally:
        for one in pair[1:] if listener.fileno() < 0 else pair:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    listener.setblocking(False)
    return listener


def _widen(listener: socket.socket) -> None:
    """8 MiB of receive buffer: past the host's limit where we may, up to it elsewhere."""
    try:
        listener.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), RECEIVE_BUFFER)
    except OSError:  # not root, or not Linux
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    granted = listener.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if granted < RECEIVE_BUFFER // 8:
        logger.warning("UDP receive buffer is only %d KiB; raise net.core.rmem_max to 8 MiB", granted >> 10)


setattr(aiortc.rtcicetransport, "Connection", _connection)  # noqa: B010 - the seam: aiortc knows no other way
