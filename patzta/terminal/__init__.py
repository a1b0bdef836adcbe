"""What a job's output looks like on a terminal, and how Discord can show that."""
