"""Every read of outreach worth a name, a file for each subject."""
