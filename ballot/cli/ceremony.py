"""`ballot ceremony`: what the server does between the trustees; everything it carries is sealed or signed.

check    step 2    certificates             -> CERTIFICATES, for every trustee
route    step 4    CERTIFICATES polynomials -> one VINPUT for each trustee
finish   step 6    CERTIFICATES polynomials voutputs -> parameters.json, and one DKEY for each trustee
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, found_in, read_json, say, write_new_json
from ballot.protocol.canonical import array, write_json
from ballot.protocol.ceremony import (
    Polynomial,
    Voutput,
    check_certificates,
    create_threshold_parameters,
    create_vinputs,
)
from ballot.protocol.group import Ed25519, element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.pki import Certificate, parse_certificate
from ballot.protocol.proofs import Proof
from ballot.protocol.signatures import SignedMessage, is_message_signed

GROUP = Ed25519()
Part = TypeVar("Part")


def ceremony_command(argv: list[str]) -> int:
    """Parse the arguments and do one step."""
    parser = argparse.ArgumentParser(
        prog="ballot ceremony",
        description="Carry the trustees' key ceremony from step to step. It sees no secret.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="step 2: check all certificates, and put them into one file")
    check.add_argument("parts", metavar="CERTIFICATE", type=Path, nargs="+", help="from ballot trustee certificate")
    check.add_argument("--out", metavar="FILE", type=Path, required=True, help="the file for every trustee")
    check.set_defaults(run=_check)
    route = commands.add_parser("route", help="step 4: sort what the trustees sealed for each other")
    route.add_argument("certificates", metavar="CERTIFICATES", type=Path, help="from ballot ceremony check")
    route.add_argument("parts", metavar="POLYNOMIAL", type=Path, nargs="+", help="from ballot trustee polynomial")
    route.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where vinput-1.json ... are written")
    route.set_defaults(run=_route)
    finish = commands.add_parser("finish", help="step 6: publish the trustees' key")
    finish.add_argument("certificates", metavar="CERTIFICATES", type=Path, help="from ballot ceremony check")
    finish.add_argument("--polynomials", metavar="FILE", type=Path, nargs="+", required=True)
    finish.add_argument("--voutputs", metavar="FILE", type=Path, nargs="+", required=True)
    finish.add_argument(
        "--out", metavar="FOLDER", type=Path, required=True, help="where parameters.json, dkey-1.json ... are written"
    )
    finish.set_defaults(run=_finish)
    options = parser.parse_args(argv)
    options.run(options)
    return 0


def _check(options: argparse.Namespace) -> None:
    certs: dict[int, SignedMessage] = {}
    for path in options.parts:
        with found_in(path):
            cert = SignedMessage.from_json(GROUP, read_json(path))
            number = parse_certificate(cert).index
        if number in certs:
            raise Unacceptable(f"{path} is a second certificate of trustee {number}.")
        certs[number] = cert
    ordered = [certs[number] for number in sorted(certs)]
    check_certificates(GROUP, ordered)
    data = write_new_json(options.out, [cert.to_json() for cert in ordered])
    say(f"The {len(ordered)} certificates hold. Send {options.out} to every trustee, who now makes a polynomial.")
    say(f"Its fingerprint, which all trustees must read out: {sha256_hex(data)}")


def _route(options: argparse.Namespace) -> None:
    certs, _ = read_certificates(options.certificates)
    outs = [options.out / f"vinput-{number}.json" for number in range(1, len(certs) + 1)]
    check_new(*outs)
    vinputs = create_vinputs(GROUP, certs, _read_polynomials(options.parts, certs))
    for path, vinput in zip(outs, vinputs, strict=True):
        write_new_json(path, vinput.to_json())
    say(f"The {len(certs)} polynomials hold. Send each trustee its file in {options.out}; it answers with a voutput.")


def _finish(options: argparse.Namespace) -> None:
    certs, _ = read_certificates(options.certificates)
    parameters_file = options.out / "parameters.json"
    outs = [options.out / f"dkey-{number}.json" for number in range(1, len(certs) + 1)]
    check_new(parameters_file, *outs)
    polynomials = _read_polynomials(options.polynomials, certs)
    voutputs = _by_trustee(options.voutputs, lambda path: Voutput.from_json(GROUP, read_json(path)), _of_voutput, certs)
    parameters = create_threshold_parameters(GROUP, certs, polynomials, voutputs)
    for path, voutput in zip(outs, voutputs, strict=True):
        write_new_json(path, voutput.private_key)
    data = write_new_json(parameters_file, parameters.to_json())
    say(f"The trustees have a key: any {parameters.threshold} of {len(certs)} can decrypt. Send each its dkey file.")
    say(f"Each of them shows that its key opens: ballot trustee practice {parameters_file}")
    say(f"Next: ballot office prepare --trustees {parameters_file} (fingerprint {sha256_hex(data)})")


def read_certificates(path: Path) -> tuple[list[SignedMessage], str]:
    """Read and check all certificates; also return their file's fingerprint. Raises Unacceptable."""
    with found_in(path):
        value = read_json(path)
        certs = [SignedMessage.from_json(GROUP, cert) for cert in array(value)]
        check_certificates(GROUP, certs)
        return certs, sha256_hex(write_json(value))


def _read_polynomials(files: Sequence[Path], certs: Sequence[SignedMessage]) -> list[Polynomial]:
    return _by_trustee(files, lambda path: Polynomial.from_json(GROUP, read_json(path)), _of_polynomial, certs)


def _of_polynomial(polynomial: Polynomial) -> tuple[str, Proof | None]:
    return polynomial.coefexps.message, polynomial.coefexps.signature


def _of_voutput(voutput: Voutput) -> tuple[str, Proof | None]:
    return element_text(voutput.public_key.public_key), voutput.public_key.signature


def _by_trustee(
    files: Sequence[Path],
    read: Callable[[Path], Part],
    signed: Callable[[Part], tuple[str, Proof | None]],
    certs: Sequence[SignedMessage],
) -> list[Part]:
    """One part for each trustee, in trustee order. Its signature shows whose a part is, whatever the file is called."""
    certificates = check_certificates(GROUP, certs)
    found: dict[int, Part] = {}
    for path in files:
        with found_in(path):
            part = read(path)
        number = _author(certificates, *signed(part))
        if number is None:
            raise Unacceptable(f"{path} is signed by none of these trustees.")
        if number in found:
            raise Unacceptable(f"{path} is a second file of trustee {number}.")
        found[number] = part
    missing = [str(number) for number in range(1, len(certs) + 1) if number not in found]
    if missing:
        raise Unacceptable(f"The file of trustee {', '.join(missing)} is missing: all {len(certs)} are needed.")
    return [found[number] for number in sorted(found)]


def _author(certificates: Sequence[Certificate], message: str, signature: Proof | None) -> int | None:
    if signature is None:
        return None
    verified = (c.index for c in certificates if is_message_signed(GROUP, c.verification, message, signature))
    return next(verified, None)
