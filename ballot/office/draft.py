"""A programme that is being set up is a folder, the same for the pages and for the command line.

    programme.toml  constitutions/<ccg>.toml    what the ballot will be
    roll.csv  lists.csv                         the member practices, as the NHS publishes them or as a simple CSV
    uploaded/roll.csv  uploaded/lists.csv       a roll that was uploaded and not chosen yet
    packs/<file>.pdf                            what the practices vote on
    trustees.json                               parameters.json, from the trustees' ceremony
    mail-test.json                              when an invitation was last sent for a look, and for which practice
    previous/<time>/...                         every file that was replaced, as it was

Files are replaced whole or not at all, and nothing is lost by it. Once prepared, the database holds its own copy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.programme import is_programme_id
from ballot.constitution.toml_tables import Table, read_toml
from ballot.constitution.toml_write import write_toml
from ballot.office.errors import Refusal, Refused
from ballot.roll.read import Source

PROGRAMME, ROLL, LISTS, TRUSTEES, MAIL_TEST = (
    "programme.toml",
    "roll.csv",
    "lists.csv",
    "trustees.json",
    "mail-test.json",
)
UPLOADED, PACKS, CONSTITUTIONS, PREVIOUS = "uploaded", "packs", "constitutions", "previous"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Draft:
    """The folder of a programme, and what may be done with the files in it."""

    folder: Path

    @property
    def id(self) -> str:
        """The programme's id is the folder's name."""
        return self.folder.name

    def path(self, name: str) -> Path:
        """Where a file of the folder is; raises Refused for a name that leads out of it."""
        parts = name.split("/")
        if not all(_NAME.fullmatch(part) for part in parts):
            raise Refused(
                Refusal.FILES_DIFFER, "A file name can have only letters, digits, dots, hyphens and underscores."
            )
        return self.folder.joinpath(*parts)

    def read(self, name: str) -> bytes | None:
        """The file, or None where there is none."""
        path = self.path(name)
        return path.read_bytes() if path.is_file() else None

    def keep(self, name: str, data: bytes, now: datetime) -> None:
        """Put the file in place of the one that is there, which goes to previous/."""
        path = self.path(name)
        if path.is_file() and path.read_bytes() == data:
            return
        self._set_aside(name, now)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, name: str, now: datetime) -> None:
        """Take a file away, to previous/."""
        if self.path(name).is_file():
            self._set_aside(name, now)
            self.path(name).unlink()

    def _set_aside(self, name: str, now: datetime) -> None:
        path = self.path(name)
        if not path.is_file():
            return
        stamp, number = now.strftime("%Y%m%dT%H%M%SZ"), 0
        while (kept := self.folder / PREVIOUS / (stamp if not number else f"{stamp}-{number}") / name).exists():
            number += 1
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, kept)

    def programme(self) -> Table:
        """programme.toml, which may be far from complete; raises InvalidProgramme where it is not TOML."""
        return read_toml(self.read(PROGRAMME) or b"", PROGRAMME, InvalidProgramme)

    def with_values(self, values: Mapping[str, object]) -> bytes:
        """programme.toml with these tables and keys in the place of older ones; None takes one away."""
        merged = {**self.programme().values, **values}
        return write_toml({key: value for key, value in merged.items() if value is not None})

    def change(self, values: Mapping[str, object], now: datetime) -> None:
        """Write the file `with_values`. It is made anew, so comments in it are kept in previous/ only."""
        self.keep(PROGRAMME, self.with_values(values), now)

    def roll_source(self, name: str = ROLL) -> Source | None:
        """A file to read a roll from."""
        data = self.read(name)
        return None if data is None else Source(name, data)


@dataclass(frozen=True, slots=True)
class Trial(Draft):
    """The folder as it would be with another file in it, for looking before writing."""

    name: str
    data: bytes

    def read(self, name: str) -> bytes | None:
        return self.data if name == self.name else super(Trial, self).read(name)


def new_draft(programmes: Path, id: str, name: str, now: datetime) -> Draft:
    """A new folder with nothing but a name; raises Refused if the id is taken, or cannot be one."""
    if not is_programme_id(id):
        raise Refused(
            Refusal.FILES_DIFFER, "An id can have only lower-case letters, digits, and single hyphens between them."
        )
    draft = Draft(programmes / id)
    if draft.folder.exists():
        raise Refused(Refusal.ALREADY_PREPARED, f"There is already a ballot {id}.")
    draft.keep(PROGRAMME, write_toml({"programme": id, "name": name}), now)
    return draft


def open_draft(programmes: Path, id: str) -> Draft:
    """The draft with this id; raises Refused where there is none."""
    if id not in draft_ids(programmes):
        raise Refused(Refusal.NO_SUCH_PROGRAMME, "There is no such programme to set up.")
    return Draft(programmes / id)


def draft_ids(programmes: Path) -> list[str]:
    """Every programme that has a folder."""
    return sorted(path.parent.name for path in programmes.glob(f"*/{PROGRAMME}") if _NAME.fullmatch(path.parent.name))
