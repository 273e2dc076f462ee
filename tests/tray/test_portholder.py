from __future__ import annotations

import os
import socket

from tray.portholder import find_free_port, find_holder


def test_the_holder_of_a_busy_port_is_named_with_its_pid() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        holder = find_holder(held.getsockname()[1])
    assert holder is not None
    assert holder.endswith(f"(pid {os.getpid()})")


def test_nobody_holds_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert find_holder(port) is None


def test_the_offered_port_can_be_bound_and_is_above_the_wanted_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        wanted = held.getsockname()[1]
        offered = find_free_port("127.0.0.1", wanted)
    if offered is None:
        assert wanted > 65000  # the system had picked one near the end
        return
    assert offered > wanted
    with socket.create_server(("127.0.0.1", offered)):
        pass


def test_there_is_no_offer_on_an_address_that_is_not_ours() -> None:
    assert find_free_port("192.0.2.1", 8001) is None  # TEST-NET-1


def test_there_is_no_offer_above_the_last_port() -> None:
    assert find_free_port("127.0.0.1", 65535) is None
