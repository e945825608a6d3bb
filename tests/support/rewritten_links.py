"""Voting links as mail gateways rewrite them and as people paste them: the page finds the code, the log hides it.

`GATEWAYS` maps the name of a rewriting to a function from a link to one line without blanks, as it stands in an
address. `PASTED` maps names to functions from a link to text of any form. `random_links` makes links of the form that
the registrar issues; their signatures are made up.
"""

from __future__ import annotations

import base64
import quopri
import random
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote

from ballot.protocol.canonical import Json, write_json
from ballot.protocol.credentials import generate_credential
from ballot.record.times import time_text

ADDRESS = re.compile(r"[^A-Za-z0-9\-._~:/?&=]")
"""What Proofpoint's third generation removes from an address: here, everything an address does not need."""
RUNS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
REST = "data=05%7C02%7Cdr.jones%40practice.nhs.uk%7C4c1f&sdata=Qh%2Bx9%2FZpA%3D&reserved=0"


@dataclass(frozen=True)
class Link:
    """A link and the parts that must come out of it again."""

    url: str
    token: str
    credential: str

    @property
    def code(self) -> str:
        return f"{self.token}.{self.credential}"


def random_links(seed: str, number: int) -> Iterator[Link]:
    """Links, always the same for one seed."""
    chance = random.Random(seed)
    for _ in range(number):
        programme = "-".join(
            "".join(chance.choices(string.ascii_lowercase + string.digits, k=chance.randint(1, 9))) for _ in range(3)
        )
        ccg, practice = chance.choice(("00A", "91Q", "X2C4Y")), f"{chance.choice('ABCY')}{chance.randint(10000, 99999)}"
        expires = datetime(2027, 1, 2, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**8))
        payload: dict[str, Json] = {
            "programme": programme,
            "ccg": ccg,
            "practice": practice,
            "credential": chance.randbytes(32).hex(),
            "serial": chance.randint(1, 12),
            "expires": time_text(expires),
        }
        token = f"{_base64(write_json(payload))}.{_base64(chance.randbytes(64))}"
        credential = generate_credential(chance.randrange)
        yield Link(f"https://vote.example.org/vote/{programme}/{ccg}#{token}.{credential}", token, credential)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def quoted(text: str, times: int = 1) -> str:
    """Percent-encoded, as JavaScript's encodeURIComponent does it."""
    for _ in range(times):
        text = quote(text, safe="-_.!~*'()")
    return text


def all_quoted(text: str) -> str:
    """Percent-encoded, with dots, hyphens and underscores too."""
    return quote(text, safe="").translate({ord("."): "%2e", ord("-"): "%2d", ord("_"): "%5f"})


def safe_links(target: str) -> str:
    return f"https://eur01.safelinks.protection.outlook.com/?url={target}&{REST}"


def proofpoint_v1(url: str) -> str:
    return f"https://urldefense.proofpoint.com/v1/url?u={quote(url, safe=':/')}&k=oIvRg1%2BdGA%3D%3D%0A&r=x%0A&s=d3583c"


def proofpoint_v2(url: str) -> str:
    written = quote(url, safe="/.").replace("-", "%2D").replace("_", "%5F").replace("%", "-").replace("/", "_")
    return f"https://urldefense.proofpoint.com/v2/url?u={written}&d=DwMFaQ&c=eIGjsITfXP_y-DLLX0uEHXJvU8nOHrUK8&r=-_a&e="


def proofpoint_v3(url: str, taken: re.Pattern[str] = ADDRESS) -> str:
    removed = "".join(taken.findall(url))
    runs = re.compile(f"(?:{taken.pattern})+")

    def star(run: re.Match[str]) -> str:
        return "*" if len(run[0]) == 1 else f"**{RUNS[len(run[0]) - 2]}"

    return f"https://urldefense.com/v3/__{runs.sub(star, url)}__;{_base64(removed.encode())}!!LV-_2Fz!Kq_-9wX2d$"


def barracuda(url: str) -> str:
    written = re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted(url))
    return f"https://linkprotect.cudasvc.com/url?a={written}&c=E,1,5bEV-im_2&typo=1"


def trend_micro(url: str) -> str:
    return (
        f"https://ddec1-0-en-ctp.trendmicro.com:443/wis/clicktime/v1/query?url={quoted(url)}"
        "&umid=7f2b1c0a-0d1e-4f3b&rct=1590000000&auth=1a2b3c4d5e6f-7890abcdef12"
    )


def sophos(url: str) -> str:
    written = base64.b64encode(url.encode()).decode()
    return f"https://eu-west-2.protection.sophos.com?d=example.org&u={written}&p=m&i=NWE0&t=Qm1=&h=9f3c&s=AVNPUEh"


GATEWAYS: dict[str, Callable[[str], str]] = {
    "as it was sent": lambda url: url,
    "Outlook Safe Links": lambda url: safe_links(quoted(url)),
    "Outlook Safe Links, the # escaped twice": lambda url: safe_links(quoted(url.replace("#", "%23"))),
    "Outlook Safe Links, escaped twice": lambda url: safe_links(quoted(url, 2)),
    "Outlook Safe Links in HTML": lambda url: escape(safe_links(quoted(url))),
    "Outlook Safe Links of Teams": lambda url: (
        f"https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url={quoted(url)}&locale=en"
    ),
    "Proofpoint v1": proofpoint_v1,
    "Proofpoint v2": proofpoint_v2,
    "Proofpoint v2 twice": lambda url: proofpoint_v2(proofpoint_v2(url)),
    "Proofpoint v2 of Safe Links": lambda url: proofpoint_v2(safe_links(quoted(url))),
    "Safe Links of Proofpoint v2": lambda url: safe_links(quoted(proofpoint_v2(url))),
    "Proofpoint v3": proofpoint_v3,
    "Proofpoint v3 of a link with %23 and %2E": lambda url: proofpoint_v3(url.replace("#", "%23").replace(".", "%2E")),
    "Proofpoint v3 that takes out all but letters": lambda url: proofpoint_v3(url, re.compile(r"[^A-Za-z0-9_/:\-]")),
    "Proofpoint v3 with a run": lambda url: proofpoint_v3(url.replace("#", "?a=[#]#")),
    "Safe Links of Proofpoint v3": lambda url: safe_links(quoted(proofpoint_v3(url))),
    "Barracuda": barracuda,
    "Trend Micro": trend_micro,
    "Cisco": lambda url: f"https://secure-web.cisco.com/1b9PxC-Wm_2/{quoted(url)}",
    "FireEye": lambda url: f"https://protect2.fireeye.com/v1/url?k=0b3c-5a2f&q=1&e=5c-4d_1&u={quoted(url)}",
    "Symantec": lambda url: f"https://clicktime.symantec.com/3NVb-9_x?u={quoted(url)}",
    "Fortinet": lambda url: f"https://mail.example.nhs.uk/fmlurlsvc/?fewReq=:B:JVY-&url={quoted(url)}",
    "Google": lambda url: (
        f"https://www.google.com/url?q={quoted(url)}&source=gmail&ust=1590000000000000&usg=AOvVaw1-_x"
    ),
    "Sophos": sophos,
    "Sophos, its Base64 escaped": lambda url: (
        f"https://eu.protection.sophos.com/?d=x&u={quoted(base64.b64encode(url.encode()).decode())}&p=m"
    ),
    "Bitdefender": lambda url: f"https://lsems.gravityzone.bitdefender.com/scan/{_base64(url.encode())}/9F3C0A?c=1&i=1",
    "every character that can be, escaped": all_quoted,
    "every character that can be, escaped twice": lambda url: quoted(all_quoted(url)),
    "every character that can be, escaped three times": lambda url: quoted(all_quoted(url), 2),
    "tracking behind the code": lambda url: f"{url}&utm_source=newsletter&utm_medium=email",
    "tracking before the code": lambda url: url.replace("#", "?utm_source=newsletter#"),
    "HTML's numbers for # and dots": lambda url: url.replace("#", "&#35;").replace(".", "&#x2e;").replace("-", "&#45;"),
}


def lines(text: str, width: int, by: str) -> str:
    return by.join(text[i : i + width] for i in range(0, len(text), width))


PASTED: dict[str, Callable[[str], str]] = {
    "text<link>": lambda url: f"Open the voting page<{url}>",
    "text <link> with the link as text": lambda url: f"{url}<{safe_links(quoted(url))}>",
    "(link)": lambda url: f"({url})",
    "a sentence around it": lambda url: f"Here is the link: {url}. Thank you, Dr Jones",
    "a comma and more words": lambda url: f"{url}, which I got on Monday",
    "smart quotes": lambda url: f"“{url}”",
    "Markdown": lambda url: f"[Open the voting page]({url})",
    "Markdown that escapes": lambda url: url.replace("_", "\\_").replace("-", "\\-").replace(".", "\\."),
    "HTML": lambda url: f'<p><a href="{url}" target="_blank">Open the voting page</a></p>',
    "HTML with places to break": lambda url: lines(url, 40, "<wbr>"),
    "HTML as text": lambda url: escape(f'<a href="{url}">vote</a>\u00a0'),
    "quoted-printable": lambda url: quopri.encodestring(f'<a href="{url}">vote</a>'.encode()).decode(),
    "quoted-printable, CRLF": lambda url: quopri.encodestring(url.encode()).decode().replace("\n", "\r\n"),
    "quoted-printable that escapes dots and hyphens": lambda url: url.replace(".", "=2E").replace("-", "=2D"),
    "lines broken": lambda url: lines(url, 60, "\n"),
    "lines broken, quoted by a reply": lambda url: "> " + lines(url, 60, "\n> "),
    "lines broken, quoted by two replies": lambda url: "> > " + lines(url, 60, "\n> > "),
    "lines broken, Proofpoint v2": lambda url: lines(proofpoint_v2(url), 70, "\r\n"),
    "zero-width spaces": lambda url: lines(url, 1, "\u200b"),
    "soft hyphens": lambda url: lines(url, 20, "\u00ad"),
    "marks of direction": lambda url: f"\u2068{lines(url, 30, chr(0x200E))}\u2069",
    "zero-width spaces, escaped": lambda url: safe_links(quoted(lines(url, 60, "\u200b"))),
    "typographic hyphens": lambda url: url.replace("-", "\u2011"),
    "a whole message": lambda url: (
        f"From: Returning officer\nSubject: Please vote\n\nDear Dr Jones,\n\nThe voting link of A12345:\n\n{url}\n\n"
        "Use the link to vote for this practice.\nhttps://board.example.org/how-to-check\n"
    ),
    "the code alone": lambda url: url.partition("#")[2],
    "the code alone, with its #": lambda url: "#" + url.partition("#")[2],
    "the link twice": lambda url: f"{url}\n{url}",
    "a cut link and then the whole": lambda url: f"{url[:-30]}\n{url}",
}

HIDDEN: dict[str, str] = {
    "Mimecast": "https://protect-eu.mimecast.com/s/AbCdCQW1XtpQ2vRuZ7qkl?domain=vote.example.org",
    "Hornetsecurity": "https://atpscan.global.hornetsecurity.com/?d=Xk3-b9Q_w2&f=K3s&i=&k=Zp1&m=9q&n=s1&r=2w&s=4fd&u=httpsvote",
    "Darktrace": "https://eu01.z.antigena.com/l/1GJzQ~8hYk2W_x-9",
    "an address whose end was lost": "https://vote.example.org/vote/a-merger/00A",
    "Safe Links without what stood behind the #": safe_links(quoted("https://vote.example.org/vote/a-merger/00A")),
}
"""Links out of which no code can be read: the page says what to do instead."""
