"""Receipts: the board's signed statement to a practice that its ballot was accepted.

With it the practice can prove acceptance even if the server later drops the ballot: the board's key signed the tracking
number and the place in the chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ballot.protocol.canonical import Json, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidReceipt
from ballot.record.keys import PublicKey, Purpose, SigningKey, base64_text, parse_base64, signed_bytes
from ballot.record.times import parse_time, time_text

FIELDS = (
    "programme",
    "ccg",
    "election_uuid",
    "tracking_number",
    "height",
    "chain_head",
    "time",
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Ballot `tracking_number` became the event at `height`, whose hash is `chain_head`, at `time`."""

    programme: str
    ccg: str
    election_uuid: str
    tracking_number: str
    height: int
    chain_head: Hash
    time: datetime

    @property
    def checkpoint_size(self) -> int:
        """The size of the checkpoint that was signed with it and has the same head and time.

        It follows from the height, so receipts have no field for it.
        """
        return self.height + 1

    def to_json(self) -> dict[str, Json]:
        return {
            "programme": self.programme,
            "ccg": self.ccg,
            "election_uuid": self.election_uuid,
            "tracking_number": self.tracking_number,
            "height": self.height,
            "chain_head": self.chain_head,
            "time": time_text(self.time),
        }


def sign_receipt(receipt: Receipt, key: SigningKey) -> bytes:
    """The bytes of a receipt: its fields, the board's key and its signature."""
    value = receipt.to_json()
    signature = key.sign(Purpose.RECEIPT, write_json(value))
    return write_json({**value, "key": key.public.raw.hex(), "signature": base64_text(signature)})


def parse_receipt(data: bytes) -> tuple[Receipt, PublicKey, bytes]:
    """The receipt in `data`, the key it names and its signature, which is not checked here. Raises InvalidMessage."""
    value = fields(parse_json(data.strip()), (*FIELDS, "key", "signature"))
    check_canonical(data.strip(), value, "the receipt")
    if not is_hash(value["chain_head"]):
        raise InvalidReceipt(Reason.WRONG_TYPE, "expected a hash as chain_head")
    receipt = Receipt(
        text(value["programme"]),
        text(value["ccg"]),
        text(value["election_uuid"]),
        text(value["tracking_number"]),
        integer(value["height"], 1),
        Hash(value["chain_head"]),
        parse_time(value["time"]),
    )
    return receipt, PublicKey.from_hex(value["key"]), parse_base64(value["signature"], 64)


def check_receipt(data: bytes, board: PublicKey) -> Receipt:
    """The receipt in `data`; raises InvalidMessage, or InvalidReceipt unless the board's key signed it."""
    receipt, key, signature = parse_receipt(data)
    if key != board:
        raise InvalidReceipt(Reason.PUBLIC_KEY, "the receipt is signed with a key that is not the board's")
    if not board.is_signature(signature, signed_bytes(Purpose.RECEIPT, write_json(receipt.to_json()))):
        raise InvalidReceipt(Reason.SIGNATURE, "the board did not sign this receipt")
    return receipt
