"""Read TOML and JSON from outside strictly: every key is asked for by name, and every refusal has a file and a line.

| module | what it does |
|---|---|
| `toml_tables`, `toml_lines` | a TOML file as tables that hand out only what is asked for; the line of each key |
| `json_lines` | JSON objects with the line of each key |
| `toml_write` | write a TOML file as a person would |
| `fraction` | fractions and percentages, exactly |
| `hints` | what to write instead, for common mistakes |
| `private` | files that only their owner may read |
| `email_syntax` | the patterns of e-mail addresses |
| `printable` | text from outside, made safe for a terminal |
| `errors` | a refusal: file, line, sentence; similar words |
"""
