"""Which requests a real nginx with our configuration counts as one client's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import nginx as finder
from tests.integration.deploy.web_server import DEPLOY, HOST, web_server

SHIPPED = (DEPLOY / "nginx.conf").read_text()
FROM_A_HEADER = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Asker;\n"
"""So that requests of one test come from addresses all over the world."""


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        pytest.param("2001:db8::1", "2001:db8:0:0:a:0:0:0", "2001:db8:0:1::1", id="a network of 64 bits"),
        pytest.param("2001:db8:a00:d0a::1", "2001:db8:a00:d0a:a0a:d0d::9", "2001:db8:a00:d0b::1", id="line breaks"),
        pytest.param("::1", "::2:3:4:5", "0:0:0:1::1", id="zeros"),
        pytest.param("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2", id="IPv4"),
        pytest.param("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8", id="IPv4 within IPv6"),
    ],
)
def test_one_network_of_ipv6_is_one_asker_and_ipv4_is_told_apart_by_address(
    tmp_path: Path, first: str, same: str, other: str
) -> None:
    found = finder.find()
    if found is None:
        pytest.skip(finder.NOT_RUN)
    strict = re.sub(r"rate=\d+r/s", "rate=1r/m", re.sub(r"burst=\d+", "burst=1", SHIPPED))

    with web_server(found, tmp_path, FROM_A_HEADER + strict) as server:

        def ask(address: str) -> int:
            head = f"Host: {HOST}\r\nX-Asker: {address}\r\nConnection: close\r\n"
            return server.ask(f"GET / HTTP/1.1\r\n{head}\r\n".encode())

        assert [ask(address) for address in (first, same)] == [502, 502]  # the app is down, and both went through
        assert [ask(address) for address in (first, same, other)] == [429, 429, 502]


def test_every_limit_counts_askers() -> None:
    assert set(re.findall(r"^limit_\w+_zone (\S+) ", SHIPPED, re.M)) == {"$ballot_asker"}
