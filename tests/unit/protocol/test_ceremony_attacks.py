"""The Pedersen ceremony: any altered part is refused with the number of its trustee."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pytest

from ballot.protocol.canonical import write_json
from ballot.protocol.ceremony import (
    Polynomial,
    Vinput,
    Voutput,
    check_certificates,
    check_polynomial,
    check_voutput,
    create_polynomial,
    create_threshold_parameters,
    create_vinputs,
    create_voutput,
    open_decryption_key,
)
from ballot.protocol.decryption import combine_factors, lagrange
from ballot.protocol.errors import InvalidDecryption, InvalidMessage, InvalidTrustee, Reason
from ballot.protocol.group import Element, element_text
from ballot.protocol.pki import (
    Certificate,
    create_certificate,
    decrypt_message,
    derive_decryption_key,
    derive_signing_key,
    encrypt_message,
    generate_seed,
    receive,
    send,
)
from ballot.protocol.proofs import Proof
from ballot.protocol.signatures import SignedMessage, sign_message
from ballot.protocol.sodium import MIXED_ORDER_POINT
from ballot.protocol.spec import BASE58
from ballot.protocol.trustees import (
    ThresholdParameters,
    certs_message,
    check_threshold_parameters,
    check_trustee,
    combine_keys,
    create_trustee_public_key,
    evaluate_coefexps,
    parse_trustees,
    trustees_to_bytes,
    verification_keys,
)
from tests.support.simulator import AGAINST, FOR, G, Simulator, run_ceremony

N, T = 3, 2
BAD = 2
"""The trustee whose part is spoiled."""


@dataclass
class Ceremony:
    """One ceremony with all its parts at hand."""

    seeds: list[str]
    certs: list[SignedMessage]
    polynomials: list[Polynomial]
    vinputs: list[Vinput]
    voutputs: list[Voutput]
    parameters: ThresholdParameters


@pytest.fixture(scope="module")
def run() -> Ceremony:
    draw = random.Random(5).randrange
    seeds = [generate_seed(draw) for _ in range(N)]
    certs = [create_certificate(G, seed, N, T, i, draw) for i, seed in enumerate(seeds, start=1)]
    polynomials = [create_polynomial(G, certs, seed, draw) for seed in seeds]
    vinputs = create_vinputs(G, certs, polynomials)
    voutputs = [create_voutput(G, certs, seed, vinput, draw) for seed, vinput in zip(seeds, vinputs, strict=True)]
    return Ceremony(
        seeds, certs, polynomials, vinputs, voutputs, create_threshold_parameters(G, certs, polynomials, voutputs)
    )


draw = random.Random(6).randrange


def swap(items: Sequence[Any], index: int, item: object) -> Any:
    """The items with another one for trustee `index`."""
    return type(items)([item if i == index else old for i, old in enumerate(items, start=1)])  # type: ignore[call-arg]


def nudge(proof: Proof) -> Proof:
    return replace(proof, response=(proof.response + 1) % G.q)


def resign(run: Ceremony, message: str) -> SignedMessage:
    """The bad trustee's true signature over whatever it likes."""
    return sign_message(G, derive_signing_key(G, run.seeds[BAD - 1]), message, draw)


def refused_as_its_part(call: Callable[[], object]) -> InvalidTrustee:
    with pytest.raises(InvalidTrustee) as caught:
        call()
    assert f"trustee {BAD}:" in caught.value.detail
    return caught.value


def changed(run: Ceremony, **changes: Any) -> SignedMessage:
    """The bad trustee's certificate with other contents, well signed."""
    value = json.loads(run.certs[BAD - 1].message)
    for name, entry in changes.items():
        (value["context"] if name in value["context"] else value)[name] = entry
    return resign(run, write_json(value).decode())


CERTIFICATES: dict[str, Callable[[Ceremony], SignedMessage]] = {
    "another's certificate": lambda run: run.certs[0],
    "another group": lambda run: changed(run, group="BELENIOS-2048"),
    "another size": lambda run: changed(run, size=N + 1),
    "another threshold": lambda run: changed(run, threshold=T + 1),
    "another place": lambda run: changed(run, index=BAD + 1),
    "another signer": lambda run: changed(run, verification=element_text(G.g)),
    "the identity to verify with": lambda run: changed(run, verification=element_text(G.one)),
    "the identity to encrypt to": lambda run: changed(run, encryption=element_text(G.one)),
    "a mixed point to encrypt to": lambda run: changed(run, encryption=element_text(Element(MIXED_ORDER_POINT))),
    "no point to encrypt to": lambda run: changed(run, encryption="0" * 63 + "2"),
    "no hexadecimal": lambda run: changed(run, encryption="x"),
    "a space in it": lambda run: resign(run, run.certs[BAD - 1].message + " "),
    "not JSON": lambda run: resign(run, "}"),
    "half a surrogate": lambda run: SignedMessage("\ud800", run.certs[BAD - 1].signature),
    "a signature that is not its own": lambda run: replace(run.certs[BAD - 1], signature=run.certs[0].signature),
    "a signature nudged": lambda run: replace(run.certs[BAD - 1], signature=nudge(run.certs[BAD - 1].signature)),
}


@pytest.mark.parametrize("spoil", CERTIFICATES.values(), ids=CERTIFICATES.keys())
def test_a_spoiled_certificate_is_refused(run: Ceremony, spoil: Callable[[Ceremony], SignedMessage]) -> None:
    certs = swap(run.certs, BAD, spoil(run))
    refused_as_its_part(lambda: check_certificates(G, certs))
    refused_as_its_part(lambda: create_polynomial(G, certs, run.seeds[0], draw))
    refused_as_its_part(lambda: check_threshold_parameters(G, replace(run.parameters, certs=tuple(certs))))


def test_a_first_certificate_that_cannot_be_read_is_refused_as_the_first_trustees(run: Ceremony) -> None:
    with pytest.raises(InvalidTrustee, match="trustee 1:"):
        check_certificates(G, swap(run.certs, 1, resign(run, "[]")))


def test_certificates_in_another_order_or_number_are_refused(run: Ceremony) -> None:
    for certs in (run.certs[::-1], run.certs[:2], run.certs * 2, [], [run.certs[0]] * 3):
        with pytest.raises(InvalidTrustee) as caught:
            check_certificates(G, certs)
        assert caught.value.reason is Reason.CERTIFICATE


@pytest.mark.parametrize("threshold", [N + 1, 2**40])
def test_a_threshold_that_cannot_be_met_is_refused(threshold: int) -> None:
    certs = [create_certificate(G, generate_seed(draw), N, threshold, i, draw) for i in range(1, N + 1)]
    with pytest.raises(InvalidTrustee, match="cannot be met"):
        check_certificates(G, certs)


def test_a_seed_without_a_certificate_takes_no_part(run: Ceremony) -> None:
    seed = generate_seed(draw)
    for call in (
        lambda: create_polynomial(G, run.certs, seed, draw),
        lambda: create_voutput(G, run.certs, seed, run.vinputs[0], draw),
    ):
        with pytest.raises(InvalidTrustee, match="belongs to this seed"):
            call()


def other_coefexps(run: Ceremony, elements: Sequence[str]) -> Polynomial:
    """The bad trustee's polynomial with these coefexps, signed by itself and with all certificates."""
    signed = resign(run, write_json({"coefexps": list(elements)}).decode())
    value = {"certs": [cert.to_json() for cert in run.certs], "coefexps": list(elements)}
    both = resign(run, "certs_sig|" + write_json(value).decode())
    return replace(run.polynomials[BAD - 1], coefexps=signed, signature=both.signature)


def nudged_coefexps(run: Ceremony) -> Polynomial:
    mine = run.polynomials[BAD - 1]
    return replace(mine, coefexps=replace(mine.coefexps, signature=nudge(mine.coefexps.signature)))


g, one, mixed = (element_text(P) for P in (G.g, G.one, Element(MIXED_ORDER_POINT)))
POLYNOMIALS: dict[str, Callable[[Ceremony], Polynomial]] = {
    "another's coefexps": lambda run: replace(run.polynomials[BAD - 1], coefexps=run.polynomials[0].coefexps),
    "another's signature": lambda run: replace(run.polynomials[BAD - 1], signature=run.polynomials[0].signature),
    "a signature nudged": lambda run: nudged_coefexps(run),
    "a coefficient too few": lambda run: other_coefexps(run, [g]),
    "a coefficient too many": lambda run: other_coefexps(run, [g] * 3),
    "no coefficients": lambda run: other_coefexps(run, []),
    "a mixed point": lambda run: other_coefexps(run, [g, mixed]),
    "no point": lambda run: other_coefexps(run, [g, "0" * 63 + "2"]),
    "upper-case": lambda run: other_coefexps(run, [g, "AB" * 32]),
    "half a surrogate": lambda run: replace(run.polynomials[BAD - 1], coefexps=resign(run, '{"coefexps":["\\ud800"]}')),
}


@pytest.mark.parametrize("spoil", POLYNOMIALS.values(), ids=POLYNOMIALS.keys())
def test_spoiled_coefexps_are_refused(run: Ceremony, spoil: Callable[[Ceremony], Polynomial]) -> None:
    bad = spoil(run)
    refused_as_its_part(lambda: check_polynomial(G, run.certs, BAD, bad))
    refused_as_its_part(lambda: create_vinputs(G, run.certs, swap(run.polynomials, BAD, bad)))
    vinput = replace(
        run.vinputs[0],
        coefexps=swap(run.vinputs[0].coefexps, BAD, bad.coefexps),
        signatures=swap(run.vinputs[0].signatures, BAD, bad.signature),
    )
    refused_as_its_part(lambda: create_voutput(G, run.certs, run.seeds[0], vinput, draw))
    parameters = replace(run.parameters, coefexps=vinput.coefexps, signatures=vinput.signatures)
    refused_as_its_part(lambda: check_threshold_parameters(G, parameters))


def test_coefexps_well_signed_that_do_not_fit_the_secret_are_refused_by_the_receiver(run: Ceremony) -> None:
    bad = other_coefexps(run, [g, g])
    vinputs = create_vinputs(G, run.certs, swap(run.polynomials, BAD, bad))
    fault = refused_as_its_part(lambda: create_voutput(G, run.certs, run.seeds[0], vinputs[0], draw))
    assert fault.reason is Reason.SECRET


def test_coefexps_published_in_a_trustees_name_that_are_not_its_own_are_refused_by_it(run: Ceremony) -> None:
    vinputs = create_vinputs(G, run.certs, swap(run.polynomials, BAD, other_coefexps(run, [g, g])))
    fault = refused_as_its_part(lambda: create_voutput(G, run.certs, run.seeds[BAD - 1], vinputs[BAD - 1], draw))
    assert fault.reason is Reason.POLYNOMIAL


def test_coefexps_signed_for_other_certificates_are_refused(run: Ceremony) -> None:
    """The server shows trustee 2 other certificates than it shows the rest."""
    theirs = swap(run.certs, 3, create_certificate(G, generate_seed(draw), N, T, 3, draw))
    bad = create_polynomial(G, theirs, run.seeds[BAD - 1], draw)
    fault = refused_as_its_part(lambda: check_polynomial(G, run.certs, BAD, bad))
    assert fault.reason is Reason.COEFEXPS


def sealed(run: Ceremony, to: int, message: str, by: int = BAD) -> str:
    ek = G.base_power(derive_decryption_key(G, run.seeds[to - 1]))
    return send(G, derive_signing_key(G, run.seeds[by - 1]), ek, message, draw)


def flipped(text: str) -> str:
    value = json.loads(text)
    value["data"] = ("1" if value["data"][0] == "0" else "0") + value["data"][1:]
    return write_json(value).decode()


def resealed(text: str, **changes: Any) -> str:
    return write_json({**json.loads(text), **changes}).decode()


def unchecked(run: Ceremony, inner: str) -> str:
    """A sealed message whose inside is any text at all, not a signed message."""
    return encrypt_message(G, G.base_power(derive_decryption_key(G, run.seeds[0])), inner, draw)


def the_secret(run: Ceremony) -> str:
    return run.vinputs[0].secrets[BAD - 1]


SECRETS: dict[str, Callable[[Ceremony], str]] = {
    "a byte flipped": lambda run: flipped(the_secret(run)),
    "no data": lambda run: resealed(the_secret(run), data=""),
    "a short tag": lambda run: resealed(the_secret(run), data="00" * 15),
    "data that is no hexadecimal": lambda run: resealed(the_secret(run), data="zz"),
    "data that is a number": lambda run: resealed(the_secret(run), data=5),
    "another algorithm": lambda run: resealed(the_secret(run), algorithm="ROT13"),
    "the identity": lambda run: resealed(the_secret(run), alpha=one, beta=one),
    "a mixed alpha": lambda run: resealed(the_secret(run), alpha=mixed),
    "a mixed beta": lambda run: resealed(the_secret(run), beta=mixed),
    "no point as beta": lambda run: resealed(the_secret(run), beta="0" * 63 + "2"),
    "not JSON": lambda run: "",
    "half a surrogate": lambda run: "\ud800",
    "meant for another": lambda run: run.polynomials[BAD - 1].secrets[1],
    "from another": lambda run: sealed(run, 1, '{"secret":"1"}', by=3),
    "another secret": lambda run: sealed(run, 1, '{"secret":"1"}'),
    "a list of none": lambda run: sealed(run, 1, '{"secret":[]}'),
    "a list of one": lambda run: sealed(run, 1, '{"secret":["1"]}'),
    "a list of two": lambda run: sealed(run, 1, '{"secret":["1","2"]}'),
    "a number": lambda run: sealed(run, 1, '{"secret":1}'),
    "q": lambda run: sealed(run, 1, f'{{"secret":"{G.q}"}}'),
    "another field": lambda run: sealed(run, 1, '{"polynomial":["1"]}'),
    "no JSON inside": lambda run: sealed(run, 1, "x"),
    "deep JSON inside": lambda run: sealed(run, 1, "[" * 5000),
    "half a surrogate inside": lambda run: sealed(run, 1, '{"secret":"\\ud800"}'),
    "half a surrogate signed": lambda run: unchecked(
        run, '{"message":"\\ud800","signature":{"challenge":"0","response":"0"}}'
    ),
    "an unsigned inside": lambda run: unchecked(run, "{}"),
}


@pytest.mark.parametrize("spoil", SECRETS.values(), ids=SECRETS.keys())
def test_a_spoiled_secret_is_refused_by_its_receiver(run: Ceremony, spoil: Callable[[Ceremony], str]) -> None:
    vinput = replace(run.vinputs[0], secrets=swap(run.vinputs[0].secrets, BAD, spoil(run)))
    refused_as_its_part(lambda: create_voutput(G, run.certs, run.seeds[0], vinput, draw))


def test_a_message_sealed_for_one_and_passed_on_to_another_is_refused(run: Ceremony) -> None:
    """The recipient is signed inside: opening and sealing anew does not make a message one's own."""
    dk1, dk3 = (derive_decryption_key(G, run.seeds[i]) for i in (0, 2))
    vk2 = G.base_power(derive_signing_key(G, run.seeds[1]))
    assert receive(G, dk1, vk2, the_secret(run))
    again = encrypt_message(G, G.base_power(dk3), decrypt_message(G, dk1, the_secret(run)), draw)
    with pytest.raises(InvalidTrustee, match="meant for another"):
        receive(G, dk3, vk2, again)


@pytest.mark.parametrize(
    "message", ['{"polynomial":[]}', '{"polynomial":"1"}', '{"polynomial":["1","2"]}', '{"secret":"1"}', "x"]
)
def test_a_trustee_refuses_another_polynomial_as_its_own(run: Ceremony, message: str) -> None:
    vinput = replace(run.vinputs[BAD - 1], polynomial=sealed(run, BAD, message))
    refused_as_its_part(lambda: create_voutput(G, run.certs, run.seeds[BAD - 1], vinput, draw))


def test_parts_too_few_or_too_many_are_refused(run: Ceremony) -> None:
    first = run.vinputs[0]
    for vinput in (
        replace(first, secrets=first.secrets[:2]),
        replace(first, coefexps=first.coefexps * 2),
        replace(first, signatures=()),
    ):
        with pytest.raises(InvalidTrustee, match="parts of 3"):
            create_voutput(G, run.certs, run.seeds[0], vinput, draw)
    with pytest.raises(InvalidTrustee, match="expected 3 polynomials"):
        create_vinputs(G, run.certs, run.polynomials[:2])
    with pytest.raises(InvalidTrustee, match="expected 3 voutputs"):
        create_threshold_parameters(G, run.certs, run.polynomials, run.voutputs[:2])
    short = replace(run.polynomials[1], secrets=run.polynomials[1].secrets[:2])
    refused_as_its_part(lambda: create_vinputs(G, run.certs, swap(run.polynomials, BAD, short)))


def another_key(run: Ceremony, **changes: Any) -> Voutput:
    mine = run.voutputs[BAD - 1]
    return replace(mine, public_key=replace(mine.public_key, **changes))


VOUTPUTS: dict[str, Callable[[Ceremony], Voutput]] = {
    "another's": lambda run: run.voutputs[0],
    "a key made up": lambda run: replace(run.voutputs[0], public_key=create_trustee_public_key(G, 5, draw)),
    "the identity": lambda run: another_key(run, public_key=G.one),
    "no signature": lambda run: another_key(run, signature=None),
    "another's signature": lambda run: another_key(run, signature=run.voutputs[0].public_key.signature),
    "another's proof": lambda run: another_key(run, pok=run.voutputs[0].public_key.pok),
    "a proof nudged": lambda run: another_key(run, pok=nudge(run.voutputs[BAD - 1].public_key.pok)),
}


@pytest.mark.parametrize("spoil", VOUTPUTS.values(), ids=VOUTPUTS.keys())
def test_a_spoiled_voutput_is_refused(run: Ceremony, spoil: Callable[[Ceremony], Voutput]) -> None:
    bad = spoil(run)
    refused_as_its_part(lambda: check_voutput(G, run.certs, run.polynomials, BAD, bad))
    voutputs = swap(run.voutputs, BAD, bad)
    refused_as_its_part(lambda: create_threshold_parameters(G, run.certs, run.polynomials, voutputs))
    keys = swap(run.parameters.verification_keys, BAD, bad.public_key)
    refused_as_its_part(lambda: check_threshold_parameters(G, replace(run.parameters, verification_keys=keys)))


@pytest.mark.parametrize("threshold", [1, 3])
def test_another_threshold_than_the_certificates_say_is_refused(run: Ceremony, threshold: int) -> None:
    with pytest.raises(InvalidTrustee):
        check_threshold_parameters(G, replace(run.parameters, threshold=threshold))


def test_the_ceremonys_outcome_is_accepted_and_written_again(run: Ceremony) -> None:
    check_trustee(G, run.parameters)
    data = trustees_to_bytes([run.parameters])
    assert parse_trustees(G, data) == (run.parameters,)


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_decryption_key_opens_for_its_own_seed_only(run: Ceremony, wrong: int) -> None:
    for i, voutput in enumerate(run.voutputs):
        if i == wrong:
            assert G.base_power(open_decryption_key(G, run.seeds[i], voutput.private_key)) == (
                voutput.public_key.public_key
            )
        else:
            with pytest.raises(InvalidTrustee) as caught:
                open_decryption_key(G, run.seeds[wrong], voutput.private_key)
            assert caught.value.reason is Reason.CHANNEL


@pytest.mark.parametrize("message", ['{"decryption_key":["1"]}', '{"decryption_key":[]}', "[]", "\x00"])
def test_a_decryption_key_in_another_form_is_refused(run: Ceremony, message: str) -> None:
    with pytest.raises(InvalidMessage):
        open_decryption_key(G, run.seeds[0], sealed(run, 1, message, by=1))


def test_every_part_is_written_again_as_it_was_read(run: Ceremony) -> None:
    for kind, part in ((Polynomial, run.polynomials[0]), (Vinput, run.vinputs[0]), (Voutput, run.voutputs[0])):
        assert kind.from_json(G, json.loads(write_json(part.to_json()))) == part


def test_a_certificate_says_what_it_was_made_for(run: Ceremony) -> None:
    value = json.loads(run.certs[0].message)
    assert list(value) == ["context", "verification", "encryption"]
    assert list(value["context"].values()) == ["Ed25519", N, T, 1]
    assert isinstance(check_certificates(G, run.certs)[0], Certificate)


def test_seeds_are_22_base58_characters() -> None:
    seed = generate_seed(draw)
    assert len(seed) == 22
    assert set(seed) <= set(BASE58)


# -- Any t of n --------------------------------------------------------------------------------------------------

SIZES = [(t, n) for n in range(1, 5) for t in range(1, n + 1)]


@pytest.mark.parametrize(("t", "n"), SIZES, ids=[f"{t} of {n}" for t, n in SIZES])
def test_any_t_of_n_decrypt_the_same_and_fewer_cannot(t: int, n: int) -> None:
    parameters, keys = run_ceremony(t, n, random.Random(100 * n + t))
    check_threshold_parameters(G, parameters)
    y = combine_keys(G, [parameters])
    for owners in combinations(range(1, n + 1), t):
        x = sum(lagrange(G, owners, i) * keys[i - 1] for i in owners) % G.q
        assert G.base_power(x) == y
    for owners in combinations(range(1, n + 1), t - 1):
        x = sum(lagrange(G, owners, i) * keys[i - 1] for i in owners) % G.q
        assert G.base_power(x) != y


def test_verification_keys_computed_at_once_are_those_of_the_specification(run: Ceremony) -> None:
    coefexps = [[G.base_power(draw(G.q)) for _ in range(3)] for _ in range(4)]
    for j, X in enumerate(verification_keys(G, coefexps), start=1):
        expected = G.one
        for row in coefexps:
            for k, A in enumerate(row):
                expected = G.multiply(expected, G.power(A, j**k))
        assert expected == X


def test_the_values_of_a_polynomial_follow_from_its_coefexps() -> None:
    a = [3, 0, G.q - 1]
    for j in (1, 2, 50):
        f = sum(a_k * j**k for k, a_k in enumerate(a)) % G.q
        assert evaluate_coefexps(G, [G.base_power(a_k) for a_k in a], j) == G.base_power(f)


@pytest.mark.parametrize("indexes", [(1, 2), (1, 3), (2, 5, 9), (4,), tuple(range(1, 30))], ids=str)
def test_lagrange_coefficients_give_the_value_at_zero(indexes: tuple[int, ...]) -> None:
    a = [draw(G.q) for _ in indexes]
    values = {i: sum(a_k * i**k for k, a_k in enumerate(a)) for i in indexes}
    assert sum(lagrange(G, indexes, i) * values[i] for i in indexes) % G.q == a[0]


def test_every_pair_of_three_opens_the_tally_and_one_share_too_few_is_refused() -> None:
    sim = Simulator(weights=(None,) * 3)
    sim.vote(0, FOR)
    sim.vote(1, FOR)
    sim.vote(2, AGAINST)
    sim.close()
    for owners in ((1, 2, 3), (1, 2, 4), (1, 3, 4), (1, 2, 3, 4)):
        assert sim.decrypt(*owners) == ((2, 1, 0),)
    for owners in ((1, 2), (2, 3), (2, 3, 4), (), (1,)):
        with pytest.raises(InvalidDecryption) as caught:
            sim.decrypt(*owners)
        assert caught.value.reason is Reason.NOT_ENOUGH_SHARES


def test_no_share_at_all_is_refused(run: Ceremony) -> None:
    with pytest.raises(InvalidDecryption):
        combine_factors(G, [run.parameters], {})


def test_the_signature_over_certificates_has_the_specifications_prefix(run: Ceremony) -> None:
    assert certs_message(run.certs, [G.g]).startswith('certs_sig|{"certs":[{"message":"')
    assert certs_message([], [G.g]) == f'certs_sig|{{"certs":[],"coefexps":["{g}"]}}'
