"""Pages and forms, and the public JSON that the booth and any auditor read.

`app` lists what the app is made of. `access` stops the start if a route has no rule. `errors` gives every refusal one
word and one sentence; `security` sets the headers. The pages are in rooms by reader: board, booth, office, trustee.
Views are thin: they hand raw bytes to the office and its answers back.
"""
