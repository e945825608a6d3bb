"""A CCG of the ballot with its rule file, as the constitutions' pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.rule import Constitution
from ballot.office.setup.draft import CONSTITUTIONS, Draft
from ballot.strict.toml_lines import path_at
from ballot.web.office.setting_up.constitution_form import can_say
from ballot.web.office.setting_up.constitution_steps import QuestionsAsked
from ballot.web.office.setting_up.forms import tables_of
from ballot.web.office.setting_up.pages import known_values


@dataclass(frozen=True, slots=True)
class CcgRule:
    """A CCG of the ballot with its rule file as it is: `rule` is None if there is none, or if `fault` says why not."""

    draft: Draft
    ccg: str
    name: str
    data: bytes | None
    rule: Constitution | None
    fault: str

    @property
    def asked(self) -> QuestionsAsked:
        """What the programme asks, with what the rule names."""
        listed = tables_of(known_values(self.draft), "question")
        asked = QuestionsAsked(
            {str(one.get("id")): str(one.get("text")) for one in listed},
            {
                str(one.get("id")): {
                    str(option.get("id")): str(option.get("text")) for option in tables_of(one, "option")
                }
                for one in listed
            },
        )
        return asked.with_rule(self.rule)

    @property
    def by_file(self) -> bool:
        """Whether the form cannot show this rule."""
        return self.rule is not None and not can_say(self.rule, self.asked)

    @property
    def oddities(self) -> list[str]:
        """What is allowed in the rule and may be a mistake, each after the name of its part."""
        if self.rule is None:
            return []
        text = (self.data or b"").decode()
        named = [(part_name(path_at(text, odd.line)), odd.sentence) for odd in check_constitution(self.rule)]
        return [f"{part}: {sentence}" if part else sentence for part, sentence in named]


def part_name(path: tuple[str | int, ...]) -> str:
    """The name of a part of a rule, as the form has it."""
    match path:
        case ("question", str(question), *rest) if rest:
            return f"{part_name(tuple(rest))} of the question {question}"
        case ("test", int(index), *_):
            return f"Test {index + 1}"
        case ("locality_test", int(index), *_):
            return f"Test of localities {index + 1}"
        case ("quorum", int(index), *_):
            return f"Quorum {index + 1}"
        case ("quorum", *_):
            return "Quorum"
        case ("locality_quorum", int(index), *_):
            return f"Quorum of localities {index + 1}"
        case ("source", *_):
            return "The clause"
        case ("tie", *_):
            return "Tie"
        case _:
            return ""


def the_rule(draft: Draft, ccg: str) -> CcgRule:
    """A CCG of the ballot with its rule; 404 if there is no such CCG."""
    names = {str(one.get("ods")): str(one.get("name")) for one in tables_of(known_values(draft), "ccg")}
    if ccg not in names:
        abort(404)
    try:
        data = draft.read(f"{CONSTITUTIONS}/{ccg}.toml")
        rule = None if data is None else load_constitution(data, f"{ccg}.toml", draft.words())
        return CcgRule(draft, ccg, names[ccg], data, rule, "")
    except ConstitutionError as error:
        return CcgRule(draft, ccg, names[ccg], data, None, str(error))


def rules_to_copy(here: CcgRule) -> dict[str, Constitution]:
    """The rules of the other CCGs that the form can show, by code."""
    listed = [str(ccg.get("ods")) for ccg in tables_of(known_values(here.draft), "ccg")]
    others = [the_rule(here.draft, ods) for ods in listed if ods != here.ccg]
    return {other.ccg: other.rule for other in others if other.rule is not None and not other.by_file}


def next_without_rule(here: CcgRule) -> CcgRule | None:
    """The next CCG of the list that has no rule yet; after the last, the first."""
    codes = [str(ccg.get("ods")) for ccg in tables_of(known_values(here.draft), "ccg")]
    after = codes.index(here.ccg) + 1
    rules = (the_rule(here.draft, code) for code in codes[after:] + codes[: after - 1])
    return next((rule for rule in rules if rule.rule is None), None)
