"""`ballot`: find the command, run it, and turn every refusal into a sentence on standard error and exit status 2.

It imports a command's module only on request, so that an auditor needs neither Flask nor a database.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version

from ballot.cli.refusals import REFUSED, sentence_of
from ballot.cli.say import say

INTERRUPTED = 130

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "For everybody": {
        "verify": ("record:verify_command", "verify a published record, or one .bel archive"),
        "authority": ("authority:authority_command", "check who cast a vote against a published record, in a dispute"),
        "declaration": (
            "record:declaration_command",
            "what a published record declares: text, PDF, CSV, JSON, evidence",
        ),
        "decide": ("rules:decide_command", "try one CCG's rule on counts of your own"),
        "outcome": ("rules:outcome_command", "try a programme's rule on outcomes of your own"),
        "lint": ("rules:lint_command", "read rule and programme files back in plain English"),
        "constitution": ("constitution:constitution_command", "check rule files, explain one for signing"),
        "secrecy": ("secrecy:secrecy_command", "measure what the totals would tell about single votes"),
        "roll": ("roll:roll_command", "check a roll of member practices, line by line"),
    },
    "For trustees, each on a machine of their own": {
        "trustee": ("trustee:trustee_command", "take part in the key ceremony; decrypt a published total"),
    },
    "For the returning officer and the deputy": {
        "keys": ("keys:keys_command", "make the installation's keys, show their fingerprints"),
        "ceremony": ("ceremony:ceremony_command", "carry the trustees' key ceremony from step to step"),
        "office": ("office:office_command", "prepare, seal, open, close, count, decide, declare, publish"),
        "mail": ("mail:mail_command", "invite, remind, see how every e-mail stands, read bounces"),
    },
    "For the scrutineer": {
        "scrutineer": (
            "scrutineer:scrutineer_command",
            "make the report of a record, sign it, check it; the office's figures",
        ),
    },
    "For the registrar": {
        "registrar": ("registrar:registrar_command", "issue, re-issue and revoke the practices' voting links"),
    },
    "For the person who runs the server": {
        "db": ("database:database_command", "make the tables, or bring them to this version; the app's own role"),
        "doctor": ("doctor:doctor_command", "look at database, clock, keys, disk, mail and address; say what to mend"),
        "backup": (
            "database:backup_command",
            "copy the database and the programmes into one file, while voting goes on",
        ),
        "restore": ("database:restore_command", "put such a file into an empty installation, and check it"),
        "retention": ("database:retention_command", "remove what is personal after its time; what is held on one"),
        "activity": ("activity:activity_command", "list the log of everything the office did; check its chain"),
        "worker": ("worker:worker_command", "send what is due, open and close on time; --unlock for voting links"),
        "witness": ("witness:witness_command", "ask the witnesses of the settings to cosign the checkpoints"),
        "staff": ("staff:staff_command", "who may sign in to the office: add, list, reset, disable"),
        "serve": ("serve:serve_command", "answer on a port: the public board, the casting of ballots, the office"),
    },
}
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 done, 1 not verified (`verify`, `declaration`, `scrutineer`), 2 refused, 130 interrupted."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        say("Interrupted.", sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # The reader closed the pipe early; without this, Python would complain at exit
        return INTERRUPTED
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None:
            raise
        for line in sentence.splitlines():
            say(line, sys.stderr)
        return REFUSED


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if arguments[0] == "--version":
        print(f"ballot {_version()}")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        say(f'There is no command "{name[:40]}"; ballot alone lists the commands.', sys.stderr)
        return REFUSED
    module, _, function = COMMANDS[name][0].partition(":")
    return int(getattr(importlib.import_module(f"ballot.cli.{module}"), function)(rest))


def overview() -> str:
    """Every command, by its users."""
    lines = [
        "ballot: votes of member practices that anyone can verify.",
        "",
        "Usage: ballot COMMAND ...   --help tells more",
    ]
    for group, commands in GROUPS.items():
        lines += ["", f"{group}:"]
        lines += [f"  ballot {name:<11} {what}" for name, (_, what) in commands.items()]
    return "\n".join(lines)


def _version() -> str:
    try:
        return version("nhs-ballot")
    except PackageNotFoundError:
        return "(run from a checkout that is not installed)"


if __name__ == "__main__":
    sys.exit(main())
