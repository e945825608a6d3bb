"""The pages on which one officer proposes and another approves, and the activity log."""
