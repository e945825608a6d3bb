"""The trustee's page makes the bytes that Python makes, opens what Python sealed, and refuses what Python refuses."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ballot.constitution.weight import DEFAULT_NOUNS, WeightNouns
from ballot.constitution.words import Noun
from ballot.protocol.archive import Entry, event_entries
from ballot.protocol.credentials import generate_credential
from ballot.protocol.decryption import OwnedPartialDecryption
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.pki import derive_decryption_key, derive_signing_key, send
from ballot.protocol.strong_decryption import check_share, parse_share
from ballot.protocol.tally import Tally
from ballot.protocol.trustees import create_trustee_public_key, public_keys
from ballot.record.counting import Counting, CountKind
from ballot.record.terms import check_archive_terms
from ballot.registrar.errors import KeyRefused
from ballot.registrar.trustee_key import open_trustee_key, seal_trustee_key
from tests.browser.watch import Watch
from tests.support.record_simulator import RecordSimulator
from tests.support.simulator import AGAINST, FOR, G, Simulator
from tests.support.vectors.browser import FOLDER

PASSPHRASE = "naïve café table lamp"

MAKE = """
async ({ size, threshold, draws, seeds, certificates, vinputs, voutputs, parameters }) => {
  const { signedMessageFromJson, signedMessageToJson } = ceremony;
  const write = (value) => JSON.stringify(value);
  const rng = (name, i) => {
    const left = draws[name][i].map(BigInt);
    return () => left.shift();
  };
  const certs = certificates.map((text) => signedMessageFromJson(JSON.parse(text)));
  const made = { certificates: [], polynomials: [], voutputs: [], keys: [], practices: [] };
  const key = ceremony.thresholdParametersFromJson(JSON.parse(parameters));
  await ceremony.checkThresholdParameters(key);
  for (const [i, seed] of seeds.entries()) {
    const cert = await ceremony.createCertificate(seed, size, threshold, i + 1, rng("certificate", i));
    made.certificates.push(write(signedMessageToJson(cert)));
    made.polynomials.push(write(await ceremony.createPolynomial(certs, seed, rng("polynomial", i))));
    made.voutputs.push(write(await ceremony.createVoutput(certs, seed, vinputs[i], rng("voutput", i))));
    const x = await ceremony.openDecryptionKey(seed, JSON.parse(voutputs[i]).private_key);
    made.keys.push(String(x));
    made.practices.push(write(await ceremony.createTrialDecryption(key, x, rng("practice", i))));
  }
  return made;
}
"""
TRY = """
async ([act, ...given]) => {
  try {
    return { done: await ceremony[act](...given) };
  } catch (fault) {
    return { reason: fault.reason, detail: fault.detail, trustee: fault.trustee ?? null };
  }
}
"""
VOUTPUT = """
async ([certificates, seed, vinput]) => {
  try {
    await ceremony.createVoutput(ceremony.certificatesFromJson(certificates), seed, vinput);
    return null;
  } catch (fault) {
    return [fault.trustee, fault.reason];
  }
}
"""
SHARE = """
async ({ election, tally, shares }) => {
  const { basePower, parseElection } = await import("/static/protocol.js");
  const parsed = await parseElection(election);
  const total = ceremony.parseEncryptedTally(tally, parsed);
  const made = [];
  for (const { owner, key, draws, share } of shares) {
    const left = draws.map(BigInt);
    made.push(JSON.stringify(await ceremony.createShare(parsed, total, owner, BigInt(key), () => left.shift())));
    const [X, given] = [basePower(BigInt(key)), JSON.parse(share)];
    await ceremony.checkPartialDecryption(parsed, total, X, given.partial_decryption);
    await ceremony.checkStrongProofs(parsed, total, owner, X, given);
    for (const spoilt of [{ ...given, strong_proofs: given.partial_decryption.decryption_proofs }, given]) {
      const told = await ceremony.checkStrongProofs(parsed, total, spoilt === given ? owner + 1 : owner, X, spoilt)
        .then(() => "held", (fault) => fault.reason);
      if (told !== "trustee-proof") throw new Error(`a false strong proof of ${owner} ${told}`);
    }
  }
  return made;
}
"""
TERMS = """
async ([terms, election, credentials]) => {
  const { parseElection } = await import("/static/protocol.js");
  return ceremony.checkArchiveTerms(terms, await parseElection(election), credentials)
    .then(() => null, (fault) => fault.detail);
}
"""
VERIFY = """
async ([base64, key]) => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const X = (await import("/static/protocol.js")).basePower(BigInt(key));
  try {
    const found = await ceremony.verifyClosed(bytes, X);
    const share = JSON.stringify(await ceremony.createShare(found.election, found.tally, found.owner, BigInt(key)));
    return { owner: found.owner, counted: found.counted, weight: String(found.weight), hash: found.hash, share };
  } catch (fault) {
    return `${fault.reason}: ${fault.detail}`;
  }
}
"""


@pytest.fixture(scope="module")
def calculator(chromium: Browser, site: str) -> Iterator[Page]:
    context, watch = chromium.new_context(), Watch()
    page = context.new_page()
    watch.over(page)
    page.goto(site)
    page.evaluate("async () => { globalThis.ceremony = await import('/static/ceremony.js'); }")
    yield page
    context.close()
    assert watch.faults() == []


def vector(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"ceremony--{name}.json").read_text()))


@pytest.mark.parametrize("name", ["1-of-1", "2-of-3", "3-of-5"])
def test_with_the_same_draws_a_page_makes_the_same_bytes(calculator: Page, name: str) -> None:
    expected = vector(name)
    made = calculator.evaluate(MAKE, expected)
    assert made == {part: expected[part] for part in made}


def test_with_the_same_draws_a_page_makes_the_same_share_and_refuses_false_strong_proofs(calculator: Page) -> None:
    expected = json.loads((FOLDER / "share.json").read_text())
    assert calculator.evaluate(SHARE, expected) == [each["share"] for each in expected["shares"]]


def test_a_key_file_of_either_way_opens_the_other_way_and_nothing_else_does(calculator: Page) -> None:
    seed = vector("2-of-3")["seeds"][0]
    ours = seal_trustee_key(seed, PASSPHRASE, secrets.token_bytes).decode()
    theirs = calculator.evaluate(TRY, ["sealTrusteeKey", seed, PASSPHRASE])["done"]

    assert open_trustee_key(theirs.encode(), PASSPHRASE) == seed
    assert calculator.evaluate(TRY, ["openTrusteeKey", ours, PASSPHRASE]) == {"done": seed}
    assert calculator.evaluate(TRY, ["openTrusteeKey", f"\ufeff{ours.strip()} \r\n", PASSPHRASE]) == {"done": seed}
    assert seed not in theirs
    weaker = ours.replace('"iterations":600000', '"iterations":600001')
    for data, passphrase in ((ours, "another passphrase"), (weaker, PASSPHRASE), ("{}", PASSPHRASE), ("", PASSPHRASE)):
        assert calculator.evaluate(TRY, ["openTrusteeKey", data, passphrase])["detail"].endswith(".")
        with pytest.raises(KeyRefused):
            open_trustee_key(data.encode(), passphrase)


def test_the_page_names_the_trustee_whose_secret_does_not_fit(calculator: Page) -> None:
    there = vector("2-of-3")
    certificates = f"[{','.join(there['certificates'])}]"
    vinput, other = json.loads(there["vinputs"][0]), json.loads(there["vinputs"][2])
    assert calculator.evaluate(VOUTPUT, [certificates, there["seeds"][0], there["vinputs"][0]]) is None
    for part, word in (("secrets", "channel"), ("signatures", "coefexps"), ("coefexps", "coefexps")):
        spoilt = json.loads(json.dumps(vinput))
        spoilt[part][1] = other[part][1] if part == "secrets" else vinput[part][2]
        written = json.dumps(spoilt, separators=(",", ":"))
        assert calculator.evaluate(VOUTPUT, [certificates, there["seeds"][0], written]) == [2, word]


def test_the_page_names_the_trustee_who_sealed_a_secret_that_does_not_fit(calculator: Page) -> None:
    there = vector("2-of-3")
    vinput = json.loads(there["vinputs"][0])
    sk, ek = derive_signing_key(G, there["seeds"][1]), G.base_power(derive_decryption_key(G, there["seeds"][0]))
    vinput["secrets"][1] = send(G, sk, ek, '{"secret":"5"}', secrets.randbelow)
    given = [f"[{','.join(there['certificates'])}]", there["seeds"][0], json.dumps(vinput, separators=(",", ":"))]
    assert calculator.evaluate(VOUTPUT, given) == [2, "secret"]


def test_a_page_decrypts_nothing_under_a_key_that_nobody_proved_to_know(calculator: Page) -> None:
    honest = Simulator()
    single = create_trustee_public_key(G, honest.keys[1], honest.draw)
    unproved = replace(single, pok=replace(single.pok, response=(single.pok.response + 1) % G.q))
    election = Simulator(trustees=[unproved, honest.trustees[1]], keys=honest.keys)
    election.close()
    assert "trustee-proof: " in verify(calculator, election.archive, election.keys[2])


def verify(page: Page, archive: bytes, key: int) -> Any:
    return page.evaluate(VERIFY, [base64.b64encode(archive).decode(), str(key)])


def test_a_page_decrypts_the_total_that_it_recomputed_from_the_ballots(calculator: Page) -> None:
    election = Simulator(weights=(3, 10**6, 2))
    for voter, vote in ((0, AGAINST), (1, FOR), (0, FOR)):
        election.vote(voter, vote)
    election.close()

    found = verify(calculator, election.archive, election.keys[3])

    assert (found["owner"], found["counted"], found["weight"]) == (3, 2, "1000003")
    share = parse_share(G, found["share"].encode())
    check_share(G, election.election, election.tally.encrypted, 3, public_keys(election.trustees)[2], share)


def test_a_page_and_python_decrypt_nothing_under_other_terms_or_another_list_of_weights(calculator: Page) -> None:
    record = RecordSimulator(stage="closed")
    terms, election = record.files["terms.json"], record.elections["00B"].election
    sealed = sha256_hex(record.elections["00B"].public.to_bytes())
    other = sha256_hex(record.elections["00A"].public.to_bytes())
    for bytes_, hash, told in (
        (terms, sealed, None),
        (terms, other, "the list of credentials and weights is not the one that was sealed"),
        (terms.replace(b"a-small-merger", b"a-large-merger"), sealed, "the election names other terms"),
    ):
        given = [bytes_.decode(), election.to_bytes().decode(), hash]
        assert calculator.evaluate(TERMS, given) == told
        if told is None:
            check_archive_terms(bytes_, election, hash)
        else:
            with pytest.raises(InvalidMessage, match=told):
                check_archive_terms(bytes_, election, hash)


SHARES = WeightNouns(Noun("share", "shares"), Noun("share", "shares"), Noun("holder", "holders"))


@pytest.mark.parametrize(
    "counting",
    [
        Counting(CountKind.HEADS),
        Counting(CountKind.PATIENTS),
        Counting(CountKind.PACKED, 10**6),
        Counting(CountKind.PATIENTS, None, SHARES),
        Counting(CountKind.PACKED, 10**6, SHARES),
        Counting(CountKind.HEADS, None, SHARES),
    ],
    ids=str,
)
def test_a_page_and_the_offline_tool_say_a_total_in_the_same_words(calculator: Page, counting: Counting) -> None:
    totals = [0, 1, 999, 8_062_345, 10**6 + 1, 10**11]
    named: dict[str, object] = {"count": counting.kind.value, "heads": counting.heads}
    if counting.nouns != DEFAULT_NOUNS:
        nouns = counting.nouns
        named["nouns"] = {key: getattr(nouns, key).texts for key in ("unit", "counts", "member")}
    said = calculator.evaluate(
        "([named, totals]) => totals.map((total) => ceremony.sayTotal(named, BigInt(total)))", [named, totals]
    )
    assert said == [counting.say_total(total) for total in totals]


def test_a_page_asked_for_a_single_ballot_says_so_and_decrypts_nothing(calculator: Page) -> None:
    election = Simulator()
    election.vote(0, FOR)
    single = Tally(G, election.election)
    election.vote(1, AGAINST)
    single.add(*election.cast[election.public_of(0)])  # type: ignore[arg-type]
    election.tally, election.cast = single, {}
    election.close()

    assert "not the total but a single ballot" in verify(calculator, election.archive, election.keys[2])


def voted() -> Simulator:
    election = Simulator(weights=(None, None, None))
    election.vote(0, FOR)
    return election


def one_more_vote(election: Simulator) -> None:
    election.cast[G.g] = election.cast[election.public_of(0)]
    election.close()


def another_number(election: Simulator) -> None:
    election.tally.num_tallied += 1
    election.close()


def a_spoilt_proof(election: Simulator) -> None:
    body = election.ballot(1, FOR)
    at = body.rindex(b'"response":"') + 12
    election.append(EventType.BALLOT, [body[:at] + (b"2" if body[at : at + 1] == b"1" else b"1") + body[at + 1 :]])
    election.close()


def a_stranger(election: Simulator) -> None:
    election.private.append(generate_credential(election.draw))
    election.append(EventType.BALLOT, [election.ballot(3, FOR)])
    election.close()


def the_same_ballot_twice(election: Simulator) -> None:
    election.append(EventType.BALLOT, [election.vote(1, FOR)])
    election.close()


def another_byte(election: Simulator) -> None:
    election.close()
    election.archive = election.archive[:5000] + b"0" + election.archive[5001:]


def another_parent(election: Simulator) -> None:
    assert election.last is not None
    election.last = replace(election.last, height=7)
    election.close()


def decrypted(election: Simulator) -> None:
    election.close()
    election.decrypt(1, 2, 3)


def shares_only(election: Simulator) -> None:
    election.close()
    body = election.share(1).partial.to_bytes()
    owned = OwnedPartialDecryption(1, sha256_hex(body))
    election.append(EventType.PARTIAL_DECRYPTION, [body, owned.to_bytes()])


def a_ballot_under_another_event(election: Simulator) -> None:
    election.last, entries = event_entries(election.last, EventType.BALLOT, [election.ballot(1, FOR)])
    swapped = [Entry("data", election.ballot(1, AGAINST)), entries[1]]
    election.archive += b"".join(entry.to_member(election.timestamp) for entry in swapped)
    election.close()


def a_key_of_its_own(election: Simulator) -> None:
    election.close()
    election.keys[2] += 1


SPOILT: dict[str, tuple[Callable[[Simulator], None], str]] = {
    "one vote more in the total": (one_more_vote, "not the one that follows from the ballots"),
    "another number of ballots": (another_number, "number of ballots counted"),
    "a ballot's signature": (a_spoilt_proof, "signature: "),
    "a credential off the list": (a_stranger, "unknown-credential: "),
    "the same ballot twice": (the_same_ballot_twice, "is there twice"),
    "another byte": (another_byte, "archive-"),
    "another parent": (another_parent, "event-parent: "),
    "a ballot under another's event": (a_ballot_under_another_event, "event-payload: "),
    "voting goes on": (lambda election: None, "voting is not closed"),
    "decrypted already": (decrypted, "decrypted already"),
    "ended, and no total": (lambda election: election.append(EventType.END_BALLOTS, []), "no encrypted total yet"),
    "shares and no result": (shares_only, "shares of its total are in it"),
    "the key of another": (a_key_of_its_own, "not one of the keys"),
    "cut": (lambda election: setattr(election, "archive", election.archive[:-1]), "archive-truncated"),
}


@pytest.mark.parametrize(("spoil", "told"), SPOILT.values(), ids=SPOILT.keys())
def test_a_page_decrypts_nothing_of(calculator: Page, spoil: Callable[[Simulator], None], told: str) -> None:
    election = voted()
    spoil(election)

    found = verify(calculator, election.archive, election.keys[2])

    assert isinstance(found, str)
    assert told in found
