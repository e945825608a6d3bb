"""NHS files to a roll of member practices, with every refusal explained by file and line."""
