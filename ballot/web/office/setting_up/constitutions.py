"""The constitutions' pages: a rule in words, as a form in steps, tried with counts, printed for signing, uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ballot.constitution.decide import Decision, decide
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.reading import SigningText, text_for_signing
from ballot.constitution.rule import Constitution
from ballot.constitution.write import write_constitution
from ballot.office.setup.tasks import Task, change_constitution, tasks
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.protocol.hashing import sha256_hex
from ballot.strict.toml_lines import path_at
from ballot.strict.toml_tables import LARGEST_FILE
from ballot.strict.toml_write import write_toml
from ballot.web.access import AccessRule, allow
from ballot.web.entries import CHANGE, change_entries, is_change, leaves, sent_by
from ballot.web.office.session import signed_in
from ballot.web.office.setting_up.ccg_rules import CcgRule, next_without_rule, rules_to_copy, the_rule
from ballot.web.office.setting_up.constitution_form import (
    ConstitutionForm,
    composed,
    filled_form,
    said_by,
)
from ballot.web.office.setting_up.constitution_start import OWN, RuleStart, RuleUpload
from ballot.web.office.setting_up.constitution_steps import CHECK, STEPS, step_of
from ballot.web.office.setting_up.forms import tables_of
from ballot.web.office.setting_up.pages import (
    NEXT,
    back_to_tasks,
    check_not_prepared,
    draft_page,
    is_prepared,
    known_values,
    note_upload,
    the_draft,
    uploaded,
)
from ballot.web.office.setting_up.trying import Trial, answers_to
from ballot.web.stage import surroundings

constitutions = Blueprint("constitutions", __name__)

START, TO = "start", "to:"
"""What a button of the form asks for: to begin with what was chosen, or to go to a step by its name."""


@constitutions.get("/office/ballots/<programme>/constitutions")
@allow(AccessRule.STAFF, *READERS)
def every(programme: str) -> str:
    """Every CCG, and whether its rule exists."""
    draft = the_draft(programme)
    read = [the_rule(draft, str(ccg.get("ods"))) for ccg in tables_of(known_values(draft), "ccg")]
    state = next(state for state in tasks(draft) if state.task is Task.CONSTITUTIONS)
    return draft_page(draft, "constitutions", read=read, state=state)


@constitutions.get("/office/ballots/<programme>/constitutions/<ccg>")
@allow(AccessRule.STAFF, *READERS)
def one(programme: str, ccg: str) -> str:
    """What the rule says in words, and the ways to change, try, print or replace it."""
    return _page(the_rule(the_draft(programme), ccg), RuleUpload(formdata=None))


@constitutions.post("/office/ballots/<programme>/constitutions/<ccg>/upload")
@allow(AccessRule.STAFF, *OFFICERS)
def upload(programme: str, ccg: str) -> ResponseReturnValue:
    """Replace the rule by a rule file that was written elsewhere."""
    here, form = the_rule(the_draft(programme), ccg), RuleUpload()
    check_not_prepared(here.draft)
    if form.validate():
        data = uploaded(form.file.data)[: LARGEST_FILE + 1]
        try:
            if not data:
                form.mark(form.file, "Choose the rule file")
            else:
                return _keep(here, data)
        except ConstitutionError as error:
            form.mark(form.file, str(error))  # whoever wrote the file needs its line
    return _page(here, form), 400


@constitutions.route("/office/ballots/<programme>/constitutions/<ccg>/form", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def fill(programme: str, ccg: str) -> ResponseReturnValue:
    """The rule as a form, one step a page. What other steps hold travels with the form; only saving writes it."""
    here = the_rule(the_draft(programme), ccg)
    if here.by_file:
        form = RuleUpload(formdata=None)
        if request.method == "POST":
            form.form_errors.append(
                "The file has a rule that this form cannot show. Upload another file to replace it."
            )
        return _page(here, form), 400 if form.errors else 200
    if request.method != "POST":
        return _first_step(here)
    check_not_prepared(here.draft)
    if request.form.get(CHANGE) == START:
        return _start(here)
    form = ConstitutionForm()
    form.offer(here.asked)
    step = request.form.get("step", "")
    step = step if step in STEPS else "clause"
    if is_change():
        return _move(here, form, step, request.form[CHANGE])
    said = _checked(here, form)
    if said is not None:
        data = b"" if said == here.rule else write_constitution(said)
        try:
            return _keep(here, data) if data else _after(here)
        except ConstitutionError as error:
            _mark(form, data, error)
    return _step(here, form, _wrong_step(form) or step)


def _first_step(here: CcgRule) -> ResponseReturnValue:
    """The step in the address."""
    step = request.args.get("step", "clause")
    return _step(here, filled_form(here.rule, here.asked), step if step in STEPS else "clause")


def _start(here: CcgRule) -> ResponseReturnValue:
    """The form filled in with the rule that was chosen, at its last step; at a step before, if that is not a rule."""
    start = RuleStart()
    start.offer(rules_to_copy(here))
    if not start.validate():
        return _page(here, RuleUpload(formdata=None), start), 400
    form = ConstitutionForm(sent_by(start.filled(here.asked)))
    form.offer(here.asked)
    if start.usual.data == OWN:
        return _step(here, form, "votes")
    return _step(here, form, CHECK if _checked(here, form) else _wrong_step(form) or "tests")


def _move(here: CcgRule, form: ConstitutionForm, step: str, asked: str) -> ResponseReturnValue:
    """To a step: the next if this one is right, the one before, or one by name; or with one entry more or less."""
    steps = _steps(here)
    if asked == "back":
        return _step(here, form, steps[max(0, steps.index(step) - 1)])
    if asked.removeprefix(TO) in steps:
        return _step(here, form, asked.removeprefix(TO))
    if asked in ("next", "read"):
        said = _checked(here, form)
        if not form.keep_errors_of(step) and asked == "next":
            step = steps[min(len(steps) - 1, steps.index(step) + 1)]
        if step == CHECK and said is None:
            _checked(here, form)
            step = _wrong_step(form) or step
        return _step(here, form, step)
    change_entries(form, asked)
    form.offer(here.asked)
    return _step(here, form, step)


def _wrong_step(form: ConstitutionForm) -> str | None:
    """The first step with an error."""
    return next((found for field in leaves(form) if field.errors and (found := step_of(field.name))), None)


def _steps(here: CcgRule) -> list[str]:
    """The steps that this ballot needs: single questions only where there are several."""
    several = len(here.asked.questions) > 1 or (here.rule is not None and here.rule.questions)
    return [step for step in STEPS if step != "questions" or several]


def _checked(here: CcgRule, form: ConstitutionForm) -> Constitution | None:
    """The rule that the form says; None if it says none, and then its fields have errors."""
    if not form.validate():
        return None
    try:
        rule = composed(form, here.rule, here.ccg, here.name, signed_in().name)
        return replace(rule, words=here.draft.words())
    except ConstitutionError as error:
        _mark(form, write_toml(form.fields_of(here.ccg, here.name, signed_in().name)), error)
        return None


def _mark(form: ConstitutionForm, data: bytes, error: ConstitutionError) -> None:
    """Report at a field what the reader of rule files found on a line that the form wrote."""
    form.mark(form.field_at(path_at(data.decode(), error.line)), error.sentence)


def _step(here: CcgRule, form: ConstitutionForm, step: str) -> ResponseReturnValue:
    steps = _steps(here)
    asked = here.asked
    given = {
        "form": form,
        "step": step,
        "title": STEPS[step],
        "number": steps.index(step) + 1,
        "steps": len(steps),
        "carried": form.carried(step),
        "titles": {id: STEPS[id] for id in steps},
        "following": next_without_rule(here),
        "asked": asked,
        "aloud": _aloud(here, form),
    }
    return draft_page(here.draft, "constitution_step", here=here, **given), 400 if form.errors else 200


def _aloud(here: CcgRule, form: ConstitutionForm) -> SigningText | None:
    """The rule in words as the form has it now; None if it is not complete."""
    said = said_by(form, here.rule, here.asked, here.ccg, here.name, signed_in().name)
    return None if said is None else text_for_signing(replace(said, words=here.draft.words()))


@constitutions.route("/office/ballots/<programme>/constitutions/<ccg>/try", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *READERS)
def try_it(programme: str, ccg: str) -> ResponseReturnValue:
    """Type counts, and see what the rule would decide. Nothing is written."""
    here = the_rule(the_draft(programme), ccg)
    if here.rule is None:
        abort(404)
    asked, form = here.asked, Trial()
    question = request.args.get("question") or next(iter(asked.questions), "")
    rule, decision = here.rule.rule_for(question), None
    options = asked.options_of.get(question) or {id: id for id in rule.options}
    answers = answers_to(options)
    form.offer(rule, answers)
    if is_change():
        change_entries(form, request.form[CHANGE])
        form.offer(rule, answers)
    elif form.validate_on_submit():
        try:
            decision = decide(rule, form.counts())
        except ConstitutionError as error:
            form.mark(form.places.entries[0].form.eligible, error.sentence)
    given = {"form": form, "question": question, "asked": asked, "decision": decision, "options": options}
    page = draft_page(here.draft, "constitution_trial", here=here, verdict=_verdict(decision, options), **given)
    return page, 400 if form.errors else 200


def _verdict(decision: Decision | None, options: Mapping[str, str]) -> str:
    if decision is None:
        return ""
    option = f": {options.get(decision.option, decision.option)}" if decision.option else ""
    return f"{decision.outcome.value.capitalize()}{option}"


@constitutions.get("/office/ballots/<programme>/constitutions/<ccg>/sign")
@allow(AccessRule.STAFF, *READERS)
def sign(programme: str, ccg: str) -> str:
    """The rule in words with lines to sign on, for paper."""
    here = the_rule(the_draft(programme), ccg)
    if here.rule is None or here.data is None:
        abort(404)
    said = {"aloud": text_for_signing(here.rule), "hash": sha256_hex(here.data)}
    return draft_page(here.draft, "constitution_sign", here=here, **said)


def _keep(here: CcgRule, data: bytes) -> ResponseReturnValue:
    """Save the rule, and go to its page. Raises: ConstitutionError."""
    change_constitution(here.draft, here.ccg, data, surroundings().clock())
    note_upload(here.draft, "constitution", data)
    return _after(here)


def _after(here: CcgRule) -> ResponseReturnValue:
    """The page of the rule; or, if that was asked for, of the next CCG without one, and then of the next task."""
    if NEXT not in request.form:
        return redirect(url_for(".one", programme=here.draft.id, ccg=here.ccg), 303)
    following = next_without_rule(here)
    if following is None:
        return back_to_tasks(here.draft, Task.CONSTITUTIONS)
    return redirect(url_for(".one", programme=here.draft.id, ccg=following.ccg), 303)


def _page(here: CcgRule, form: RuleUpload, start: RuleStart | None = None) -> str:
    if start is None:
        start = RuleStart(formdata=None)
        start.offer(rules_to_copy(here))
    given = {
        "form": form,
        "start": start,
        "aloud": text_for_signing(here.rule) if here.rule else None,
        "steps": [(step, STEPS[step]) for step in _steps(here) if step != CHECK],
        "prepared": is_prepared(here.draft),
        "following": next_without_rule(here) if here.rule else None,
    }
    return draft_page(here.draft, "constitution", here=here, **given)
