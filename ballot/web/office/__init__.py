"""The office's pages, for whoever is signed in; `session` says who that is."""
