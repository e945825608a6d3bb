"""The evidence pack for a merger application: the declaration, rules, turnout, support and the whole record.

| in the pack            | what it is                                                          |
|------------------------|---------------------------------------------------------------------|
| README.txt             | what is in it, and how to check it                                  |
| declaration.pdf        | the declaration as a PDF                                            |
| declaration.sig.json   | the board's signature over it, where the board made the pack        |
| declaration.json, .csv | the same as data                                                    |
| rules.txt              | every clause in full, the rule that was applied, the programme's    |
| turnout.csv            | who voted, by CCG and locality                                      |
| support.csv            | the level of support, by CCG and over all                           |
| record.zip             | the published record, which proves all of it                        |
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from ballot.audit.source import RecordSource, open_source
from ballot.declaration.as_csv import support_csv, to_csv, turnout_csv
from ballot.declaration.as_json import to_json
from ballot.declaration.as_text import rules_text
from ballot.declaration.model import Declaration
from ballot.record.packing import Member, write_zip

README = """{name}
{line}

{headline}
{limits}
declaration.pdf       the declaration{signed}
declaration.json      the same as data; declaration.csv: every count, a line for each number
rules.txt             every clause in full, the rule that was applied, and the programme's
turnout.csv           who voted, by CCG and locality
support.csv           the level of support, by CCG and over all of them
record.zip            the published record: encrypted ballots, totals, rules, roll, every signature

You do not have to believe anyone. With the software, you can make all of this again from record.zip alone:

    ballot verify record.zip --trust FINGERPRINTS
    ballot declaration record.zip --trust FINGERPRINTS --evidence again.zip
{check}
FINGERPRINTS is a text file with the fingerprint of the programme, which is in every invitation:
{fingerprint}
"""
CHECK = "    ballot declaration record.zip --check declaration.pdf --signature declaration.sig.json\n"


def write_evidence(
    target: IO[bytes], declaration: Declaration, record: Path, pdf: bytes, signature: bytes | None
) -> None:
    """Write the evidence pack for a declaration and its record to `target`."""
    made = {
        "README.txt": _readme(declaration, signature is not None).encode(),
        "declaration.pdf": pdf,
        "declaration.json": to_json(declaration),
        "declaration.csv": to_csv(declaration),
        "rules.txt": rules_text(declaration).encode(),
        "turnout.csv": turnout_csv(declaration),
        "support.csv": support_csv(declaration),
    }
    if signature is not None:
        made["declaration.sig.json"] = signature
    with TemporaryFile() as packed, open_source(record) as source:
        write_zip(packed, _members(source))
        packed.seek(0)
        members = [(name, _opened(data)) for name, data in made.items()]
        write_zip(target, [*members, ("record.zip", lambda: packed)], packed=False)


def _members(source: RecordSource) -> list[Member]:
    def opener(name: str) -> Callable[[], IO[bytes]]:
        return lambda: source.open(name)

    return [(name, opener(name)) for name in source.names()]


def _opened(data: bytes) -> Callable[[], IO[bytes]]:
    return lambda: io.BytesIO(data)


def _readme(declaration: Declaration, signed: bool) -> str:
    name = declaration.programme.name
    return README.format(
        name=name,
        line="=" * len(name),
        headline=declaration.headline,
        limits="".join(f"{limit}\n" for limit in declaration.limits),
        signed="; declaration.sig.json: the board's signature over it" if signed else "",
        check=CHECK if signed else "",
        fingerprint=declaration.proof.fingerprint,
    )
