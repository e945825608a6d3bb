"""The QR code of a receipt: the address of the board's page that looks for its tracking number. Nothing secret."""

from __future__ import annotations

import io

import segno


def check_address(board: str, path: str) -> str:
    """The whole address of a page of this board; plain http only on the machine itself, as in a demonstration."""
    host = board.partition(":")[0]
    return f"{'http' if host in ('127.0.0.1', 'localhost') else 'https'}://{board}{path}"


def qr_svg(address: str) -> bytes:
    """The code as a picture without style or script."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False, light="#fff")
    return out.getvalue()


def qr_rows(address: str) -> list[list[bool]]:
    """The code as rows of dark and light, without its margin."""
    return [[bool(module) for module in row] for row in segno.make(address, error="m", micro=False).matrix]
