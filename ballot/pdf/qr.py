"""QR codes as SVG, for pages and for PDFs."""

from __future__ import annotations

import io

import segno


def qr_svg(text: str) -> bytes:
    """The QR code of a text as SVG: level M with its quiet zone, black on white, without style or script."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=4, border=4, xmldecl=False, light="#fff")
    return out.getvalue()
