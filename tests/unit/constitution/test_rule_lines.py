"""Finding the line of every key of a TOML file."""

from __future__ import annotations

import pytest

from ballot.strict.toml_lines import OversizedToml, find_lines

TEXT = '''\
# a comment with [a] and = in it
a = 1
"b.c" = 'x # not a comment'   # a comment
d . "e\\u0066" = { f = 1, g = [1, { h = 2 }] }
long = """
not_a_key = 1
\\""" [nor.this] """"
raw = \'\'\'
nor = 2\'\'\'
list = [  # one

  "x",
  [ 2,
    3 ], ]

[t.u]
v = 2020-01-01 00:00:00
[[t.w]]
x = 1
[t.w.y]
z = 1
[[t.w]]
x = 2
[[t.w.n]]
m = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("b.c",), 3),
        (("d",), 4),
        (("d", "ef"), 4),
        (("d", "ef", "g", 1, "h"), 4),
        (("long",), 5),
        (("raw",), 8),
        (("list",), 10),
        (("list", 0), 12),
        (("list", 1), 13),
        (("list", 1, 1), 14),
        (("t",), 16),
        (("t", "u", "v"), 17),
        (("t", "w", 0), 18),
        (("t", "w", 0, "x"), 19),
        (("t", "w", 0, "y", "z"), 21),
        (("t", "w", 1), 22),
        (("t", "w", 1, "x"), 23),
        (("t", "w", 1, "n", 0, "m"), 25),
    ],
)
def test_every_key_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert find_lines(TEXT)[path] == line


def test_what_only_looks_like_a_key_is_not_one() -> None:
    found = find_lines(TEXT)

    assert not {("not_a_key",), ("nor",), ("nor", "this")} & set(found)


def test_text_that_is_not_toml_gives_what_stood_before() -> None:
    assert find_lines("a = 1\n= = =\nb = 1") == {(): 1, ("a",): 1}


@pytest.mark.parametrize("text", ["\na.b.c.d.e.f.g.h.i = 1", "\na = [[[[[[[[[[1]]]]]]]]]]", "\na = " + "1" * 101])
def test_what_no_rule_needs_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(OversizedToml) as caught:
        find_lines(text)

    assert caught.value.line == 2
