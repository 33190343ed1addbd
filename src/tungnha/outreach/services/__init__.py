"""Every write of outreach, a file for each subject."""
