"""Review checks: each a small file that can be read, tuned and switched off. What they find goes to a supervisor, with the
innocent explanation beside it; nothing is punished or ranked by it.
"""

from tungnha.progress.checks import (
    contact_rate,
    end_of_day,
    impossible_travel,
    one_spot,
    round_figures,
    shared_phone,
    too_fast,
)
from tungnha.progress.checks.shift import Check

CHECKS: dict[str, Check] = {
    one.CHECK.name: one.CHECK
    for one in (
        too_fast,
        one_spot,
        impossible_travel,
        contact_rate,
        end_of_day,
        shared_phone,
        round_figures,
    )
}
"""Every check by its name; a further one is a file and a line here."""
