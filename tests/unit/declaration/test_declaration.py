"""The declaration's figures are those of decision.json, and a record that does not verify gives none."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from ballot.audit.source import open_source
from ballot.cli.main import main
from ballot.declaration.as_csv import to_csv
from ballot.declaration.as_json import to_json
from ballot.declaration.as_pdf import to_pdf
from ballot.declaration.errors import BadSignature, NotDeclared, NotVerified
from ballot.declaration.model import Declaration
from ballot.declaration.read import read_declaration
from ballot.declaration.signature import check_paper, sign_paper
from ballot.declaration.support import Support, TotalSupport
from ballot.declaration.tell import tell_declaration
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.record.spreadsheets import write_spreadsheet
from tests.support.record_simulator import KEYS, signing_key

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
GOOD = ("good--record.zip", "good--record-localities.zip", "good--record-proposed.zip", "good--record-nobody-voted.zip")


def declared(name: str) -> Declaration:
    """Of a vector that other tests verify."""
    with open_source(VECTORS / name) as source:
        return tell_declaration(source)


def file_of(name: str, path: str) -> bytes:
    with zipfile.ZipFile(VECTORS / name) as archive:
        return archive.read(path)


@pytest.mark.parametrize("name", GOOD)
def test_paper_and_data_have_the_figures_and_sentences_of_decision_json(name: str) -> None:
    declaration = declared(name)
    decision = json.loads(file_of(name, "decision.json"))
    data = json.loads(to_json(declaration))
    paper = PdfReader(io.BytesIO(to_pdf(declaration)))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())

    for ccg in data["ccgs"]:
        for result in ccg["results"]:
            decided = decision["ccgs"][ccg["ccg"]][result["question"]]
            assert result["working"] + result["margin"] == decided["explanation"]
            assert result["outcome"] == decided["outcome"]
            counts = {
                row["group"]: {u: row[u] for u in ("practices", "weight") if u in row} for row in result["counts"]
            }
            for group in ("eligible", "for", "against", "abstain"):
                assert counts[group] == decided["counts"][group]
            for sentence in decided["explanation"]:
                assert " ".join(sentence.split()) in text
            for bar in result["bars"]:
                assert all(f"{part['number']:,} {part['label']}" in text for part in bar["segments"])
    for sentence in decision["outcome"]["explanation"]:
        assert sentence in text
    for words in (data["record"]["manifest"], data["record"]["fingerprint"], data["record"]["head"]["hash"]):
        assert words in text
    assert all(signature["key"] in text and signature["signature"] in text for signature in data["signatures"])
    assert all(name in text for name in data["trustees"]["names"])
    assert "REHEARSAL" in text


def test_the_same_record_gives_the_same_bytes_and_another_gives_others() -> None:
    first, again = (to_pdf(declared(GOOD[0])) for _ in range(2))

    assert first == again
    assert first != to_pdf(declared(GOOD[2]))


def test_a_record_that_verifies_is_declared_and_names_itself() -> None:
    declaration, report = read_declaration(VECTORS / GOOD[0])

    assert report.exit_status == 0
    assert declaration.proof.manifest == sha256_hex(file_of(GOOD[0], "manifest.json"))
    assert declaration.headline == "The merger goes ahead with NHS Ash and NHS Beech CCGs."
    assert [signer.role for signer in declaration.signers] == [Role.RETURNING_OFFICER, Role.DEPUTY]


def test_who_proposed_and_who_approved_are_told_apart() -> None:
    signers = declared("good--record-proposed.zip").signers

    assert [(signer.role, signer.signed) for signer in signers] == [
        (Role.RETURNING_OFFICER, "proposal"),
        (Role.DEPUTY, "approval"),
    ]
    assert signers[0].time < signers[1].time


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("record.decision--other-count.zip", "FAIL record.decision"),
        ("record.manifest--wrong-hash.zip", "FAIL record.manifest"),
        ("record.manifest-signature--foreign-key.zip", "FAIL record.manifest-signature"),
        ("record.rules--rule-changed.zip", "FAIL record.rules"),
        ("events.signatures--one-person.zip", "FAIL events.signatures"),
    ],
)
def test_a_tampered_record_declares_nothing_and_the_lines_say_why(
    name: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotVerified) as refused:
        read_declaration(VECTORS / name)
    assert any(found.startswith(line) for found in refused.value.lines)

    paper = tmp_path / "declaration.pdf"
    assert main(["declaration", str(VECTORS / name), "--out", str(paper)]) == 1
    assert line in capsys.readouterr().err
    assert not paper.exists()


def test_there_is_no_way_around_verifying(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["declaration", str(VECTORS / GOOD[0]), "--unverified"])
    with pytest.raises(NotVerified):
        read_declaration(VECTORS / "good--record-closed.zip")
    assert main(["declaration", str(VECTORS / "good--tallied.bel")]) == 2
    assert "a single archive" in capsys.readouterr().err
    with pytest.raises(NotDeclared):
        declared("good--record-voting.zip")


def test_a_file_that_the_manifest_does_not_name_is_not_told_from(tmp_path: Path) -> None:
    with zipfile.ZipFile(VECTORS / GOOD[0]) as archive:
        archive.extractall(tmp_path)
    decision = tmp_path / "decision.json"
    decision.write_bytes(decision.read_bytes().replace(b"carried", b"Carried"))

    with open_source(tmp_path) as source, pytest.raises(NotDeclared, match="not the file that the manifest names"):
        tell_declaration(source)


def test_a_sum_names_the_bodies_that_are_in_it_and_those_that_count_otherwise() -> None:
    declaration = declared(GOOD[0])
    one, *others = declaration.ccgs
    part = Support("shares", "For", 3, 4, 5)
    left_out = tuple(ccg.ods for ccg in others)

    _, *said = declaration.sentences_of(TotalSupport(part, (one.ods,), left_out))
    _, *whole = declaration.sentences_of(TotalSupport(part, (one.ods, *left_out), ()))

    assert said[0] == f"The sum is over {one.name}."
    assert said[1].startswith("Left out, because not counted in the same way: ")
    assert one.ods not in " ".join(said).replace(one.name, "")
    assert len(whole) == 1


def test_the_signature_is_of_this_paper_for_this_record_by_its_board() -> None:
    declaration, other = declared(GOOD[0]), declared(GOOD[2])
    pdf = to_pdf(declaration)
    signature = sign_paper(declaration, pdf, KEYS[Role.BOARD])

    check_paper(declaration, pdf, signature)
    for of, paper, signed, why in (
        (declaration, pdf + b" ", signature, "another PDF"),
        (other, pdf, signature, "another record"),
        (declaration, pdf, signature.replace(b'"record":"', b'"record":"0')[:-1], "is not valid"),
        (declaration, pdf, signature.replace(declaration.proof.manifest.encode(), b"0" * 64), "is not valid"),
        (declaration, pdf, b"{}", "is not valid"),
    ):
        with pytest.raises(BadSignature, match=why):
            check_paper(of, paper, signed)
    with pytest.raises(ValueError, match="the record's board"):
        sign_paper(declaration, pdf, signing_key(Role.BOARD, 7))


def test_a_spreadsheet_gets_every_number_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(declared("good--record-localities.zip")).decode("utf-8-sig"))))
    of_ccg = {row["group"]: row["number"] for row in rows if (row["ccg_ods_code"], row["locality"]) == ("00A", "")}

    assert of_ccg == {
        "eligible": "5",
        "for": "3",
        "against": "1",
        "abstain": "0",
        "returned": "4",
        "not returned": "1",
    }
    for group, number in of_ccg.items():
        parts = [int(r["number"]) for r in rows if r["ccg_ods_code"] == "00A" and r["locality"] and r["group"] == group]
        assert sum(parts) == int(number)


def test_a_name_that_begins_a_formula_is_harmless_and_a_number_stays_one() -> None:
    written = write_spreadsheet(("name", "number"), [("=HYPERLINK(1)", -1), (None, 0)]).decode("utf-8-sig")

    assert written == '"name","number"\r\n"\'=HYPERLINK(1)","-1"\r\n"","0"\r\n'


def test_the_pack_is_the_same_bytes_from_the_folder_and_from_its_zip(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    with zipfile.ZipFile(VECTORS / GOOD[0]) as archive:
        archive.extractall(folder)
    packs = []
    for number, record in enumerate((VECTORS / GOOD[0], folder)):
        packs.append(tmp_path / f"{number}.zip")
        assert main(["declaration", str(record), "--evidence", str(packs[-1])]) == 0

    assert packs[0].read_bytes() == packs[1].read_bytes()
    with zipfile.ZipFile(packs[0]) as pack:
        rules = pack.read("rules.txt").decode()
        assert "A resolution is carried if ..." in rules
        assert "All CCGs must agree." in rules
        (tmp_path / "again.zip").write_bytes(pack.read("record.zip"))
        assert "declaration.sig.json" not in pack.namelist()
    assert main(["verify", str(tmp_path / "again.zip")]) == 0
