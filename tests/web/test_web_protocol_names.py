"""The page's protocol.js mirrors ballot/protocol: module for section, in its order, and name for name."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

import ballot.protocol
from ballot.protocol.group import Ed25519
from ballot.web.assets import STATIC
from tests.web.script_sections import declared, sections

PAGE = sections(STATIC / "protocol.js")
MIRRORED = [name for name in PAGE if name.startswith("ballot/protocol/")]

OTHERWISE = {
    "lengthOf": "HomomorphicQuestion.length",  # a question is a plain object in the page
    "intervalOf": "HomomorphicQuestion.interval",
    "questionFromJson": "HomomorphicQuestion.from_json",
    "publicCredentialsFromJson": "PublicCredentials.from_json",
    "ENTRY": "_WEIGHT",
    "checkAnswer": "answer_faults",  # the page stops at the first fault, the auditor collects
    "ELECTION_FIELDS": "FIELDS",  # a file has one of a name
    "OPTIONAL_FIELDS": "OPTIONAL",
    "BALLOT_FIELDS": "FIELDS",
    "OPENING_FIELDS": "FIELDS",
}
"""Names that mirror one that is not the same in camelCase."""

PAGE_ALONE = {
    "GROUP",  # in Python the class's own name
    "writeEntries",  # Python's dictionaries keep their order, whatever their keys are
    "hexText",
    "parseHex",  # methods of Python's bytes
    "modQ",
    "publicPower",
    "randomBelow",  # of the group: libsodium's, an operator, a faster power, and Python's callers hand it in
    "openPaper",  # only the page opens papers; Python checks openings
    "intervalPrefix",  # two lines of Python's prove_interval and is_interval
}
"""What the page exports and Python needs no name for."""

PYTHON_ALONE = {
    "spec": {"ARCHIVE_VERSION", "MAX_SMALL_INTEGER", "MAX_TOTAL_WEIGHT"},  # of archives
    "canonical": {"MAX_CONTAINERS", "MAX_DIGITS", "check_version", "as_sent"},  # of archives, and of files
    "hashing": {"base64_of_hex"},
    "group": {
        "inverse",
        "check_exponent",
        "check_keeps_secrets",
        "off_the_curve",
        "default_disjunct_commitments",
        "default_product",
    },  # backends
    "elgamal": {"neutral", "raise_to"},  # of tallies
    "signatures": {"sign_message", "is_message_signed"},  # of trustees
    "credentials": {  # the registrar's, and of archives
        "generate_base58",
        "generate_credential",
        "check_public_credentials",
        "MAX_WEIGHT_DIGITS",
    },
    "proofs": {
        *("prove_decryption", "is_decryption"),  # of trustees, in ceremony.js
        *("prove_only_selected", "is_only_selected", "prove_nonzero", "is_nonzero"),  # of lists, in others' archives
    },
    "elections": {"generate_uuid"},
    "ballots": {"hash_unsigned", "ballot_faults", "addressing_faults"},  # inside the page's checkBallot
    "openings": {"parse_opening"},  # inside the page's checkOpening
    "errors": {"part_of_trustee"},
}
"""Functions and constants of Python that a voter's page does without."""


def module_of(section: str) -> ModuleType:
    return importlib.import_module(section.removesuffix(".py").replace("/", "."))


def mirror(name: str) -> list[str]:
    """What a name of the page may be in Python, the likeliest first."""
    if name in OTHERWISE:
        return [OTHERWISE[name]]
    snake = name if name[0].isupper() else re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    if of_class := re.fullmatch(r"(\w+?)_((?:to|from)_json)", snake):
        return [snake, f"{of_class[1].capitalize()}.{of_class[2]}"]
    return [snake, f"_{snake}", f"Ed25519.{snake}"]


def is_in(module: ModuleType, dotted: str) -> bool:
    """Whether the module itself declares the name; of a group, what an instance has counts."""
    first, _, attribute = dotted.partition(".")
    if first not in names_of(module):
        return False
    return not attribute or hasattr(Ed25519() if first == "Ed25519" else getattr(module, first), attribute)


def names_of(module: ModuleType, *, types: bool = True) -> set[str]:
    """Functions, constants and, perhaps, types that a module of Python declares."""
    found: set[str] = set()
    for node in ast.parse(Path(module.__file__ or "").read_text()).body:
        match node:
            case ast.FunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) if types:
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
    return found


def test_the_sections_are_modules_in_the_order_of_the_rooms_table() -> None:
    table = re.findall(r"`(\w+)`", ballot.protocol.__doc__ or "")
    known = [f"ballot/protocol/{name}.py" for name in table]

    assert [name for name in known if name in MIRRORED] == MIRRORED
    assert len(MIRRORED) == 14
    assert all(Path(module_of(name).__file__ or "").is_file() for name in PAGE if name.endswith(".py"))


@pytest.mark.parametrize("section", MIRRORED)
def test_what_a_section_exports_is_called_as_python_calls_it(section: str) -> None:
    module, exported = module_of(section), declared(PAGE[section], exported=True)
    strange = {name for name in exported if not any(is_in(module, there) for there in mirror(name))}

    assert exported
    assert strange == PAGE_ALONE & set(exported)


@pytest.mark.parametrize("section", MIRRORED)
def test_what_a_module_of_python_has_stands_in_its_section_or_is_known_to_be_needless(section: str) -> None:
    module = module_of(section)
    names = {there for name in declared(PAGE[section]) for there in mirror(name)}
    missing = {name for name in names_of(module, types=False) - names if re.match(r"[a-z]|[A-Z]+(_[A-Z]+)*$", name)}

    assert missing == PYTHON_ALONE.get(module.__name__.rpartition(".")[2], set())


TRUSTEES = sections(STATIC / "ceremony.js")
OF_TRUSTEES = {
    "sayTotal": "Counting.say_total",
    "certificatesFromJson": "check_certificates",  # in Python the command reads the file
    "encryptedTallyToText": "encrypted_tally_to_bytes",
    "tallyBallots": "Tally",
    "readArchive": "read_members",  # and the chain: what the page needs of it
    "decoded": "read_members",
    "initialization": "_iv",
    "stretch": "_stretch",
    "trusteePublicKeyToJson": "create_trustee_public_key",
    "trusteePublicKeyFromJson": "TrusteePublicKey",
    "signedMessageToJson": "SignedMessage",
    "signedMessageFromJson": "SignedMessage",
    "thresholdParametersFromJson": "ThresholdParameters",
}
"""What the trustee's page exports under a name of its own, and what mirrors it in Python."""


@pytest.mark.parametrize("section", [name for name in TRUSTEES if name.endswith(".py")])
def test_what_the_trustee_s_page_exports_is_called_as_python_calls_it(section: str) -> None:
    module = module_of(section)
    strange = [
        name
        for name in declared(TRUSTEES[section], exported=True)
        if not any(is_in(module, there) for there in ([OF_TRUSTEES[name]] if name in OF_TRUSTEES else mirror(name)))
    ]
    assert strange == []


def test_no_exception_is_for_a_name_that_is_gone() -> None:
    everything = [name for section in MIRRORED for name in declared(PAGE[section])]

    assert set(everything) >= OTHERWISE.keys() | PAGE_ALONE
    assert {f"ballot/protocol/{name}.py" for name in PYTHON_ALONE} <= set(MIRRORED)
