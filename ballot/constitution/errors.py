"""What this room refuses: constitutions, programmes and counts."""

from __future__ import annotations

from ballot.strict.errors import FileError


class ConstitutionError(FileError):
    """Something in a file, or in a set of counts, that cannot be accepted."""


class UnreadableFile(ConstitutionError):
    """The file is not there, or may not be read."""


class InvalidRule(ConstitutionError):
    """The file does not exist or cannot be read."""


class InvalidProgramme(ConstitutionError):
    """A programme file, or its [outcome], is not one."""


class InvalidCounts(ConstitutionError):
    """The counts are not counts of one vote."""


class InvalidOutcomes(ConstitutionError):
    """The CCGs' outcomes are not those the programme asks for."""


class CountsDoNotFit(ConstitutionError):
    """The rule needs a measure that was not counted. File and line are those of the rule."""
