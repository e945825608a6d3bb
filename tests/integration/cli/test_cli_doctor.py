"""`ballot doctor`, `backup`, `restore` and `db roles` as an operator types them; nothing they print is a secret."""

from __future__ import annotations

import json
import shutil
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ballot.cli.doctor_checks import Health
from ballot.cli.doctor_network import address, mail
from ballot.config import Config
from ballot.mail.settings import MaildirSettings, MailSettings, SmtpSettings, Tls
from ballot.web.security import HEADERS
from tests.integration.cli.installation import ID, Installation

NO_MAIL = Config("", Path(), "vote.example.org", Path(), Path())


def findings(here: Installation, status: int) -> dict[str, tuple[str, str]]:
    ran = here.run("doctor", "--config", here.config, "--no-network", "--json")
    assert (ran.status, ran.err) == (status, "")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert all(bool(line["mend"]) is (line["health"] in ("FAIL", "WARN")) for line in told), told
    return {line["name"]: (line["health"], line["found"]) for line in told}


def test_a_good_installation_is_well_and_every_fault_is_named(issued: Installation) -> None:
    found = findings(issued, 0)
    assert {found[name][0] for name in ("database", "tables", "key board", "key storage", "disk", "activity log")} == {
        "OK"
    }
    assert found["key deputy"][0] == "WARN"

    private = issued.folder / "keys" / "private"
    (private / "board.key").chmod(0o644)
    (issued.folder / "keys" / "deputy.pub").unlink()
    (issued.folder / "instance" / f"{ID}.server-keys").chmod(0o640)
    with sqlite3.connect(issued.folder / "instance" / "ballot.db") as connection:
        connection.execute("UPDATE log SET last_time = '2999-01-01 00:00:00'")
        connection.execute("UPDATE message SET next_at = '2020-01-01 00:00:00'")
    connection.close()
    found = findings(issued, 1)
    bad = {name for name, (health, _) in found.items() if health == "FAIL"}
    assert bad == {"key board", "public key deputy", "instance", "clock and chains"}
    assert "0644" in found["key board"][1]

    text = issued.run("doctor", "--config", issued.config, "--no-network").out
    assert "-> chmod 600" in text
    assert "5 failed" in text  # the board's key twice: it does not open, and others may read it

    with sqlite3.connect(issued.folder / "instance" / "ballot.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert findings(issued, 1)["tables"][0] == "FAIL"
    (issued.folder / "instance" / "ballot.db").unlink()
    assert findings(issued, 1)["database"][0] == "FAIL"


def test_keys_that_belong_elsewhere_and_keys_without_a_passphrase_are_named(
    issued: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = ["board", "deputy", "mail", "registrar", "returning-officer", "storage", "vault"]
    elsewhere = ["deputy", "registrar", "returning-officer"]

    def told(words: str) -> list[str]:
        found = issued.run("doctor", "--config", issued.config, "--no-network", "--json").out.splitlines()
        lines = [json.loads(line) for line in found]
        assert all(line["mend"] for line in lines if line["health"] == "WARN")
        keys = [line for line in lines if line["health"] == "WARN" and words in line["found"]]
        return sorted(line["name"].partition(" ")[2] for line in keys if line["name"].startswith(("key", "pass")))

    assert told("has no passphrase") == every
    assert told("lies on this machine") == elsewhere

    private = issued.folder / "keys" / "private"
    for name in every:
        (private / f"{name}.key").unlink()
        (issued.folder / "keys" / f"{name}.pub").unlink(missing_ok=True)
    monkeypatch.setenv("BALLOT_PASSPHRASE", "a passphrase for every key")
    for name in every:
        monkeypatch.setenv(f"BALLOT_PASSPHRASE_{name.replace('-', '_').upper()}", "a passphrase for every key")
    issued.do("keys", "init")
    assert told("has no passphrase") == []
    for name in elsewhere:
        (private / f"{name}.key").unlink()
    assert told("") == []


def test_a_key_that_is_missing_is_to_be_copied_or_made_and_a_missing_folder_to_be_made(empty: Installation) -> None:
    assert "ballot restore" in empty.do("db", "upgrade")

    told = empty.run("doctor", "--config", empty.config, "--no-network").out

    assert "board.key is missing" in told
    assert "-> copy it from where it is kept; only for a new installation: ballot keys init\n" in told
    assert "-> make it, for the service's user; each programme is a folder in it\n" in told
    assert "chmod" not in told


class Site(BaseHTTPRequestHandler):
    headers_sent = HEADERS

    def do_GET(self) -> None:
        self.send_response_only(200)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.send_header("Server", "nginx/1.22.1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """HTTPS on this machine, with a certificate of its own that ends in ten days."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = HTTPServer(("127.0.0.1", 0), Site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}", folder / "cert.pem"
    server.shutdown()
    thread.join()
    server.server_close()


def looked(url: str, ca: Path | None) -> dict[str, Health]:
    return {finding.name: finding.health for finding in address(NO_MAIL, url, ca)}


def test_the_public_address_is_judged_by_certificate_and_headers(
    site: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, ca = site
    assert looked(url, ca) == {
        "address": Health.OK,
        "certificate": Health.WARN,
        "headers": Health.OK,
        "server's name": Health.WARN,
        "plain HTTP": Health.NA,
    }
    monkeypatch.setattr(Site, "headers_sent", {**HEADERS, "Content-Security-Policy": "default-src *"})
    assert looked(url, ca)["headers"] is Health.FAIL
    assert looked("http://localhost", None) == {"address": Health.FAIL}


def test_a_certificate_that_nobody_vouches_for_fails(site: tuple[str, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(ssl.get_server_certificate(("localhost", int(site[0].rpartition(":")[2]))).encode())
    assert looked(site[0].replace("localhost", "127.0.0.1"), other) == {"address": Health.FAIL}


@pytest.mark.parametrize(
    ("channel", "health"),
    [
        pytest.param(SmtpSettings("127.0.0.1", 9, Tls.NONE, None, None, None, 2), Health.FAIL, id="nobody listens"),
        pytest.param(MaildirSettings(Path("/nonexistent/x")), Health.WARN, id="a folder"),
    ],
)
def test_mail_that_reaches_nobody_is_said(channel: SmtpSettings | MaildirSettings, health: Health) -> None:
    settings = MailSettings("a@b.example", "", "a@b.example", "a@b.example", None, 60, channel)
    config = Config("", Path(), "vote.example.org", Path(), Path(), mail=settings)
    assert next(iter(mail(config))).health is health
    assert [finding.health for finding in mail(NO_MAIL)] == [Health.WARN]


def test_backup_and_restore_by_hand(issued: Installation, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = issued.folder / "kept" / "ballot.backup"
    said = issued.do("backup", "--config", issued.config, "--to", file)
    assert "only you can read" in said
    assert file.stat().st_mode & 0o777 == 0o600
    assert issued.run("backup", "--config", issued.config, "--to", file).status == 2

    new = Installation(tmp_path_factory.mktemp("new"))
    new.do("db", "upgrade")
    assert "whole" in new.do("restore", "--config", new.config, file)
    shutil.copytree(issued.folder / "keys" / "private", new.folder / "keys" / "private")
    assert "keys of the server are back" in new.do("office", "restore-keys", issued.backup)
    shutil.copy(issued.folder / "instance" / "registrar.vault", new.folder / "instance" / "registrar.vault")
    assert new.do("office", "seal")
    assert new.run("restore", "--config", new.config, file).status == 2
    assert "REVOKE ALL" in new.do("db", "roles", "ballot_app")
    assert new.run("db", "roles", "--apply", "ballot_app").status == 2
    assert new.run("db", "roles", "x; DROP").status == 2
