"""Variable-time arithmetic never gets a secret exponent; and which arithmetic is chosen."""

from __future__ import annotations

import ast
import pickle
import random
from pathlib import Path

import pytest

import ballot.protocol
from ballot.audit.command import main
from ballot.protocol import backends
from ballot.protocol.ballots import create_ballot
from ballot.protocol.ceremony import open_decryption_key
from ballot.protocol.credentials import derive_private_key, derive_public_credential, generate_credential
from ballot.protocol.decryption import create_partial_decryption
from ballot.protocol.group import Ed25519, NotForSecrets
from ballot.protocol.pki import create_certificate
from ballot.protocol.proofs import prove_knowledge
from ballot.protocol.pure import PureEd25519
from ballot.protocol.trustees import create_trustee_public_key
from tests.support.simulator import Simulator

SOURCES = sorted(Path(ballot.protocol.__file__).parent.glob("*.py"))
PURE = PureEd25519()
PUBLIC_RESULT = {"encrypt"}  # of the opening of a spoilt paper, too, which is public; its callers with a secret ask


def functions() -> dict[str, ast.FunctionDef]:
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def calls(function: ast.FunctionDef) -> set[str]:
    return {n.func.id for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


def test_every_function_that_draws_or_derives_a_secret_asks_the_group_first() -> None:
    found = functions()
    guarded = {"check_keeps_secrets"}
    while more := {name for name, function in found.items() if calls(function) & guarded} - guarded:
        guarded |= more
    secret = {
        name
        for name, function in found.items()
        if {"rng", "x", "s", "sk", "dk", "seed"} & (names := {argument.arg for argument in function.args.args})
        and "G" in names
        and name not in ("check_exponent", "is_ed25519_signature")
    }
    assert len(secret) > 15
    assert secret - guarded - PUBLIC_RESULT - {"_decrypt"} == set()  # _decrypt: create_partial_decryption asked


def test_nothing_secret_can_be_done_with_pure_python() -> None:
    sim, rng = Simulator(), random.Random(1)
    election, draw = sim.election, rng.randrange
    credential = generate_credential(draw)
    key = derive_private_key(Ed25519(), election.uuid, credential)
    acts = [
        lambda: derive_private_key(PURE, election.uuid, credential),
        lambda: derive_public_credential(PURE, election.uuid, credential),
        lambda: create_ballot(PURE, election, key, [[1, 0, 0]], draw),
        lambda: prove_knowledge(PURE, "x|", 5, draw),
        lambda: create_trustee_public_key(PURE, 5, draw),
        lambda: create_partial_decryption(PURE, election, (), 5, draw),
        lambda: create_certificate(PURE, "seed", 3, 2, 1, draw),
        lambda: open_decryption_key(PURE, "seed", "{}"),
    ]
    for act in acts:
        with pytest.raises(NotForSecrets, match="public data only"):
            act()


def test_the_refusal_names_no_secret() -> None:
    with pytest.raises(NotForSecrets) as caught:
        create_trustee_public_key(PURE, 123456789, random.Random(1).randrange)
    assert "123456789" not in str(caught.value)


def test_a_group_travels_to_another_process() -> None:
    for make in backends.available().values():
        group = make()
        assert type(pickle.loads(pickle.dumps(group))) is type(group)


def test_pure_python_is_always_there_and_never_preferred() -> None:
    names = list(backends.available())
    assert {"pynacl", "pure"} <= set(names)
    assert names[-1] == "pure"
    assert isinstance(backends.choose("pynacl"), Ed25519)
    assert isinstance(backends.choose("pure"), PureEd25519)
    assert not isinstance(backends.choose(), PureEd25519)


def test_a_backend_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(backends.NoBackend, match="'abacus'"):
        backends.choose("abacus")


def test_what_is_remembered_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_POINTS", "MAX_CHAINS", "MAX_TABLES"):
        monkeypatch.setattr(f"ballot.protocol.pure.{name}", 2)
    monkeypatch.setattr("ballot.protocol.pure.OFTEN", 2)
    G, sodium = PureEd25519(), Ed25519()
    points = [sodium.base_power(s) for s in range(1, 5)]
    for P in points * 2:
        assert G.power(P, 5) == G.power(P, 5) == sodium.power(P, 5)
    assert max(len(G._points), len(G._chains), len(G._tables), len(G._powers)) <= 2


@pytest.mark.parametrize("name", [None, "pure"])
def test_where_there_is_one_backend_nothing_is_cross_checked_and_the_command_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str | None
) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda _: None)

    with pytest.raises(backends.NoBackend, match="two backends, and there is only pure"):
        backends.cross_checked(name)
    with pytest.raises(SystemExit) as end:
        main(["nowhere", "--cross-check", *(["--backend", name] if name else [])], prog="verifier.pyz")
    assert (end.value.code, capsys.readouterr().err.count("install PyNaCl")) == (2, 1)
