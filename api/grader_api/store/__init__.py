"""What is kept: grades, banks, keys, answers to repeated requests, and a log of all that was done."""
