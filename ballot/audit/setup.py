"""The setup of one archive: election, trustees and public credentials, each fault under its own check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ballot.audit.faults import FaultKind
from ballot.audit.report import Report
from ballot.protocol.archive import ArchiveMember
from ballot.protocol.canonical import check_canonical, fields, parse_json
from ballot.protocol.credentials import PublicCredentials, check_public_credentials
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.errors import InvalidArchive, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group
from ballot.protocol.hashing import Hash, is_hash
from ballot.protocol.trustees import Trustee, check_trustee, combine_keys, parse_trustees

Part = TypeVar("Part")

CERTIFICATE = "credentials_certificate"
"""The 3.3.0 server also writes this attestation of the list, which is not needed to check it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The parsed setup. Its parts have the right form; the report says whether they are valid."""

    group: Group
    election: Election
    trustees: tuple[Trustee, ...]
    credentials: PublicCredentials
    weights: Mapping[Element, int]


def read_setup(
    group: Group, pending: Sequence[ArchiveMember], payload: ArchiveMember, report: Report, subject: str
) -> tuple[Setup | None, list[Hash]]:
    """The setup, None if a part does not have the right form; and the hashes of the data it names, in order.

    Raises InvalidArchive if the payload does not name its data.
    """
    named = _named(payload)
    bodies = {member.hash: member.body for member in pending}
    report.ran("setup.form", subject)
    setup = _parse(group, [bodies.get(hash) for hash in named[:3]], report, subject)
    if setup is not None:
        _check(setup, report, subject)
    return setup, [*named, payload.hash]


def _named(payload: ArchiveMember) -> list[Hash]:
    value = fields(
        parse_json(payload.body), ("election", "trustees", "credentials", CERTIFICATE), optional=(CERTIFICATE,)
    )
    check_canonical(payload.body, value, "the setup")
    if not all(map(is_hash, value.values())):
        raise InvalidArchive(Reason.WRONG_TYPE, "expected the hashes of election, trustees and credentials")
    names = [name for name in ("election", "trustees", "credentials", CERTIFICATE) if name in value]
    return [value[name] for name in names]


def _parse(group: Group, parts: Sequence[bytes | None], report: Report, subject: str) -> Setup | None:
    """Parse each part separately, so that a fault in one does not hide faults in another.

    If the election is not supported, the other parts are not read: other rules apply to them.
    """
    election = _part(parts[0], lambda data: parse_election(group, data), "setup.public-key", report, subject)
    if report.why_skipped("setup.form", subject) is not None:
        return None
    trustees = _part(parts[1], lambda data: parse_trustees(group, data), "setup.trustees", report, subject)
    credentials = _part(parts[2], _parse_credentials, "setup.credentials", report, subject)
    if election is None or trustees is None or credentials is None:
        return None
    return Setup(group, election, trustees, credentials, credentials.weights())


def _part(
    data: bytes | None, parse: Callable[[bytes], Part], of_elements: str, report: Report, subject: str
) -> Part | None:
    """The parsed data, None if invalid. A bad element is a fault of the check `of_elements`, the rest of form."""
    if data is None:
        report.fault("setup.form", subject, "the setup names data that is not before it", FaultKind.MISSING)
        return None
    try:
        return parse(data)
    except InvalidElement as fault:
        report.fault(of_elements, subject, fault)
    except InvalidMessage as fault:
        if fault.reason is Reason.UNSUPPORTED:
            report.skip("setup.form", subject, fault.detail)
        else:
            report.fault("setup.form", subject, fault)
    return None


def _parse_credentials(data: bytes) -> PublicCredentials:
    value = parse_json(data)
    credentials = PublicCredentials.from_json(value)
    check_canonical(data, value, "the public credentials")
    return credentials


def _check(setup: Setup, report: Report, subject: str) -> None:
    for index, item in enumerate(setup.trustees, start=1):
        try:
            check_trustee(setup.group, item)
        except InvalidMessage as fault:
            report.fault("setup.trustees", subject, fault, where=f"item {index}")
    report.ran("setup.trustees", subject, len(setup.trustees))
    try:
        if combine_keys(setup.group, setup.trustees) != setup.election.public_key:
            report.fault("setup.public-key", subject, "the election's key is not the product of the trustees' keys")
        report.ran("setup.public-key", subject)
    except InvalidMessage:
        report.skip("setup.public-key", subject, "a trustee's key cannot be read")
    for listed in check_public_credentials(setup.group, setup.credentials):
        twice = listed.reason is Reason.CREDENTIAL_TWICE
        report.fault("setup.credentials-twice" if twice else "setup.credentials", subject, listed)
    report.ran("setup.credentials", subject, len(setup.credentials.entries))
    report.ran("setup.credentials-twice", subject, len(setup.credentials.entries))
