"""A role reaches the very unit into which open work goes: two statements of one rule, held equal."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from tungnha.accounts import scope, services
from tungnha.territory import queries
from tungnha.territory.models import Succession, Unit, UnitChange

FIRST = date(2025, 7, 1)
PARTS = st.sampled_from([(1.0,), (0.6, 0.4), (0.5, 0.5), (None, None), (0.3, 0.3, 0.4)])


def make_unit(code, start, end):
    unit = Unit.objects.create(
        code=code, name=code, name_fold=code, kind="ward", path="/", valid_from=start, valid_to=end
    )
    unit.path = f"/{unit.pk}/"
    unit.save()
    return unit


@pytest.mark.django_db
@given(generations=st.lists(PARTS, min_size=1, max_size=3), later=st.integers(0, 2))
def test_a_role_reaches_the_unit_in_which_open_work_goes_on(generations, later):
    with transaction.atomic():
        days = [FIRST + timedelta(days=n) for n in range(len(generations))]
        here = first = make_unit("0", FIRST - timedelta(days=9), days[0])
        for n, (shares, day) in enumerate(zip(generations, days, strict=True)):
            end = days[n + 1] if n + 1 < len(days) else None
            change = UnitChange.objects.create(decided_by=str(n), effective=day)
            heirs = [make_unit(f"{n}.{k}", day, end) for k in range(len(shares))]
            for heir, share in zip(heirs, shares, strict=True):
                Succession.objects.create(change=change, old=here, new=heir, whole=share == 1, share=share)
            here = heirs[0]
        on = FIRST + timedelta(days=later)
        person = services.create_user("huong", "mật khẩu thật dài 9")
        services.grant_role(person, "unit_officer", first, valid_from=FIRST - timedelta(days=9))
        heir = queries.heirs([first], on)[first.pk]
        alive = Unit.objects.filter(queries.existing(on))
        reached = {unit for unit in alive if scope.may(person, "report", unit, on=on)}
        assert reached == ({heir} if heir else set())
        transaction.set_rollback(True)
