"""The pages of a unit's field work: what was done, who goes out, and what a supervisor should look at."""
