"""The first documents for newcomers: links lead somewhere, no room or document is missing, pictures match the code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/README.md", "docs/architecture.md")
ARCHITECTURE = ROOT / "docs" / "architecture.md"
LINK = re.compile(r"""\]\((?!https?:|#)([^)#\s]+)|(?:src|href)="(?!https?:|#)([^"#]+)""")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/**/*.md", "deploy/*.md", "keys/*.md")
    for path in ROOT.glob(pattern)
)
NAMED = re.compile(r"`((?:tests|docs|scripts|config|ballot|native|deploy|templates)/[\w./-]*)`")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def links(name: str) -> list[Path]:
    """Every file or folder of ours that a document links to."""
    folder = (ROOT / name).parent
    return [(folder / (first or second)).resolve() for first, second in LINK.findall(read(name))]


def headings(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def script(name: str) -> ModuleType:
    found = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


rooms, measure_code = script("rooms"), script("measure_code")


@pytest.mark.parametrize("name", DOORS)
def test_every_link_and_every_file_named_is_there(name: str) -> None:
    named = [*links(name), *(ROOT / path for path in NAMED.findall(read(name)))]
    assert named
    assert [str(path) for path in named if not path.exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_of_a_document_leads_to_a_file_and_a_heading(name: str) -> None:
    dead = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(name)):
        file, _, anchor = target.partition("#")
        path = (ROOT / name).parent / file if file else ROOT / name
        if not path.exists() or (anchor and anchor not in headings(path)):
            dead.append(target)
    assert dead == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/README.md", "docs/architecture.md"])
def test_lines_have_at_most_120_characters(name: str) -> None:
    assert [line for line in read(name).splitlines() if len(line) > 120] == []


def test_the_index_links_to_every_document_and_every_folder_of_documents() -> None:
    there = {path for path in (ROOT / "docs").iterdir() if path.suffix == ".md" or path.is_dir()}
    linked = set(links("docs/README.md"))
    linked |= {path.parent for path in linked} | {ROOT / "docs" / "asvs"}  # asvs.md leads to its chapters
    assert sorted(path.name for path in there - linked - {ROOT / "docs" / "README.md"}) == []


def test_the_readme_shows_a_result_and_the_booth_and_stays_short() -> None:
    pictures = re.findall(r'src="([^"]+)"', read("README.md"))
    assert [Path(path).parent.as_posix() for path in pictures] == ["docs/pictures/board", "docs/pictures/booth"]
    assert len(read("README.md").splitlines()) <= 100


def test_the_picture_of_the_rooms_is_that_of_todays_imports() -> None:
    drawn = rooms.picture(rooms.read_rooms(ROOT / "ballot"))
    text = ARCHITECTURE.read_text("utf-8")
    assert rooms.put(text, drawn) == text, "run: python3 scripts/rooms.py --write"


def test_the_table_of_rooms_names_each_room_once() -> None:
    table = re.findall(r"^\| `ballot/(\w+)` \|", ARCHITECTURE.read_text("utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(rooms.read_rooms(ROOT / "ballot"))


def test_an_arrow_that_follows_from_two_others_is_left_out() -> None:
    assert rooms.arrows({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == [("a", "b"), ("b", "c")]


def test_rooms_in_a_circle_are_not_drawn() -> None:
    with pytest.raises(rooms.Circle):
        rooms.picture({"a": {"b"}, "b": {"a"}})


def test_imports_inside_functions_and_from_the_package_itself_are_drawn(tmp_path: Path) -> None:
    package = tmp_path / "house"
    for room in ("above", "below", "beside"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("import belowground\n")
    (package / "above" / "one.py").write_text("def f() -> None:\n    from house import below\n")
    (package / "above" / "two.py").write_text("import house.beside.three\n")
    assert rooms.read_rooms(package) == {"above": {"below", "beside"}, "below": set(), "beside": set()}


def test_the_afternoon_has_twelve_files() -> None:
    numbered = re.findall(r"^\| (\d+) \| `(ballot/[\w/]+\.py)` \|", ARCHITECTURE.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in numbered] == list(range(1, 13))


def test_code_is_measured_by_files_lines_imports_and_names_of_classes() -> None:
    one = "import a\nfrom b import (\n    c,\n)\n\n\nclass Row: ...\n\n\nclass Own: ...\n"
    two = "class Row: ...\n\n\ndef f() -> None:\n    import a\n"
    assert measure_code.measure([one, two]) == {
        "files": "2",
        "lines": "15",
        "lines of the middle file": "8",
        "share of lines that import": "33.3 %",
        "classes that share their name": "66.7 %",
    }


def test_the_changelog_goes_by_date_and_kind_in_lines_of_at_most_120_characters() -> None:
    text = read("CHANGELOG.md")
    dates = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d, (not released|\d+\.\d+\.\d+)", date) for date in dates)
    assert dates == sorted(set(dates), reverse=True)
    kinds = ["Added", "Changed", "Fixed", "Security"]
    for section in text.split("\n## ")[1:]:
        named = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert named == [kind for kind in kinds if kind in named]
        assert not section.partition("\n### ")[0].count("\n- "), "an entry stands above the headings"
    assert [line for line in text.splitlines() if len(line) > 120] == []
