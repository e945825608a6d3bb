"""`ballot staff`, and the office of a real `ballot serve`: the first account, from the command line to signed in."""

from __future__ import annotations

import http.client
import re
import shutil
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pyotp
import pytest

from tests.integration.cli.installation import Installation, serving

CODE = re.compile(r"https://vote\.example\.org/office/enrol#(([0-9A-Z]{4}-){4}[0-9A-Z]{4})\n")
ANN = ("staff", "add", "Ann@Example.org", "--name", "Ann Smith", "--role", "returning-officer")
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    installation = Installation(folder)
    installation.do("db", "upgrade")
    installation.do("keys", "init")
    return folder


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Installation:
    """With tables and keys."""
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return Installation(tmp_path)


def code_in(printed: str) -> str:
    found = CODE.search(printed)
    assert found is not None, printed
    return found[1]


def test_an_account_is_added_and_its_link_printed_once(made: Installation) -> None:
    printed = made.do(*ANN)

    code = code_in(printed)
    assert "The office is not switched on" in printed
    listed = made.do("staff", "list")
    assert re.search(r"ann@example.org +Ann Smith +returning-officer +to enrol", listed)
    assert code not in listed
    assert code.encode() not in (made.folder / "instance" / "ballot.db").read_bytes()


def test_a_reset_gives_another_link_and_disabling_takes_it_away(made: Installation) -> None:
    first, second = code_in(made.do(*ANN)), code_in(made.do("staff", "reset", "ann@example.org"))

    assert first != second
    assert "is registrar from now on" in made.do("staff", "role", "ANN@example.org", "registrar")
    assert re.search(r"ann@example.org .* registrar", made.do("staff", "list"))
    assert "is already registrar" in made.run("staff", "role", "ann@example.org", "registrar").err
    made.do("staff", "disable", "ANN@example.org")
    assert re.search(r"ann@example.org .* disabled", made.do("staff", "list"))


def test_nobody_is_signed_out_who_was_not_in(made: Installation) -> None:
    made.do(*ANN)
    assert "Nobody of these was signed in." in made.do("staff", "sign-out", "ann@example.org")
    assert "Nobody of these was signed in." in made.do("staff", "sign-out", "--everybody")
    assert "one of the arguments E-MAIL --everybody is required" in made.run("staff", "sign-out").err


CANNOT_BE: list[tuple[tuple[str, ...], str]] = [
    (ANN, "There is already an account ann@example.org."),
    (("staff", "add", "nobody", "--name", "N", "--role", "deputy"), "must be one e-mail address."),
    (("staff", "add", "n@example.org", "--name", " ", "--role", "deputy"), "must be one line"),
    (("staff", "reset", "none@example.org"), "There is no such account"),
    (("staff", "disable", "none@example.org"), "There is no such account"),
    (("staff", "role", "none@example.org", "deputy"), "There is no such account"),
    (("staff", "role", "n@example.org", "emperor"), "invalid choice: 'emperor'"),
    (("staff", "add", "n@example.org", "--name", "N", "--role", "emperor"), "invalid choice: 'emperor'"),
]


def test_what_cannot_be_is_refused_with_a_sentence(made: Installation) -> None:
    made.do(*ANN)
    for arguments, sentence in CANNOT_BE:
        ran = made.run(*arguments)
        assert (ran.status, ran.out) == (2, ""), arguments
        assert sentence in ran.err


def test_the_office_does_not_start_without_its_storage_key_and_all_else_does(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made.folder / "keys" / "private" / "storage.key").unlink()
    with serving(made) as (address, _):
        assert ask(address, "GET", "/office/sign-in")[0] == 404
    monkeypatch.setenv("BALLOT_OFFICE", "yes")

    ran = made.run("serve", "--port", "0")

    assert (ran.status, ran.err) == (2, "storage.key is missing.\n")


def ask(
    address: str, method: str, path: str, fields: dict[str, str] | None = None, cookies: dict[str, str] | None = None
) -> tuple[int, str]:
    """A request as a browser sends it; the status and the page. Cookies are taken over into `cookies`."""
    jar = {} if cookies is None else cookies
    connection = http.client.HTTPConnection(address, timeout=20)
    headers = {"Accept": "text/html", "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
    if fields is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(fields) if fields is not None else None, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    for cookie in answer.headers.get_all("Set-Cookie") or []:
        assert "Secure" in cookie
        name, _, value = cookie.partition(";")[0].partition("=")
        jar[name] = value
    connection.close()
    return answer.status, page


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None, page
    return unescape(found[1])


def test_the_first_account_enrols_and_signs_in_whichever_worker_answers(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALLOT_OFFICE", "yes")
    printed = made.do(*ANN)
    assert "not switched on" not in printed
    code = code_in(printed)
    with serving(made, "--workers", "2") as (address, log):
        cookies: dict[str, str] = {}
        _, page = ask(address, "GET", "/office/enrol", cookies=cookies)
        _, page = ask(address, "POST", "/office/enrol", {"csrf_token": token_in(page), "code": code}, cookies)
        key = re.search(r'Key: <code class="app-code">(\w+)', page)
        assert key is not None
        app, began = pyotp.TOTP(key[1]), int(time.time())  # now's code, then the next one: a busy machine has a minute
        chosen = {"enrolment": code, "password": PASSWORD, "again": PASSWORD, "code": app.at(began)}
        _, page = ask(address, "POST", "/office/enrol/password", {"csrf_token": token_in(page), **chosen}, cookies)
        recovery = re.findall(r'<code class="app-code" data-kept>(\d-[^<]+)', page)

        _, page = ask(address, "GET", "/office/sign-in", cookies=cookies)
        given = {"login": "ann@example.org", "password": PASSWORD, "code": app.at(began + 30)}
        status, _ = ask(address, "POST", "/office/sign-in", {"csrf_token": token_in(page), **given}, cookies)
        assert status == 303
        assert set(cookies) >= {"__Host-ballot-staff"}
        for _ in range(8):
            status, page = ask(address, "GET", "/office", cookies=cookies)
            assert (status, "Ann Smith" in page) == (200, True)

        told = log.read_text()
    assert "signed in with a password" in told
    kept = stored(made.folder)
    for secret in (code, PASSWORD, key[1], cookies["__Host-ballot-staff"], *recovery):
        assert secret not in told
        assert secret not in kept


def stored(folder: Path) -> str:
    """All that is in the database's files."""
    files = sorted((folder / "instance").glob("ballot.db*"))
    assert files
    return "".join(file.read_bytes().decode("latin-1") for file in files)
