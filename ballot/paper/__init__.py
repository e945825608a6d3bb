"""Every PDF of ballot: A4, tagged for screen readers (PDF/UA-1), in one vendored font.

`document` collects what a paper says and prints it with Typst by `paper.typ`; `characters` knows what the font can
show; `qr` draws QR codes. What a paper says is data to Typst, never markup: no name or clause can become a command.
"""
