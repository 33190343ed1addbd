"""The table in the docs and the one in the code are one table."""

from pathlib import Path

from tungnha.accounts.roles import RULES, Action, Role, needs_second_factor

DOCS = Path(__file__).parents[4] / "docs" / "roles.md"


def cells(line):
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def test_the_documented_table_is_the_one_in_force():
    lines = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    heading, _rule, *rows = (cells(line) for line in lines[: 2 + len(Role)])
    assert heading == ["role", *Action, "given by", "second step"]
    assert [row[0] for row in rows] == list(Role)
    for role, *marks, given_by, second_step in rows:
        rule = RULES[Role(role)]
        assert marks == ["yes" if action in rule.actions else "" for action in Action], role
        assert given_by == rule.given_by, role
        assert second_step == ("yes" if needs_second_factor(role) else ""), role


def test_every_role_has_a_rule():
    assert set(RULES) == set(Role)
