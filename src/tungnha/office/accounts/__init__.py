"""The pages of people: signing in, one's own page, people and roles, the audit trail."""
