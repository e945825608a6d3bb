"""--config FILE and BALLOT_... in the environment: the same for every command that needs an installation."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ballot.cli.passphrases import Passphrases, add_passphrase_files
from ballot.config import Config, load_config


def settings_parser() -> argparse.ArgumentParser:
    """The arguments, as a parent of each command's own."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the installation's settings; BALLOT_... in the environment wins"
    )
    add_passphrase_files(parser)
    return parser


def read_settings(options: argparse.Namespace) -> tuple[Config, Passphrases]:
    """The settings, and where passphrases are found; raises InvalidConfig."""
    return load_config(options.config, os.environ), Passphrases(options.passphrase_file, os.environ)
