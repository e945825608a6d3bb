"""`ballot trustee`: a trustee's part in the key ceremony, on a machine of its own. Its one secret is --key.

    certificate   step 1     polynomial   step 3     voutput   step 5
    practice      before sealing                     decrypt   at the count (decrypting.py)

Steps 2, 4 and 6 are the server's: its pages, or `ballot ceremony`. Every file but the key may travel by email: what
must stay secret in it is sealed, and all of it is signed. The key file is the one that the trustee's page makes, too.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from ballot.cli.ceremony import read_certificates
from ballot.cli.decrypting import decrypt_published_totals
from ballot.cli.passphrases import TRUSTEE, Passphrases, add_passphrase_files
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, found_in, read_json, say, write_new, write_new_json
from ballot.protocol.canonical import as_sent, parse_json, text
from ballot.protocol.ceremony import Vinput, create_polynomial, create_voutput, open_decryption_key, trustee_of
from ballot.protocol.errors import InvalidMessage, InvalidTrustee
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.pki import create_certificate, generate_seed
from ballot.protocol.signatures import SignedMessage
from ballot.protocol.trial_decryption import create_trial_decryption
from ballot.protocol.trustees import MAX_TRUSTEES, ThresholdParameters, check_threshold_parameters
from ballot.registrar.files import read_private, write_private
from ballot.registrar.trustee_key import FORMAT, WrongPassphrase, open_trustee_key, seal_trustee_key

GROUP = Ed25519()


def trustee_command(argv: list[str]) -> int:
    """Parse, and do one step."""
    options = _parser().parse_args(argv)
    options.run(options, Passphrases(options.passphrase_file, os.environ))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot trustee",
        description="What a trustee does, on a machine that nobody else uses. Give the file --key to no one.",
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
    made.add_argument(
        "--fingerprint", metavar="HEX", help="what the other trustees read out; without it you are asked on a terminal"
    )
    made = command("voutput", _voutput, "step 5: check what the others sent you, and make your public key")
    made.add_argument("certificates", metavar="CERTIFICATES", type=Path, help="from ballot ceremony check")
    made.add_argument("vinput", metavar="VINPUT", type=Path, help="your file from ballot ceremony route")
    made = command("practice", _practice, "before sealing: decrypt a trial ciphertext, to prove that your key opens")
    made.add_argument("parameters", metavar="PARAMETERS", type=Path, help="from ballot ceremony finish")
    made.add_argument("--dkey", metavar="FILE", type=Path, required=True, help="your file from ballot ceremony finish")
    made = command("decrypt", _decrypt, "at the count: verify the published archives, then decrypt their totals only")
    made.add_argument("published", metavar="RECORD", type=Path, help="the record (folder or .zip), or one .bel archive")
    made.add_argument("--dkey", metavar="FILE", type=Path, required=True, help="your file from ballot ceremony finish")
    made.add_argument(
        "--ccg", metavar="NAME", help="one of a record's archives: CCG, or CCG.LOCALITY; without it, all that wait"
    )
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
    passphrase = passphrases.needed(TRUSTEE, new=True)
    write_private(options.key, seal_trustee_key(seed, passphrase, secrets.token_bytes))
    data = write_new_json(options.out, certificate.to_json())
    say(f"{options.key} is your private key: keep it, with a copy in another place. Hand on {options.out}.")
    say(f"Its fingerprint, to read out to the others: {sha256_hex(data)}")


def _polynomial(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    certs, fingerprint = read_certificates(options.certificates)
    _compare(options.fingerprint, fingerprint)
    seed = open_seed(options.key, passphrases, certs)
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
    seed = open_seed(options.key, passphrases, certs)
    try:
        voutput = create_voutput(GROUP, certs, seed, vinput, secrets.randbelow)
    except InvalidTrustee as fault:
        raise Unacceptable(f"The ceremony must stop here, and begin again: {fault.detail}.") from None
    write_new_json(options.out, voutput.to_json())
    say(f"What every trustee sent you holds. Hand on {options.out}. The certificates were:")
    say(fingerprint)


def _compare(heard: str | None, fingerprint: str) -> None:
    """Continue only if the others have the same certificates; raises Unacceptable. Asks only on a terminal."""
    if heard is not None:
        if "".join(heard.split()).lower() != fingerprint:
            raise Unacceptable(
                f"The others read out another fingerprint; yours is {fingerprint}. Somebody in between has put in a "
                "trustee of their own, or you were sent different files. Nothing was made."
            )
    elif sys.stdin.isatty():
        say(f"The fingerprint of the certificates: {fingerprint}")
        if input('Did every other trustee read out the same, by telephone or in one room? Type "yes": ') != "yes":
            raise Unacceptable("Nothing was made. Compare the fingerprint with every other trustee first.")


def _practice(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    with found_in(options.parameters):
        parameters = ThresholdParameters.from_json(GROUP, read_json(options.parameters))
        check_threshold_parameters(GROUP, parameters)
    seed = open_seed(options.key, passphrases, parameters.certs)
    x = open_share_of_key(options.key, options.dkey, seed)
    with found_in(options.parameters):
        trial = create_trial_decryption(GROUP, parameters, x, secrets.randbelow)
    write_new(options.out, trial.to_bytes())
    say(f"Your key opens, and is that of trustee {trial.number}. No ballot was decrypted: the trial ciphertext is")
    say(f"made from the fingerprint of the trustees' own key. Hand on {options.out}.")


def _decrypt(options: argparse.Namespace, passphrases: Passphrases) -> None:
    check_new(options.out)
    seed = open_seed(options.key, passphrases)
    owner, names = decrypt_published_totals(options, open_share_of_key(options.key, options.dkey, seed))
    if len(names) == 1:
        say(f"The archive verifies, and {options.out} decrypts its published total and nothing else.")
        say(f"Hand it in on your page, or to the server: ballot office share {names[0]} --owner {owner} {options.out}")
    else:
        say(f"The archives verify, and {options.out} decrypts their published totals and nothing else:")
        say(f"{', '.join(names)}. Hand it in on your page, under Decrypt all totals.")


def open_seed(key: Path, passphrases: Passphrases, certs: Sequence[SignedMessage] = ()) -> str:
    """The trustee's secret seed. Raises KeyRefused, or Unacceptable if the key is in none of these certificates."""
    data = read_private(key)
    if (kind := kind_of(data)) != KEY_FILE:
        raise Unacceptable(f"{key.name} is not your key file: {f'it is {kind}' if kind else 'it is another file'}.")
    try:
        seed = open_trustee_key(data, passphrases.needed(TRUSTEE))
    except WrongPassphrase:
        sentence = f"The passphrase does not open {key.name}. Or it is another trustee's file."
        raise Unacceptable(sentence) from None
    if certs and not trustee_of(GROUP, certs, seed):
        raise Unacceptable(
            f"{key.name} is a key file of another ballot, or of an earlier ceremony. Choose the last one."
        )
    return seed


def open_share_of_key(key: Path, dkey: Path, seed: str) -> int:
    """The trustee's share of the key, a secret. Raises Unacceptable if the seed does not open the dkey file."""
    data = dkey.read_bytes() if dkey.is_file() else b""
    if data and (kind := kind_of(data)) not in (DKEY_FILE, None):
        raise Unacceptable(f"{dkey.name} is not your dkey file: it is {kind}.")
    with found_in(dkey):
        sealed = text(read_json(dkey))
    try:
        return open_decryption_key(GROUP, seed, sealed)
    except InvalidMessage:
        sentence = f"Your key file {key.name} does not open {dkey.name}. Choose the dkey file of the same ballot."
        raise Unacceptable(sentence) from None


KEY_FILE, DKEY_FILE = "a key file", "a dkey file"


def kind_of(data: bytes) -> str | None:
    """What a file of the ceremony is, in words; None if it is none that we know."""
    try:
        value = parse_json(as_sent(data))
    except InvalidMessage:
        return None
    if isinstance(value, str):
        return DKEY_FILE
    if isinstance(value, list):
        return "the certificates of a ceremony"
    if not isinstance(value, dict):
        return None
    if value.get("format") == FORMAT:
        return KEY_FILE
    if "verification_keys" in value:
        return "parameters.json, which is public"
    return "a part of the ceremony" if "coefexps" in value else None
