"""What the system is told about the sockets."""

import contextlib
import socket

import pytest

from h2spec_py.net.tcp import acknowledge_now

QUICK = getattr(socket, "TCP_QUICKACK", None)


@pytest.mark.skipif(QUICK is None, reason="the system has no TCP_QUICKACK")
def test_what_comes_is_acknowledged_at_once() -> None:
    assert QUICK is not None
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        wire = stack.enter_context(socket.create_connection(listener.getsockname()))
        stack.enter_context(listener.accept()[0])
        wire.setsockopt(socket.IPPROTO_TCP, QUICK, 0)
        assert wire.getsockopt(socket.IPPROTO_TCP, QUICK) == 0
        acknowledge_now(wire)
        assert wire.getsockopt(socket.IPPROTO_TCP, QUICK) == 1


def test_a_socket_that_is_gone_is_left_to_its_reader() -> None:
    wire = socket.socket()
    wire.close()
    acknowledge_now(wire)
    assert wire.fileno() == -1
