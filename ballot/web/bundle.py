"""One script made of many small modules, so that a page needs one request, and a page saved to disk still works.

A linker and nothing more: each module becomes a function that runs once, in the order of its imports; the code inside
is left as it is. It knows the few forms of `import` and `export` that our modules use and refuses every other one, when
the app starts. The modules stay served one by one under /static too, for whoever wants to read or compare them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n?", re.DOTALL | re.MULTILINE)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n?', re.MULTILINE)
_PASS_ON = re.compile(r'^export \{([^}]*)\} from "(\.[^"]+)";\n?', re.MULTILINE)
_LIST = re.compile(r"^export \{([^}]*)\};\n?", re.MULTILINE)
_DESTRUCTURED = re.compile(r"^export (const \{([^}]*)\} =)", re.MULTILINE)
_DECLARED = re.compile(r"^export ((?:async function|function|const|class) ([A-Za-z_$][\w$]*))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class NotLinked(Exception):
    """A module is written in a form that the linker does not know."""


def bundle(entry: str, modules: Mapping[str, bytes]) -> bytes:
    """The module `entry` with everything it imports, as one classic script. Raises: NotLinked."""
    parts: dict[str, str] = {}
    _link(entry, modules, parts, [])
    names = {name: f"m{number}" for number, name in enumerate(parts)}
    linked = [f"const {names[name]} = (() => {{\n{_named(body, names)}}})();\n" for name, body in parts.items()]
    return ('"use strict";\n(() => {\n' + "".join(linked) + "})();\n").encode()


def _link(name: str, modules: Mapping[str, bytes], parts: dict[str, str], above: list[str]) -> None:
    """Add the module to `parts`, after everything that it imports."""
    if name in parts:
        return
    if name in above or name not in modules:
        raise NotLinked(f"{name} is {'imported by itself' if name in above else 'missing'}")
    text = _COMMENT.sub("", modules[name].decode())
    exported: dict[str, str] = {}

    def imported(match: re.Match[str]) -> str:
        return f"const {{ {_pairs(match[1], ': ')} }} = \0{_depend(match[2])}\0;\n"

    def passed_on(match: re.Match[str]) -> str:
        exported.update((name, name) for name in _names(match[1]))
        return imported(match)

    def listed(match: re.Match[str]) -> str:
        exported.update((name, name) for name in _names(match[1]))
        return ""

    def destructured(match: re.Match[str]) -> str:
        exported.update((bound.split(":")[-1].strip(),) * 2 for bound in match[2].split(",") if bound.strip())
        return match[1]

    def declared(match: re.Match[str]) -> str:
        exported[match[2]] = match[2]
        return match[1]

    def _depend(relative: str) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))
        _link(target, modules, parts, [*above, name])
        return target

    for form, change in (
        (_PASS_ON, passed_on),
        (_IMPORT, imported),
        (_LIST, listed),
        (_DESTRUCTURED, destructured),
        (_DECLARED, declared),
    ):
        text = form.sub(change, text)
    if left := _LEFT.search(text):
        raise NotLinked(f"{name}: {left[0]}")
    parts[name] = text.rstrip() + f"\nreturn {{ {', '.join(exported)} }};\n"


def _names(listed: str) -> list[str]:
    """The names of a list; one that renames is not known here."""
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if any(" " in name for name in names):
        raise NotLinked(f"a list that renames: {listed}")
    return names


def _pairs(listed: str, joint: str) -> str:
    return ", ".join(joint.join(name.strip().split(" as ")) for name in listed.split(",") if name.strip())


def _named(body: str, names: Mapping[str, str]) -> str:
    return re.sub("\0([^\0]*)\0", lambda match: names[match[1]], body)
