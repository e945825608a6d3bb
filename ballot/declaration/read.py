"""The only door for what comes from outside: verify the whole record, and only then say what it declares.

(1) The auditor's code is run on the record, and nothing but "verified" goes on. (2) The manifest is read again and must
be the one that was verified, and every file the one that it names: nothing was exchanged meanwhile. (3) It is told.
"""

from __future__ import annotations

from pathlib import Path

from ballot.audit.files import open_files
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.audit.source import SingleSource, open_source, read_file
from ballot.declaration.errors import NotDeclared, NotVerified
from ballot.declaration.model import Declaration
from ballot.declaration.tell import tell_declaration
from ballot.protocol.hashing import sha256_hex
from ballot.record.manifest import NAME


def read_declaration(record: Path, options: Options | None = None) -> tuple[Declaration, Report]:
    """Verify a record, a folder or its .zip, and read its declaration; also return the auditor's report.

    Raises: NotVerified, NotDeclared, Unreadable.
    """
    with open_source(record) as source:
        if isinstance(source, SingleSource):
            raise NotDeclared(f"{record} is a single archive. A declaration needs a whole record.")
        manifest = sha256_hex(read_file(open_files(source).source, NAME))
    report = audit(record, options or Options())
    if not report.verified:
        raise NotVerified(report)
    with open_source(record) as source:
        declaration = tell_declaration(source)
        if declaration.proof.manifest != manifest:
            raise NotDeclared("The record was changed while it was being read.")
    return declaration, report
