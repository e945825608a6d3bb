"""Read TOML and JSON from outside strictly: every key is asked for by name, and every refusal has a file and a line."""
