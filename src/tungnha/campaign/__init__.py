"""The plan: campaigns, phases, tasks, directives, themes, indicators, targets, approvals, the calendar."""
