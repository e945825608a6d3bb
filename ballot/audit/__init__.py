"""Is the published record true? What an outsider runs, without Flask, SQLAlchemy or a database.

From Python (the names under `__all__` are for others, the modules are ours):

    from ballot.audit import audit

    report = audit("record.zip")
    report.verified     True only if every check was made and found nothing
    report.verdict      one sentence, and what must be added to it
    report.faults       each with check, kind, reason, election, file, height, line, byte and detail

`catalogue` lists every check; `run.audit` makes them; `report` says PASS, FAIL, SKIPPED or N/A for each.

    source        a folder, a .zip or a single .bel, all hostile; `zip_layout`: a .zip is read in one way only
    bound         whether every share has its strong proofs
    elections     one archive: bytes and chain, with `setup`, `ballots` and `tallies`; `election_facts` stay
    workers       who checks the proofs of ballots, `chunks` of them: this process or others; passed as `chunk_bytes`
    cluster       workers on other machines, which run `cluster_worker`
    files         the record's files and its manifest
    foundations   keys, terms, rules, roll, trustees
    electorates   which elections there must be, who votes in each, how it is counted
    logs          the programme's events and tokens, with `lifecycle`
    faults        one fault in typed fields, and its sentence for people
    checkpoints   the board's signed checkpoints, and the window; `heads`: the place of every event among the ballots
    outcomes      who voted, decisions, outcome
    options       --trust, --since, --receipt
    memory        --resume: what an earlier run verified
    progress      the bar on a terminal
    paper         another command: what a spoilt paper encrypts
"""

from ballot.audit.catalogue import Stage
from ballot.audit.faults import Fault, FaultKind, sentence
from ballot.audit.report import Report, Status
from ballot.audit.run import Options, audit, read_record
from ballot.audit.source import Unreadable, open_source

__all__ = [
    "Fault",
    "FaultKind",
    "Options",
    "Report",
    "Stage",
    "Status",
    "Unreadable",
    "audit",
    "open_source",
    "read_record",
    "sentence",
]
