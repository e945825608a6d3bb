"""The board's signature over a declaration's PDF: a small JSON file beside the PDF.

It names the programme, the record by its manifest and the PDF by its SHA-256, and is signed with the board's Ed25519
key, the one that signed the record. So it says of these very bytes: this is the declaration of that record.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.declaration.errors import BadSignature
from ballot.declaration.model import Declaration
from ballot.protocol.canonical import Json, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.errors import InvalidRecord
from ballot.record.keys import Purpose, Role, RoleSignature, SigningKey, check_role_signature, sign_as


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """The board's statement about one PDF."""

    programme: str
    record: Hash
    pdf: Hash
    signature: RoleSignature | None = None

    def _unsigned(self) -> dict[str, Json]:
        return {"version": 1, "programme": self.programme, "record": self.record, "pdf": self.pdf}

    @property
    def signed_bytes(self) -> bytes:
        """The bytes that are signed: the data after a line that names its purpose."""
        return write_json(self._unsigned())

    def to_bytes(self) -> bytes:
        """The bytes of the file; raises ValueError before it is signed."""
        if self.signature is None:
            raise ValueError("this has not been signed yet")
        return write_json({**self._unsigned(), "signature": self.signature.to_json()}) + b"\n"


def sign_paper(declaration: Declaration, pdf: bytes, board: SigningKey) -> bytes:
    """Sign the PDF for the file beside it; raises ValueError if the key is not the record's board key."""
    if board.public != declaration.proof.board:
        raise ValueError("a declaration is signed with the key of the record's board")
    signed = SignedPdf(declaration.programme.id, declaration.proof.manifest, sha256_hex(pdf))
    signature = sign_as(board, Purpose.DECLARATION, signed.signed_bytes)
    return SignedPdf(signed.programme, signed.record, signed.pdf, signature).to_bytes()


def check_paper(declaration: Declaration, pdf: bytes, data: bytes) -> None:
    """Raise BadSignature unless the board of this record signed exactly this PDF, for exactly this record."""
    try:
        signed = parse_signature(data)
        if signed.signature is None or signed.signature.role is not Role.BOARD:
            raise BadSignature("It is not signed by the board.")
        keys = {Role.BOARD: declaration.proof.board}
        check_role_signature(keys, signed.signature, Purpose.DECLARATION, signed.signed_bytes)
    except InvalidMessage as fault:
        raise BadSignature(f"The signature is not valid: {fault.detail}.") from None
    for what, claimed, found in (
        ("programme", signed.programme, declaration.programme.id),
        ("record", signed.record, declaration.proof.manifest),
        ("PDF", signed.pdf, sha256_hex(pdf)),
    ):
        if claimed != found:
            raise BadSignature(f"The signature is of another {what}: it names {claimed[:80]}, and this is {found}.")


def parse_signature(data: bytes) -> SignedPdf:
    """Parse a signature file; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("version", "programme", "record", "pdf", "signature"))
    check_canonical(data[:-1] if data.endswith(b"\n") else b"", value, "the signature")
    integer(value["version"], 1, 1)
    if not is_hash(value["record"]) or not is_hash(value["pdf"]):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected record and PDF by hash")
    signature = RoleSignature.from_json(value["signature"])
    return SignedPdf(text(value["programme"]), value["record"], value["pdf"], signature)
