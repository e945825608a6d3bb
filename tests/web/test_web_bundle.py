"""The linker of scripts: every module runs once, after what it imports, and a form that it does not know is refused."""

from __future__ import annotations

import pytest

from ballot.web.assets import BUNDLES, known_assets
from ballot.web.bundle import NotLinked, bundle


def linked(**modules: str) -> str:
    """The modules as one script; `a` is the first, and the names are those of files in a folder."""
    return bundle("x/a.js", {f"x/{name}.js": text.encode() for name, text in modules.items()}).decode()


def test_a_module_comes_once_and_before_whoever_imports_it() -> None:
    script = linked(
        a='import { b } from "./b.js";\nimport { c as other } from "./c.js";\nb(other);\n',
        b='import { c } from "./c.js";\nexport function b() { return c; }\n',
        c="export const c = 1;\n",
    )

    assert script.count("const c = 1") == 1
    assert script.index("const c = 1") < script.index("function b()") < script.index("b(other)")
    assert "const { c: other } = " in script
    assert "import" not in script
    assert "export" not in script


def test_what_is_passed_on_or_taken_apart_is_exported_too() -> None:
    script = linked(
        a='export { n } from "./b.js";\n', b="export const { n: q, p } = { n: 1, p: 2 };\nconst n = q;\nexport { n };\n"
    )

    assert "return { n, q, p };" in script
    assert "return { n };" in script


@pytest.mark.parametrize(
    "text",
    [
        'import * as all from "./b.js";',
        'import b from "./b.js";',
        "export default 1;",
        "export { b as c };",
        'import { b } from "./none.js";',
        'import { a } from "./a.js";',
        'export * from "./b.js";',
        "export let b = 1;",
    ],
)
def test_a_form_that_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(NotLinked):
        linked(a=text + "\n", b="export const b = 1;\n")


def test_what_the_pages_load_is_linked_from_the_modules_that_are_served() -> None:
    for name, entry in BUNDLES.items():
        assert entry in known_assets()
        assert known_assets()[name].body.count(b"class Point ") == 1
