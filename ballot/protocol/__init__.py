"""The Belenios voting protocol, as released in 3.3.0."""
