"""The scrutineer's report: the record's figures, the office's figures, the statements of satisfaction, a signature.

The scrutineer signs the canonical bytes of the report, with a key that signs nothing else. A report without answers to
the statements is a draft and is not signed. `check_report` makes every figure of the record again and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ballot.audit.report import Report as AuditReport
from ballot.audit.run import Options
from ballot.declaration.errors import BadSignature, NotVerified
from ballot.declaration.office_figures import OfficeFigures, parse_figures
from ballot.declaration.scrutiny_record import RecordFigures, read_figures
from ballot.declaration.statements import Answer, check_answers, parse_answers
from ballot.protocol.canonical import Json, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PublicKey, Purpose, base64_text, parse_base64, signed_bytes
from ballot.record.times import parse_time, time_text

if TYPE_CHECKING:  # only signing needs the library; checking a signature does not
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FIELDS = ("version", "programme", "made", "record", "office", "statements")


@dataclass(frozen=True, slots=True)
class ScrutinyReport:
    """A report; a draft while `answers` is empty. `office` is None if it was made from the record alone."""

    made: datetime
    record: RecordFigures
    office: OfficeFigures | None = None
    answers: tuple[Answer, ...] = ()

    @property
    def is_draft(self) -> bool:
        return not self.answers

    def to_json(self) -> dict[str, Json]:
        return {
            "version": 1,
            "programme": self.record.programme.id,
            "made": time_text(self.made),
            "record": self.record.to_json(),
            "office": None if self.office is None else self.office.to_json(),
            "statements": [answer.to_json() for answer in self.answers],
        }

    @property
    def signed_bytes(self) -> bytes:
        """What the scrutineer signs, after the line that names the purpose."""
        return write_json(self.to_json())


@dataclass(frozen=True, slots=True)
class SignedScrutiny:
    """A signed report as read from its file. The record's part is not believed: it is compared with the record."""

    programme: str
    made: datetime
    record: Json
    office: OfficeFigures | None
    answers: tuple[Answer, ...]
    body: bytes
    key: Hash
    signature: bytes

    def again(self, record: RecordFigures) -> ScrutinyReport:
        """The report with these figures of a record in place of its own."""
        return ScrutinyReport(self.made, record, self.office, self.answers)


def sign_scrutiny(report: ScrutinyReport, key: Ed25519PrivateKey) -> bytes:
    """The file of the signed report. Raises InvalidRecord unless every statement is answered."""
    check_answers(report.answers)
    signature = key.sign(signed_bytes(Purpose.SCRUTINY, report.signed_bytes))
    return write_signed(report, PublicKey(key.public_key().public_bytes_raw()), signature)


def write_signed(report: ScrutinyReport, key: PublicKey, signature: bytes) -> bytes:
    """The file of a report that was signed elsewhere. Raises BadSignature if this key did not sign it."""
    check_answers(report.answers)
    if not key.is_signature(signature, signed_bytes(Purpose.SCRUTINY, report.signed_bytes)):
        raise BadSignature("The scrutineer's signature does not hold.")
    value = {"report": report.to_json(), "key": key.fingerprint, "signature": base64_text(signature)}
    return write_json(value) + b"\n"


def parse_report(value: Json) -> tuple[str, datetime, OfficeFigures | None, tuple[Answer, ...]]:
    """Programme, time, the office's figures and the answers of a report. Raises InvalidMessage for another form."""
    value = fields(value, FIELDS)
    integer(value["version"], 1, 1)
    office = None if value["office"] is None else parse_figures(value["office"])
    return text(value["programme"]), parse_time(value["made"]), office, parse_answers(value["statements"])


def parse_signed(data: bytes) -> SignedScrutiny:
    """Read the file of a signed report. Raises InvalidMessage unless it is complete and in its one form."""
    value = fields(parse_json(data.removesuffix(b"\n")), ("report", "key", "signature"))
    programme, made, office, answers = parse_report(value["report"])
    check_answers(answers)
    if not is_hash(value["key"]):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected the fingerprint of a key")
    check_canonical(data.removesuffix(b"\n"), value, "the signed report")
    body, signature = write_json(value["report"]), parse_base64(value["signature"], 64)
    return SignedScrutiny(programme, made, value["report"]["record"], office, answers, body, value["key"], signature)


def check_report(
    data: bytes, record: Path, key: PublicKey | None = None, options: Options | None = None
) -> tuple[ScrutinyReport, AuditReport]:
    """Check a signed report against its record. Returns the report, made again, and the auditor's report.

    (1) The record verifies. (2) The key is the one in the terms; `key` is used only where they name none. (3) It signed
    the report. (4) Every figure that the report takes from the record follows from this record again.

    Raises: NotVerified, BadSignature with a sentence, InvalidMessage, NotDeclared, Unreadable.
    """
    signed = parse_signed(data)
    figures, audit = read_figures(record, options)
    if audit.failed() or audit.skipped():
        raise NotVerified(audit)
    expected = figures.scrutineer or key
    if expected is None:
        raise BadSignature("The terms name no scrutineer. Give the scrutineer's public key with --key.")
    if figures.scrutineer is not None and key is not None and key != figures.scrutineer:
        raise BadSignature(f"The terms name another key than yours: {figures.scrutineer.fingerprint}.")
    if expected.fingerprint != signed.key:
        raise BadSignature(f"The report was signed with the key {signed.key}, not with {expected.fingerprint}.")
    if not expected.is_signature(signed.signature, signed_bytes(Purpose.SCRUTINY, signed.body)):
        raise BadSignature("The scrutineer's signature does not hold: the report was altered.")
    differing = list(_differing(signed.record, figures.to_json()))
    if signed.programme != figures.programme.id:
        differing.insert(0, "programme")
    if signed.office is not None and signed.office.programme != figures.programme.id:
        differing.append("office.programme")
    if differing:
        raise BadSignature(f"The report says other than this record: {', '.join(differing[:20])}.")
    return signed.again(figures), audit


def _differing(said: Json, found: Json, path: str = "record") -> Iterator[str]:
    """Where two values differ, by their place."""
    if isinstance(said, dict) and isinstance(found, dict):
        for name in dict.fromkeys([*found, *said]):
            if name not in said or name not in found:
                yield f"{path}.{str(name)[:40]}"
            else:
                yield from _differing(said[name], found[name], f"{path}.{str(name)[:40]}")
    elif isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        for number, (one, other) in enumerate(zip(said, found, strict=True)):
            yield from _differing(one, other, f"{path}[{number}]")
    elif said != found or type(said) is not type(found):
        yield path
