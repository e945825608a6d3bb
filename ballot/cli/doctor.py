"""`ballot doctor`: check everything that a ballot needs to run, and say what to mend.

OK      as it should be             WARN    works, but mend it before a real ballot
FAIL    does not work: mend it      N/A     not part of this installation, or not asked for

Exit status 1 if anything failed. It changes nothing and sends no mail. The checks are in `doctor_checks` and
`doctor_network`; each returns findings and never raises.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ballot.cli import doctor_checks, doctor_network
from ballot.cli.doctor_checks import Diagnosis, Health
from ballot.cli.say import say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import clock, surroundings_of

SICK = 1


def doctor_command(argv: list[str]) -> int:
    """`ballot doctor [--no-network] [--url URL] [--json]`."""
    parser = argparse.ArgumentParser(
        prog="ballot doctor",
        parents=[settings_parser()],
        description="Check database, clocks, keys, disk, mail and address; say what to mend. Changes nothing.",
    )
    parser.add_argument("--no-network", action="store_true", help="leave out mail and the public address")
    parser.add_argument("--url", metavar="URL", help="the public address of the service (default https://BOARD)")
    parser.add_argument("--ca-file", metavar="FILE", type=Path, help="trust this authority for that address")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each finding")
    options = parser.parse_args(argv)
    with surroundings_of(options, sends=not options.no_network) as here:
        findings = [*doctor_checks.database(here, clock), *doctor_checks.keys(here), *doctor_checks.files(here)]
        if options.no_network:
            findings += [Diagnosis(name, Health.NA, "left out") for name in ("mail", "address")]
        else:
            findings += doctor_network.mail(here.config, doctor_checks.newest_address(here))
            findings += doctor_network.address(here.config, options.url, options.ca_file)
    for finding in findings:
        if options.json:
            say(
                json.dumps(
                    {"name": finding.name, "health": finding.health.value, "found": finding.found, "mend": finding.mend}
                )
            )
        else:
            say(f"{finding.health.value:<5} {finding.name:<22} {finding.found}")
            if finding.mend:
                say(f"{'':<28} -> {finding.mend}")
    failed = sum(finding.health is Health.FAIL for finding in findings)
    warned = sum(finding.health is Health.WARN for finding in findings)
    if not options.json:
        say(f"{failed} failed, {warned} to look at, {len(findings) - failed - warned} in order or not needed.")
    return SICK if failed else 0
