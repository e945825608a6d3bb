"""What `make soak` is made of: the stage, its disks and databases, the faults, the voters, the post, the reckoning."""
