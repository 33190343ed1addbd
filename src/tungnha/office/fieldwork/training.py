"""Courses: a person's own, each with its lessons and questions, and who of a unit has passed which."""

import random
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.models import RoleHeld, User
from tungnha.accounts.roles import Role
from tungnha.accounts.scope import Action, reach_of
from tungnha.office import access
from tungnha.office.fieldwork.frame import around
from tungnha.outreach import training
from tungnha.outreach.models import Member, TrainingResult
from tungnha.outreach.queries.training import passes
from tungnha.outreach.services.training import sit

_PAGE = 30


@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """The courses of the person who is signed in: those that their roles ask for, and the others, which they may take."""
    person = request.user
    assert isinstance(person, User)
    every = [training.course(name) for name in training.names()]
    goes = Member.objects.filter(user=person, left=None).exists()
    asked = _asked({arm.role for arm in reach_of(person).arms}, goes=goes)
    held = passes([person], every)
    rows = [(one, held.get((person.pk, one.name))) for one in every]
    context = {
        "mine": [row for row in rows if row[0] in asked],
        "others": [row for row in rows if row[0] not in asked],
    }
    return render(request, "office/fieldwork/courses.html", context)


def _asked(roles: set[str], *, goes: bool) -> list[training.Course]:
    """The courses that roles ask for, and the one for the doorstep of whoever is in a team."""
    asked = training.courses_for(roles)
    doorstep = training.course(training.DOORSTEP)
    return [doorstep, *asked] if goes and doorstep not in asked else asked


@require_http_methods(["GET", "HEAD", "POST"])
def course(request: HttpRequest, name: str) -> HttpResponse:
    """One course. A try is marked at once, with the reason for each answer."""
    person = request.user
    assert isinstance(person, User)
    try:
        asked = training.course(name)
    except training.UnknownCourseError as error:
        raise Http404 from error
    if request.method == "POST":
        given = {place: request.POST.get(f"q{place}", "") for place in range(len(asked.questions))}
        sit(person, name, given)
        return redirect("course", name)
    last = TrainingResult.objects.filter(user=person, course=name).first()
    questions = []
    for place, question in enumerate(asked.questions):
        answers = [question.right, *question.wrong]
        # Another order for everybody and every try, the same while one reads.
        random.Random(f"{person.pk}/{last.pk if last else 0}/{place}").shuffle(answers)
        questions.append((f"q{place}", question, answers))
    context = {
        "course": asked,
        "doorstep": name == training.DOORSTEP,
        "questions": questions,
        "last": last,
        "passed": passes([person], [asked]).get((person.pk, name)),
        "mark": round(asked.pass_mark * 100),
    }
    return render(request, "office/fieldwork/training.html", context)


@require_safe
def unit_training(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Who holds a role in the unit or below it, which courses it asks for, and until when they are passed."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    today = timezone.localdate()
    roles = RoleHeld.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=today), unit__path__startswith=unit.path, valid_from__lte=today
    )
    people = User.objects.filter(pk__in=roles.values("user"), is_active=True).order_by("name_fold", "pk")
    page = Paginator(people, _PAGE).get_page(request.GET.get("trang"))
    context = around(request, unit) | {
        "page": page,
        "rows": _rows(list(page), roles.filter(user__in=list(page))),
    }
    return render(request, "office/fieldwork/unit_training.html", context)


def _rows(people: list[User], roles: Any) -> list[dict[str, Any]]:
    held: dict[int, set[str]] = {}
    for one in roles:
        held.setdefault(one.user_id, set()).add(one.role)
    going = set(Member.objects.filter(user__in=people, left=None).values_list("user", flat=True))
    done = passes(people, [training.course(name) for name in training.names()])
    return [
        {
            "person": person,
            "roles": [role.label for role in Role if role in held[person.pk]],
            "courses": [
                (one, done.get((person.pk, one.name)))
                for one in _asked(held[person.pk], goes=person.pk in going)
            ],
        }
        for person in people
    ]
