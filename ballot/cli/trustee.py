"""`ballot trustee`: a trustee's part in the key ceremony, on a machine of its own. Its one secret is --key.

    certificate   step 1     polynomial   step 3     voutput   step 5     decrypt   at the count (decrypting.py)

Steps 2, 4 and 6 are the server's: `ballot ceremony`. Every file but the key may travel by email: what must stay
secret in it is sealed, and all of it is signed.
"""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

from ballot.cli.ceremony import read_certificates
from ballot.cli.decrypting import decrypt_published_total
from ballot.cli.files import check_new, found_in, read_json, write_new_json
from ballot.cli.passphrases import TRUSTEE, Passphrases, add_passphrase_files
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.protocol.ceremony import Vinput, create_polynomial, create_voutput
from ballot.protocol.errors import InvalidTrustee
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.trustees import MAX_TRUSTEES
from ballot.registrar.files import read_private, write_private
from ballot.registrar.sealing import open_secret, seal_secret

GROUP = Ed25519()


def trustee_command(argv: list[str]) -> int:
    """Parse, and do one step."""
    options = _parser().parse_args(argv)
    options.run(options, Passphrases(options.passphrase_file, os.environ))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot trustee",
        description="What a trustee does, on a machine that nobody else uses. The file --key goes to nobody.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        made.add_argument("--key", metavar="FILE", type=Path, required=True, help="your private key")
        made.add_argument("--out", metavar="FILE", type=Path, required=True, help="what to hand to the server")
        add_passphrase_files(made)
        made.set_defaults(run=run)
        return made

    made = command("certificate", _certificate, "step 1: make your private key, and the certificate to hand on")
    made.add_argument("--number", metavar="I", type=int, required=True, help="your place in the programme file, from 1")
    made.add_argument("--of", metavar="N", type=int, required=True, help="how many trustees there are")
    made.add_argument("--threshold", metavar="T", type=int, required=True, help="how many are needed to decrypt")
    made = command("polynomial", _polynomial, "step 3: answer to everybody's certificates")
    made.add_argument("certificates", metavar="CERTIFICATES", type=Path, help="from ballot ceremony check")
    made = command("voutput", _voutput, "step 5: check what the others sent you, and make your public key")
    made.add_argument("certificates", metavar="CERTIFICATES", type=Path, help="from ballot ceremony check")
    made.add_argument("vinput", metavar="VINPUT", type=Path, help="your file from ballot ceremony route")
    made = command("decrypt", _decrypt, "at the count: verify the published archive, then decrypt its total only")
    made.add_argument("published", metavar="RECORD", type=Path, help="the record (folder or .zip), or one .bel archive")
    made.add_argument("--dkey", metavar="FILE", type=Path, required=True, help="your file from ballot ceremony finish")
    made.add_argument("--ccg", metavar="NAME", help="which of a record's archives: CCG, or CCG.LOCALITY")
    return parser


def _certificate(options: argparse.Namespace, passphrases: Passphrases) -> None:
    number, size, threshold = options.number, options.of, options.threshold
    if not 1 <= threshold <= size <= MAX_TRUSTEES or not 1 <= number <= size:
        raise Unacceptable(
            f"There is no trustee {number} of {size} with a threshold of {threshold}: "
            f"both must be from 1 to the number of trustees, of whom there are at most {MAX_TRUSTEES}."
        )
    check_new(options.key, options.out)
    seed = generate_seed(secrets.randbelow)
    certificate = create_certificate(GROUP, seed, size, threshold, number, secrets.randbelow)
    write_private(options.key, seal_secret(TRUSTEE, seed.encode(), passphrases.for_new(TRUSTEE)))
    data = write_new_json(options.out, certificate.to_json())
    say(f"{options.key} is your private key: keep it, with a copy in another place. Hand on {options.out}.")
    say(f"Its fingerprint, to read out to the others: {sha256_hex(data)}")


def _polynomial(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    certs, fingerprint = read_certificates(options.certificates)
    seed = open_seed(options.key, passphrases)
    with found_in(options.certificates):
        polynomial = create_polynomial(GROUP, certs, seed, secrets.randbelow)
    write_new_json(options.out, polynomial.to_json())
    say(f"Hand on {options.out}, once all trustees have read out the same fingerprint of the certificates:")
    say(fingerprint)


def _voutput(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    certs, fingerprint = read_certificates(options.certificates)
    with found_in(options.vinput):
        vinput = Vinput.from_json(GROUP, read_json(options.vinput))
    seed = open_seed(options.key, passphrases)
    try:
        voutput = create_voutput(GROUP, certs, seed, vinput, secrets.randbelow)
    except InvalidTrustee as fault:
        raise Unacceptable(f"The ceremony must stop here, and begin again: {fault.detail}.") from None
    write_new_json(options.out, voutput.to_json())
    say(f"What every trustee sent you holds. Hand on {options.out}. The certificates were:")
    say(fingerprint)


def _decrypt(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    seed = open_seed(options.key, passphrases)
    owner, ccg = decrypt_published_total(options, seed)
    say(f"The archive verifies, and {options.out} decrypts its published total, which no single ballot follows from.")
    say(f"Hand it to the server: ballot office share {ccg} --owner {owner} {options.out}")


def open_seed(key: Path, passphrases: Passphrases) -> str:
    """The trustee's secret seed; raises KeyRefused."""
    return open_secret(TRUSTEE, read_private(key), passphrases.to_open(TRUSTEE, key)).decode("ascii")
