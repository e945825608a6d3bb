"""The blueprints of the office, in the order in which they are put together."""

from __future__ import annotations

from ballot.web.office.account import account
from ballot.web.office.authority import authority
from ballot.web.office.bounces import bounces
from ballot.web.office.count import count
from ballot.web.office.enrol import enrolment
from ballot.web.office.front import office
from ballot.web.office.help_desk import help_desk
from ballot.web.office.incidents import incidents
from ballot.web.office.own_key import own_key
from ballot.web.office.people import people
from ballot.web.office.registrar import registrar
from ballot.web.office.running import mending, running
from ballot.web.office.scrutiny import scrutiny
from ballot.web.office.setting_up.constitutions import constitutions
from ballot.web.office.setting_up.drafts import drafts
from ballot.web.office.setting_up.files import files
from ballot.web.office.setting_up.pages import setting_up
from ballot.web.office.setting_up.preparing import preparing
from ballot.web.office.setting_up.secrecy import secrecy
from ballot.web.office.sign_in import by_passkey, door
from ballot.web.office.two_people.log import activity
from ballot.web.office.two_people.views import two_people
from ballot.web.office.vault import vault
from ballot.web.trustee.views import trustee

PARTS = (
    door,
    by_passkey,
    enrolment,
    account,
    office,
    help_desk,
    people,
    own_key,
    setting_up,
    files,
    constitutions,
    preparing,
    drafts,
    secrecy,
    registrar,
    vault,
    mending,
    running,
    bounces,
    count,
    incidents,
    authority,
    scrutiny,
    two_people,
    activity,
    trustee,
)
