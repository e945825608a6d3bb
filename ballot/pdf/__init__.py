"""Every PDF of ballot: A4, tagged for screen readers (PDF/UA-1), in one vendored font.

`document` collects the content of a PDF and typesets it with Typst (`document.typ`). `characters` knows what the font
can show. `qr` draws QR codes. Text is data to Typst, never markup, so no name or clause can become a command.
"""
