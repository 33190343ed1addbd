"""The pages of a campaign: its frame, and a module of pages for each of its tabs."""
