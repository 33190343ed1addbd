"""A campaign as one readable file: `docs/campaign-file.md`.

The way in: text → `nodes` (YAML with places) → `reading` (structs, every problem found) → `imports` (what would be
different, and making it so). The way out: `exports`. What a file may hold is the table `parts.PARTS`.
"""
