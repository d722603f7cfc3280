"""Work in the background as rows (lease, fencing token, sweeper, progress), and the files that were uploaded."""
