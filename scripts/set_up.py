"""Install the locked packages into the virtual environment of this Python; `make setup` calls it.

uv takes a third of pip's time, and installs only wheels, so that no package's code runs. It is in the lock itself. If
there is no uv for the machine, no wheel of a package, or no connection for uv, pip is used instead. Both check every
file against its hash in the lock.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
UV = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable, "--no-deps")
HASHED = ("--require-hashes", "-r")
WHEELS = ("--only-binary", ":all:")


def locked(name: str) -> str:
    """The lines of one package in the lock."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)+.*\n", LOCK.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{LOCK.name} does not lock {name}")
    return found[0]


def install_first(name: str, *options: str) -> str:
    """Install one locked package by pip, which every virtual environment has; return the error if it fails."""
    with TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(locked(name), "utf-8")
        return attempt([*PIP, *options, *HASHED, str(wanted)])


def attempt(command: list[str]) -> str:
    """Run it; return the last line of its error output if it failed, otherwise an empty string."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return (done.stdout.strip() or "no word why").splitlines()[-1].strip() if done.returncode else ""


def main() -> int:
    """Install the locked packages, then ballot from this folder. pip's own errors are shown in full, and end it."""
    if sys.prefix == sys.base_prefix:
        raise SystemExit("This installs into a virtual environment: run `make setup`.")
    problem = install_first("uv", *WHEELS) or attempt([*UV, *WHEELS, *HASHED, str(LOCK)])
    if problem:
        print(f"uv cannot install here, so pip does, more slowly ({problem})", flush=True)
        subprocess.run([*PIP, *HASHED, str(LOCK)], check=True)
    subprocess.run([*PIP, "--no-build-isolation", "--editable", str(ROOT)], check=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
