"""Pages and forms, and the public JSON that the booth and any auditor read.

`app.create_app` is a list of what the app is made of; `access` makes the start fail if a route has no rule;
`office.session` says who is signed in, and holds every request to its rule; `errors` gives every refusal one word and
one sentence; `security` sets the headers. Views are thin: they hand raw bytes to the office and its answers back.
"""
