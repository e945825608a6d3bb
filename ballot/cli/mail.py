"""`ballot mail`: queue messages, see how each is doing, read bounces, preview a message, send a trial message.

Only trial messages are sent here; `ballot worker` sends the rest.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say, table
from ballot.cli.settings import settings_parser, surrounding_environment
from ballot.cli.surroundings import Surroundings, clock, surroundings_of
from ballot.cli.voting import shown, words_of, zone_of
from ballot.constitution.words import Noun
from ballot.db.session import reading
from ballot.mail.addresses import ascii_address
from ballot.mail.channel import SendOutcome
from ballot.mail.channels import open_channel
from ballot.mail.envelope import LENGTH
from ballot.mail.mailboxes import imap_messages, maildir_messages, mbox_messages, one_message
from ballot.mail.messages import Change, Kind, Sender, TrialMessage
from ballot.mail.render import Rendered, render
from ballot.mail.settings import MailSettings
from ballot.office.activity import COMMAND_LINE
from ballot.office.post.compose import preview
from ballot.office.post.delivery_reports import UnmatchedReport, read_bounces
from ballot.office.post.letters import note_letter
from ballot.office.post.mail_status import hold_ups, mail_status
from ballot.office.post.mailings import announce, invite, remind, retry, send_link_again, send_trial_message
from ballot.office.post.outbox import Audience, Everyone, OneCcg, OnePractice, Queued, outbox
from ballot.office.setup.draft import Draft, draft_ids
from ballot.office.setup.preflight import note_mail_test
from ballot.record.times import whole_second


def mail_settings(here: Surroundings) -> MailSettings:
    """The settings for e-mail; raises Unacceptable if there are none."""
    if here.config.mail is None:
        raise Unacceptable("The settings have no table [mail]: how e-mail is sent must be written there.")
    return here.config.mail


def links_base(here: Surroundings, settings: MailSettings) -> str:
    """The start of every voting link."""
    return settings.links or f"https://{here.config.board}"


def preview_message(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the message, or send it to an address for review."""
    settings = mail_settings(here)
    id, base = here.programme(options.programme), links_base(here, settings)
    kind = Kind(options.kind)
    attaches = open_channel(settings, here.config.board).attaches
    change, with_link = Change(options.change), not options.without_link
    what = (id, options.practice, kind, base, settings.reply_to)
    message = preview(here.engine, clock, *what, with_link=with_link, change=change)
    rendered = render(message, attaches)
    if options.to is not None:
        _send(here, settings, kind, options.to, rendered)
        if kind is Kind.INVITATION and id in draft_ids(here.config.programmes):
            note_mail_test(Draft(here.config.programmes / id), options.practice, whole_second(clock()))
        return
    say(f"Subject: {rendered.subject}")
    say()
    for line in rendered.text.splitlines():
        say(line)


def send_test(here: Surroundings, options: argparse.Namespace) -> None:
    """Send a test message that asks for nothing."""
    settings = mail_settings(here)
    sender = Sender("", "", settings.reply_to)
    _send(here, settings, None, options.to, render(TrialMessage(sender, here.config.board, whole_second(clock()))))


def _send(here: Surroundings, settings: MailSettings, kind: Kind | None, to: str, rendered: Rendered) -> None:
    try:
        ascii_address(to)
    except ValueError:
        raise Unacceptable("--to needs one e-mail address.") from None
    channel, now = open_channel(settings, here.config.board), whole_second(clock())
    delivery = send_trial_message(
        channel, settings, here.config.board, secrets.token_hex(LENGTH // 2), kind, to, rendered, now
    )
    if delivery.outcome is not SendOutcome.SENT:
        raise Unacceptable(f"The message was {delivery.outcome.value.value}: {delivery.answer}.")
    say(f"The message to {to} was {delivery.answer}.")


Act = Callable[[Surroundings, argparse.Namespace], None]
HEADS = ("CCG", "Practice", "Kind", "State", "When", "Tries", "To", "Answer")
IMAP_PASSWORD = "BALLOT_MAIL_IMAP_PASSWORD"  # noqa: S105  (the name of a variable)


def mail_command(argv: list[str]) -> int:
    """Parse the arguments and do one act."""
    options = _parser().parse_args(argv)
    with surroundings_of(options, sends=True) as here:
        options.run(here, options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ballot mail", description="E-mail to the practices; ballot worker sends it.")
    commands = parser.add_subparsers(metavar="ACT", required=True)

    def act(name: str, run: Act, what: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", parents=[settings_parser()]
        )
        made.add_argument("--programme", metavar="ID", help="which programme; needed only where there are several")
        made.set_defaults(run=run)
        return made

    made = act("status", _status, "print every message with its state; change nothing")
    _whom(made, required=False)
    made.add_argument("--undelivered", action="store_true", help="only practices that e-mail did not reach")
    _whom(act("invite", _invite, "queue the invitation, with the voting link, for each practice that has none yet"))
    _whom(act("remind", _remind, "queue a reminder for those who have not voted; at most one a day each"))
    _whom(act("result", _result, "queue the declared result for those who were not told yet"))
    _whom(act("retry", _retry, "try again what bounced or was given up"))
    made = act("again", _again, "send a practice the link that it has once more, in a new message")
    made.add_argument("--practice", metavar="CODE", required=True, help="its ODS code")
    made = act("letter", _letter, "note that the letter with a practice's voting link was handed over or posted")
    made.add_argument("--practice", metavar="CODE", required=True, help="its ODS code")
    made = act("preview", preview_message, "show a message as a practice would get it, with a link that cannot vote")
    made.add_argument("--practice", metavar="CODE", required=True, help="its ODS code")
    made.add_argument("--kind", choices=[kind.value for kind in Kind], required=True)
    made.add_argument(
        "--without-link", action="store_true", help="for a reminder: as it is sent while the registrar's key is locked"
    )
    made.add_argument(
        "--change",
        choices=[change.value for change in Change],
        default=Change.EXTENDED.value,
        help="for ballot-changed: what was changed",
    )
    made.add_argument("--to", metavar="ADDRESS", help="send it to this address instead of printing it")
    made = act("test", send_test, "send a test message, to see whether mail gets through")
    made.add_argument("--to", metavar="ADDRESS", required=True)
    made = act("bounces", _bounces, "read the mailbox to which bounces come; nothing in it is changed")
    box = made.add_mutually_exclusive_group(required=True)
    box.add_argument("--maildir", metavar="FOLDER", type=Path)
    box.add_argument("--mbox", metavar="FILE", type=Path)
    box.add_argument("--message", metavar="FILE", type=Path, help="one message, saved by itself")
    box.add_argument("--imap", metavar="HOST", help=f"over TLS; the password in {IMAP_PASSWORD}")
    made.add_argument("--user", metavar="NAME", help="with --imap")
    made.add_argument("--folder", metavar="NAME", default="INBOX", help="with --imap")
    return parser


def _whom(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Always explicit: a forgotten argument must not write to everyone."""
    which = parser.add_mutually_exclusive_group(required=required)
    which.add_argument("--all", action="store_true", help="every practice of the programme")
    which.add_argument("--ccg", metavar="CODE", help="the practices of one CCG")
    which.add_argument("--practice", metavar="CODE", help="one practice only")


def _meant(options: argparse.Namespace) -> Audience:
    if options.practice is not None:
        return OnePractice(options.practice)
    return OneCcg(options.ccg) if options.ccg is not None else Everyone()


def _invite(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    _tell(invite(here.engine, clock, id, _meant(options)), "invitation", "invited already", words_of(here, id).member)


def _remind(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    _tell(
        remind(here.engine, clock, id, _meant(options)), "reminder", "reminded today already", words_of(here, id).member
    )


def _result(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    _tell(announce(here.engine, clock, id, _meant(options)), "result", "told already", words_of(here, id).member)


_SENDS = {
    "invitation": "ballot worker --unlock sends them, with the voting links",
    "reminder": "ballot worker sends them, and with --unlock they contain the voting link",
}


def _tell(queued: Queued, what: str, before: str, member: Noun) -> None:
    say(f"Queued: {queued.messages} x {what}, for {len(queued.practices)} {member.many}.")
    if queued.before:
        say(f"Left out, {before}: {len(queued.before)}.")
    if queued.without_address:
        say(f"These have no e-mail address, so reach them another way: {', '.join(queued.without_address)}.")
    if queued.messages:
        say(f"Next: {_SENDS.get(what, 'ballot worker sends them')}; ballot mail status shows how each stands.")


def _retry(here: Surroundings, options: argparse.Namespace) -> None:
    number = retry(here.engine, clock, here.programme(options.programme), _meant(options))
    say(f"{number} messages are queued again. Next: ballot worker.")


def _again(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    for ccg in dict.fromkeys(posted.ccg for posted in outbox(here.engine, id, OnePractice(options.practice))):
        send_link_again(here.engine, clock, id, ccg, options.practice)
    say(f"The voting link of {options.practice} is queued once more. Next: ballot worker --unlock sends it.")


def _letter(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    for ccg in dict.fromkeys(posted.ccg for posted in outbox(here.engine, id, OnePractice(options.practice))):
        note_letter(here.engine, clock, id, ccg, options.practice, COMMAND_LINE)
    say(f"The activity log notes that {options.practice} has its letter. It is no longer listed as not reached.")


def _status(here: Surroundings, options: argparse.Namespace) -> None:
    id = here.programme(options.programme)
    zone = zone_of(here, id)
    found = outbox(here.engine, id, _meant(options))
    if options.undelivered:
        tasks = mail_status(here.engine, id, clock(), sees_who_voted=True).problems
        found = [posted for posted in found if any(posted == task.posted for task in tasks)]
    rows = [
        (
            posted.ccg,
            posted.practice,
            "-" if posted.kind is None else posted.kind.value,
            "nothing queued" if posted.state is None else posted.state.value,
            "-" if posted.at is None else shown(posted.at, zone),
            posted.attempts,
            posted.to or "(no address)",
            posted.answer,
        )
        for posted in found
    ]
    for line in table(HEADS, rows):
        say(line)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[3]] = counts.get(row[3], 0) + 1
    say()
    with reading(here.engine) as session:
        for held in hold_ups(session, id, clock()):
            say(held.sentence)
    say(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "No message.")


def _bounces(here: Surroundings, options: argparse.Namespace) -> None:
    environment = surrounding_environment()
    if options.imap is not None and not (options.user and environment.get(IMAP_PASSWORD)):
        raise Unacceptable(f"--imap needs --user NAME, and the password in {IMAP_PASSWORD}.")
    if options.maildir is not None:
        messages = maildir_messages(options.maildir)
    elif options.mbox is not None:
        messages = mbox_messages(options.mbox)
    elif options.message is not None:
        messages = one_message(options.message)
    else:
        messages = imap_messages(options.imap, options.user, environment[IMAP_PASSWORD], options.folder)
    heard = read_bounces(here.engine, clock, messages)
    say(f"{heard.changed} messages changed their state; {heard.delayed} are delayed, {heard.known} were known.")
    for news in heard.news:
        say(f"  {', '.join(news.practices)}: the {news.kind} to {news.to} is {news.state}: {news.answer}")
    if heard.shown:
        say(f"{len(heard.shown)} reports changed nothing: they do not prove which message they are about. Read them:")
    for report in heard.shown:
        say(f"  {_named(report)}")
    if heard.aside:
        say(f"{heard.aside} messages are set aside unread, as no report is like them: read them. Later runs skip them.")
    if heard.skipped:
        say(f"{heard.skipped} messages that were set aside before are skipped.")
    if heard.other:
        say(f"{heard.other} messages are no delivery reports but answers, automatic ones or others: read them.")


def _named(report: UnmatchedReport) -> str:
    """The contents of a report that proves nothing, for a person to judge."""
    if not report.addresses:
        return "a report in an unknown form"
    named = [f"{to} ({', '.join(report.practices.get(to, ['no practice']))})" for to in report.addresses]
    return f"{', '.join(named)}: {report.fate}: {report.answer}"
