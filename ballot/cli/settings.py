"""--config FILE and BALLOT_... in the environment: the same for every command that needs an installation.

Needs neither Flask nor SQLAlchemy: the commands of trustees and of keys run without the server's packages.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ballot.cli.passphrases import Passphrases, add_passphrase_files
from ballot.config import Config, InvalidConfig, load_config
from ballot.environment import InvalidEnvironment, with_secrets


def settings_parser() -> argparse.ArgumentParser:
    """The arguments that each command inherits."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the installation's settings; BALLOT_... in the environment wins"
    )
    add_passphrase_files(parser)
    return parser


def read_settings(options: argparse.Namespace, *, sends: bool = False) -> tuple[Config, Passphrases]:
    """The settings and the sources of passphrases; `sends` is for a command that opens a channel for e-mail.

    Raises InvalidConfig.
    """
    environment = surrounding_environment()
    return load_config(options.config, environment, sends=sends), Passphrases(options.passphrase_file, environment)


def surrounding_environment() -> dict[str, str]:
    """The environment plus the secrets in the files it names; raises InvalidConfig."""
    try:
        return with_secrets(os.environ)
    except InvalidEnvironment as fault:
        raise InvalidConfig(str(fault)) from None


def passphrases_of(options: argparse.Namespace) -> Passphrases:
    """The sources of passphrases for a command without an installation; raises InvalidConfig."""
    return Passphrases(options.passphrase_file, surrounding_environment())
