"""From a host and a port to a connected socket."""

import asyncio
import contextlib
import errno
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from h2spec_py.net.endpoint import Endpoint
from h2spec_py.net.errors import ConnectError, ConnectKind, printable, system_reason
from h2spec_py.net.patience import Patience

_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
_UNREACHABLE |= {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM}

_Address = tuple[socket.AddressFamily, tuple[object, ...]]


async def connect_tcp(endpoint: Endpoint, timeout: float) -> socket.socket:  # noqa: ASYNC109
    """Find the addresses of `endpoint`, and try them in turn: `timeout` seconds for either.

    Raises ConnectError with the kind refused, unreachable, timeout or local. The socket that it
    gives is non-blocking and sends small writes at once.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    try:
        async with Patience(timeout):
            addresses = await _resolve(endpoint)
    except TimeoutError:
        raise ConnectError(
            "timeout", f"no address for {endpoint.host} within {timeout:g} s"
        ) from None
    failures: list[ConnectError] = []
    for position, (family, address) in enumerate(addresses):
        left = (deadline - loop.time()) / (len(addresses) - position)
        share = max(left, timeout / len(addresses))
        try:
            return await _attempt(family, address, endpoint, share)
        except ConnectError as error:
            failures.append(error)
    # A refusal says more of the target than an address family that we have no route for.
    raise next((error for error in failures if error.kind == "refused"), failures[-1])


def acknowledge_now(wire: socket.socket) -> None:
    """Have TCP acknowledge what has come without delay, where the system lets us say so.

    A target that leaves Nagle's algorithm on holds its second small write back until then. It would
    seem to take 40 ms and more to refuse a fault, while the acknowledgement of the PING behind the
    fault has come. The system forgets, so this is said before each wait.
    """
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is not None:
        with contextlib.suppress(OSError):  # a hint; what ails the connection shows on reading
            wire.setsockopt(socket.IPPROTO_TCP, option, 1)


async def _resolve(endpoint: Endpoint) -> list[_Address]:
    host = endpoint.address or endpoint.host
    kind = socket.SOCK_STREAM
    try:
        found = socket.getaddrinfo(host, endpoint.port, type=kind, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        # In a thread that ends with it: processes are forked from this one later on.
        thread = ThreadPoolExecutor(max_workers=1)
        find = partial(socket.getaddrinfo, host, endpoint.port, type=kind)
        try:
            found = await asyncio.get_running_loop().run_in_executor(thread, find)
        except (OSError, UnicodeError) as error:
            reason = system_reason(error) if isinstance(error, OSError) else "not a host name"
            raise ConnectError(
                "unreachable", f"cannot resolve {printable(host)}: {reason}"
            ) from None
        finally:
            thread.shutdown(wait=False)
    return [(family, address) for family, _, _, _, address in found]


async def _attempt(
    family: socket.AddressFamily, address: tuple[object, ...], endpoint: Endpoint, share: float
) -> socket.socket:
    where = f"{endpoint.host} port {endpoint.port}"
    if endpoint.host != address[0]:
        where += f" ({address[0]})"
    wire: socket.socket | None = None
    try:
        wire = socket.socket(family, socket.SOCK_STREAM)
        wire.setblocking(False)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with Patience(share):
            await asyncio.get_running_loop().sock_connect(wire, address)
        _refuse_itself(wire)
    except BaseException as error:
        if wire is not None:
            wire.close()
        if isinstance(error, OSError):
            raise ConnectError(_kind(error), _message(error, where)) from None
        raise
    return wire


def _refuse_itself(wire: socket.socket) -> None:
    # A port of the ephemeral range that nobody listens on can connect to itself.
    if wire.getsockname() == wire.getpeername():
        raise ConnectionRefusedError(errno.ECONNREFUSED, "connection refused")


def _kind(error: OSError) -> ConnectKind:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionError):
        return "refused"
    return "unreachable" if error.errno in _UNREACHABLE else "local"


def _message(error: OSError, where: str) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection to {where} in time"
    return f"cannot connect to {where}: {system_reason(error)}"
