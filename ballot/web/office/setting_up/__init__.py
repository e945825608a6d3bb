"""The pages on which a ballot is set up: they read and write the files of its folder, and nothing else."""
