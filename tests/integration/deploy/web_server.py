"""A real nginx that runs the shipped deploy/nginx.conf, with ports and folders of a test and nothing else changed."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DEPLOY = Path(__file__).parents[3] / "deploy"
HOST = "vote.example.org"

AROUND = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; {user}
error_log {logs}/error.log info;
events {{ worker_connections 1024; }}
http {{
    access_log {logs}/access.log;
    error_log {logs}/http.log info;
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/ballot.conf;
}}
"""
"""As a system's own nginx.conf: logs of its own for the process and for all sites, here as talkative as can be."""


@dataclass(frozen=True)
class WebServer:
    """Where it listens, where the app should, and its folders."""

    plain: int
    secure: int
    app: int
    folder: Path

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def connect(self, *, secure: bool, name: str = HOST) -> socket.socket:
        """A connection to one of the two ports."""
        found = socket.create_connection(("127.0.0.1", self.secure if secure else self.plain), timeout=10)
        if not secure:
            return found
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(found, server_hostname=name)

    def ask(self, request: bytes, *, secure: bool = True, name: str = HOST) -> int:
        """The status that raw bytes are answered with; 0 where it hangs up without one."""
        answer = b""
        with self.connect(secure=secure, name=name) as connection:
            try:
                connection.sendall(request)
                while b"\r\n" not in answer and (more := connection.recv(65536)):
                    answer += more
            except (ConnectionError, ssl.SSLError):  # it may hang up on what is too much
                pass
        found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
        return int(found[1]) if found else 0

    def written(self) -> dict[str, str]:
        """Every log file, by name."""
        return {path.name: path.read_text("latin-1") for path in self.logs.iterdir()}


@contextmanager
def web_server(nginx: str, folder: Path, conf: str) -> Iterator[WebServer]:
    """An nginx that runs this text of the shipped file, until the end of the block, when all its logs are written."""
    server = WebServer(*_free_ports(3), folder)
    server.logs.mkdir(parents=True)
    _certificate(folder)
    text = re.sub(r"^\s*listen \[::\]:.*\n", "", conf, flags=re.MULTILINE)
    for shipped, here in (
        ("listen 80;", f"listen 127.0.0.1:{server.plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{server.secure} ssl"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{server.app};"),
        ("/etc/ballot/tls/", f"{folder}/"),
        ("/etc/ballot/nginx-proxy.conf", f"{DEPLOY}/nginx-proxy.conf"),
        ("/var/log/nginx/", f"{server.logs}/"),
    ):
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    (folder / "ballot.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, logs=server.logs, user=user))
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(server.logs / "error.log")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait_for(server: WebServer, process: subprocess.Popen[str]) -> None:
    for _ in range(200):
        try:
            server.connect(secure=False).close()
            return
        except ConnectionError:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.05)
    raise AssertionError("nginx does not listen")


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    (folder / "fullchain.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
