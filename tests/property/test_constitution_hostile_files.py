"""Any bytes in a file are read, or refused in one sentence with a line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ballot.constitution.counts_file import parse_counts
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule, load_outcome_rule
from ballot.constitution.outcomes_file import parse_outcomes
from ballot.constitution.programme import load_programme
from ballot.strict.toml_lines import Path as TomlPath
from ballot.strict.toml_lines import find_lines

CONFIG = Path(__file__).parents[2] / "config" / "lancashire-south-cumbria-2020"
RULE = (CONFIG / "constitutions" / "01A.toml").read_text()
PROGRAMME = (CONFIG / "programme.toml").read_text()
COUNTS = (
    '{"eligible": {"practices": 9}, "for": {"practices": 1}, "against": {"practices": 1}, "abstain": {"practices": 1}}'
)
OUTCOMES = '{"00Q": {"merge": "carried"}, "01A": {"merge": "not carried"}}'
OPTION_COUNTS = (
    '{"eligible": {"practices": 9}, "options": {"a": {"practices": 1}, "b": {"practices": 2}}, '
    '"abstain": {"practices": 1}, "localities": {"U1": {"eligible": {"practices": 9}, '
    '"options": {"a": {"practices": 1}, "b": {"practices": 2}}, "abstain": {"practices": 1}}}}'
)
OPTION_OUTCOMES = '{"00Q": {"merge": {"outcome": "carried", "option": "one"}}, "01A": {"merge": "not carried"}}'
LOCAL_RULE = RULE.replace("[[test]]", "[[locality_test]]\ncolumn = 'pcn_code'\nrequire = { at_least = 2 }", 1) + (
    "[[question.form.test]]\nmeasure = 'practices'\noption = 'one'\nof = 'cast'\nmore_than = '1/2'\n"
    "[[question.form.locality_test]]\ncolumn = 'pcn_code'\nrequire = 'all'\nmost_votes = true\n"
    "measure = 'practices'\nof = 'cast'\nmore_than = '1/3'\n"
)
GROUPS = PROGRAMME[: PROGRAMME.index("[outcome]")].replace(
    'answers = ["For", "Against", "Abstain"]',
    'abstain = "None"\n[[question.option]]\nid = "one"\ntext = "One"\n[[question.option]]\nid = "two"\ntext = "Two"',
) + (
    '[outcome]\nquestions = ["merge"]\noption = "one"\n[[outcome.group]]\nname = "A"\nmembers = ["00Q", "00R"]\n'
    'require = "all"\n[[outcome.group]]\nname = "B"\nmembers = ["01A"]\n'
    'require = { at_least = 1 }\notherwise = "stop"\n'
)
ANY_RULE = OutcomeRule(("merge",), None, (), Otherwise.STOP, None, None)

READERS: dict[str, tuple[Callable[[bytes], object], str]] = {
    "constitution": (lambda content: load_constitution(content, "f"), RULE),
    "programme": (lambda content: load_programme(content, "f"), PROGRAMME),
    "outcome rule": (lambda content: load_outcome_rule(content, "f"), PROGRAMME),
    "counts": (lambda content: parse_counts(content, "f", weighted=False), COUNTS),
    "constitution with options and localities": (lambda content: load_constitution(content, "f"), LOCAL_RULE),
    "programme with options and groups": (lambda content: load_programme(content, "f"), GROUPS),
    "counts of options and localities": (
        lambda content: parse_counts(content, "f", weighted=False, options=True, localities=True),
        OPTION_COUNTS,
    ),
    "outcomes with options": (lambda content: parse_outcomes(content, "f", ANY_RULE), OPTION_OUTCOMES),
    "outcomes": (lambda content: parse_outcomes(content, "f", ANY_RULE), OUTCOMES),
}
READ = pytest.mark.parametrize(("read", "good"), READERS.values(), ids=READERS.keys())

PIECES = st.sampled_from(
    [
        *(
            "[",
            "]",
            "{",
            "}",
            "[[",
            "]]",
            "=",
            ".",
            ",",
            ":",
            '"',
            "'",
            '"""',
            "'''",
            "\\",
            "#",
            "\n",
            "\r",
            "\r\n",
            " ",
        ),
        *("1", "-1", "0x" + "f" * 4000, "9" * 5000, "1.5", "1e999", "nan", "-inf", "NaN", "Infinity", "true", "null"),
        *("2020-04-01", "2020-04-01T00:00:00Z", "9999-12-31T23:59:59", "12:00:00", "\x00", "\ufeff", "\u2028", "é"),
        *('"\\ud800"', '"\\u0000"', "[" * 500, "{a=" * 500, "a." * 500, '{"a":' * 500, "a", "for", "practices", "test"),
        *(
            "[[test]]\n",
            "[[locality_test]]\n",
            "[[outcome.group]]\n",
            "most_votes = ",
            "option = ",
            "[source]\n",
            "[outcome]\n",
            "at_least = ",
            "zone = ",
            '"carried"',
            '{"practices": ',
        ),
    ]
)


@READ
def test_the_good_file_is_good(read: Callable[[bytes], object], good: str) -> None:
    read(good.encode())


def survives(read: Callable[[bytes], object], content: bytes) -> None:
    try:
        read(content)
    except ConstitutionError as refusal:
        sentence, line = str(refusal), refusal.line
    else:
        return
    assert sentence.startswith(f"f:{line}: ")
    assert sentence.isprintable()
    assert 1 <= line <= content.count(b"\n") + 1


@READ
@given(content=st.binary(max_size=200))
@example(content=b"\xff\xfe")
@example(content=b"[" * 60_000)
@example(content=b"{" * 60_000)
@example(content=b'{"a":' * 12_000)
@example(content=b"a=[" * 20_000)
@example(content=b"." * 60_000)
@example(content=b"9" * 60_000)
@example(content=b'{"eligible":' + b"9" * 60_000)
def test_any_bytes_are_read_or_refused(read: Callable[[bytes], object], good: str, content: bytes) -> None:
    survives(read, content)


@READ
@given(pieces=st.lists(PIECES, max_size=12))
def test_any_pieces_of_a_file_are_read_or_refused(
    read: Callable[[bytes], object], good: str, pieces: list[str]
) -> None:
    survives(read, "".join(pieces).encode("utf-8", "surrogatepass"))


@READ
@given(data=st.data())
def test_a_good_file_with_a_piece_put_in_or_cut_out_is_read_or_refused(
    read: Callable[[bytes], object], good: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 30, len(good))))

    survives(read, (good[:start] + data.draw(st.just("") | PIECES) + good[end:]).encode())


KEYS = st.text("ab_-19", min_size=1, max_size=3) | st.sampled_from(['"a.b"', "'c d'", '"\\u0061\\""', '""', '"é"'])
SCALARS = st.sampled_from(
    ["1", "1.5", "true", "2020-04-01", "2020-04-01 09:00:00", '"x"', "'#'", '"""\nk = 1\n"""', "'''\n[t]'''", '"\\"]"']
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda values: "[ # c ]\n" + ",\n".join(values) + "\n]")
        | st.lists(st.tuples(KEYS, inner), max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=6,
)
STATEMENTS = (
    st.tuples(st.lists(KEYS, min_size=1, max_size=3), VALUES).map(
        lambda pair: f"{' . '.join(pair[0])} = {pair[1]}  # c"
    )
    | st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[{'.'.join(keys)}]")
    | st.lists(KEYS, min_size=1, max_size=3).map(lambda keys: f"[[ {' .'.join(keys)} ]] # ]")
    | st.just("")
)


def paths(value: object, path: TomlPath = ()) -> Iterator[TomlPath]:
    """Every path into what tomllib made of a file."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from paths(part, (*path, key))


@given(st.lists(STATEMENTS, max_size=8).map("\n".join))
def test_whatever_tomllib_reads_has_a_line(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return

    lines = find_lines(text)

    for path in paths(values):
        assert path in lines
        assert 1 <= lines[path] <= text.count("\n") + 1


@given(st.lists(st.tuples(st.integers(0, 3), VALUES), max_size=6))
def test_a_key_is_found_where_it_was_put(rows: list[tuple[int, str]]) -> None:
    text, expected = "", {}
    for number, (blank, value) in enumerate(rows):
        text += "\n" * blank + f"[[t]]\nk{number} = {value}\n"
        expected["t", number, f"k{number}"] = text.count("\n") - value.count("\n")

    found = find_lines(text)

    assert {path: found[path] for path in expected} == expected
