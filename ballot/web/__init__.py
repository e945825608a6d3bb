"""Pages and forms, and the public JSON that the booth and any auditor read.

| room or module | what it does |
|---|---|
| `board/`, `booth/`, `office/`, `trustee/` | pages by reader: the public, practices, the office, trustees |
| `health/`, `webhooks/` | for machines: is the service well; what GOV.UK Notify reports |
| `app` | what the app is made of; `stage` is what its views are given |
| `access` | who may use a route; without a rule the app does not start |
| `errors` | every refusal: a status, one word, one sentence |
| `security`, `limits`, `proxies`, `packing`, `request_id` | headers, limits, addresses, compression, request names |
| `templating`, `assets` | templates and their filters; scripts and styles with their hashes |
| `nouns` | what the programme of a page calls its bodies and members |
| `forms`, `widgets`, `moment_field`, `entries` | forms in the NHS design system |

Views are thin: they hand raw bytes to the office, and its answers back.
"""
