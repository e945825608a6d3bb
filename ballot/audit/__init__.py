"""Is the published record true? For anyone to run, without Flask, SQLAlchemy or a database.

From Python (the names in `__all__` are public, the modules are not):

    from ballot.audit import audit

    report = audit("record.zip")
    report.verified     True only if every check was made and found nothing
    report.verdict      one sentence, and what must be added to it
    report.faults       each with check, kind, reason, election, file, height, line, byte and detail

`catalogue` lists every check; `run` makes them; `report` says PASS, FAIL, SKIPPED or N/A for each.

| module        | what it does                                                                                  |
|---------------|-----------------------------------------------------------------------------------------------|
| `source`      | opens a folder, a .zip or a single .bel, and trusts none of them                              |
| `zip_layout`  | accepts only a .zip that every reader reads alike                                             |
| `files`       | the record's files and its manifest                                                           |
| `elections`   | one archive: bytes and chain, with `setup`, `ballots` and `tallies`                           |
| `mixing`      | the shuffles of an archive, if its election has questions whose answers are shuffled           |
| `election_facts` | what the audit keeps of an archive                                                         |
| `bound`       | whether every share has its strong proofs                                                     |
| `workers`     | check the proofs of ballots, in `chunks`: this process or others                              |
| `cluster`     | workers on other machines, which run `cluster_worker`                                         |
| `foundations` | keys, terms, rules, roll, trustees                                                            |
| `electorates` | which elections there must be, who votes in each, how each is counted                         |
| `logs`        | the programme's events and tokens, with `lifecycle` and `proposals`                           |
| `heads`       | the place of every event among the ballots                                                    |
| `checkpoints` | the board's signed checkpoints, cosignatures, and the window                                  |
| `outcomes`    | who voted, decisions, outcome; `secrecy` measures again, `reballots` checks the cited record  |
| `extra_checks` | --trust, --since, --receipt                                                                  |
| `memory`      | --resume: what an earlier run verified                                                        |
| `faults`      | one fault in typed fields, and its sentence for people                                        |
| `command`     | the auditor's command                                                                         |
| `authority`   | another command: is a statement of who cast a vote the one in the record?                       |
| `spoilt_ballot` | another command: shows what a spoilt ballot encrypts                                        |
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
