"""The course that everybody takes before the first walk: lessons, questions, and what was right."""

import random

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tungnha.accounts.models import User
from tungnha.outreach import training
from tungnha.outreach.models import TrainingResult
from tungnha.outreach.queries.training import passed
from tungnha.outreach.services.training import sit


@require_http_methods(["GET", "HEAD", "POST"])
def course(request: HttpRequest) -> HttpResponse:
    """The doorstep course of the person who is signed in. A try is marked at once, with the reason for each answer."""
    person = request.user
    assert isinstance(person, User)
    asked = training.course(training.DOORSTEP)
    if request.method == "POST":
        given = {place: request.POST.get(f"q{place}", "") for place in range(len(asked.questions))}
        sit(person, training.DOORSTEP, given)
        return redirect("training")
    last = TrainingResult.objects.filter(user=person, course=training.DOORSTEP).first()
    questions = []
    for place, question in enumerate(asked.questions):
        answers = [question.right, *question.wrong]
        # Another order for everybody and every try, the same while one reads.
        random.Random(f"{person.pk}/{last.pk if last else 0}/{place}").shuffle(answers)
        questions.append((f"q{place}", question, answers))
    context = {
        "course": asked,
        "questions": questions,
        "last": last,
        "passed": person.pk in passed([person]),
        "mark": round(asked.pass_mark * 100),
    }
    return render(request, "office/fieldwork/training.html", context)
