"""The pages of themes: the list, a theme with its wording and who signs it, and how often it reaches whom."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.campaign import occurrences
from tungnha.campaign.models import Campaign, Theme, Wording
from tungnha.campaign.queries import calendar as calendar_reads
from tungnha.campaign.queries import themes as reads
from tungnha.campaign.queries.frequency import Frequency, frequencies
from tungnha.campaign.services import themes as services
from tungnha.campaign.services import wording as wording_services
from tungnha.campaign.signing import Step
from tungnha.office.accounts.gate import person
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.plans import those_who_act
from tungnha.office.campaigns.theme_forms import StepForm, TextForm, ThemeForm
from tungnha.office.forms import accepted
from tungnha.territory.models import Premises

_THEMES = 50
_EVENTS = 50


@require_safe
def themes(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign's themes, and where the wording of each stands."""
    campaign = campaign_seen(request, campaign_id)
    page = Paginator(reads.themes_of(campaign), _THEMES).get_page(request.GET.get("trang"))
    rows = []
    for theme in page:
        versions = list(theme.wordings.all())
        in_force = next((one for one in versions if one.state == Wording.State.PUBLISHED), None)
        under_way = next((one for one in versions if one.state in Wording.UNDER_WAY), None)
        rows.append((theme, in_force, under_way, theme.channels.all()))
    context = around(request, campaign, "themes") | {"page": page, "rows": rows}
    return render(request, "office/campaigns/themes.html", context)


def _bodies(campaign: Campaign) -> dict[str, Any]:
    acting = those_who_act(campaign)
    return {"units": acting["units"], "organisations": acting["organisations"]}


@require_http_methods(["GET", "HEAD", "POST"])
def new_theme(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Add a theme to a campaign."""
    campaign = campaign_planned(request, campaign_id)
    days = {"start": campaign.start, "end": campaign.deadline}
    form = ThemeForm(request.POST or None, initial=days, **_bodies(campaign))
    made: list[Theme] = []
    if request.method == "POST" and accepted(
        form, lambda **given: made.append(services.create_theme(campaign, by=person(request), **given))
    ):
        messages.success(request, _("The theme is kept. Next: its wording."))
        return redirect("theme", made[0].pk)
    context = around(request, campaign, "themes") | {"form": form}
    return render(request, "office/campaigns/theme_form.html", context, status=400 if form.errors else 200)


def _theme(request: HttpRequest, pk: int) -> Theme:
    """A theme of a campaign that the person sees, or Http404."""
    theme = get_object_or_404(Theme.objects.select_related("campaign__unit"), pk=pk)
    campaign_seen(request, theme.campaign_id)
    return theme


@require_http_methods(["GET", "HEAD", "POST"])
def change_theme(request: HttpRequest, theme_id: int) -> HttpResponse:
    """Change a theme's message, audience, days, channels or owners."""
    theme = _theme(request, theme_id)
    campaign_planned(request, theme.campaign_id)
    names = ("name", "message", "start", "end", "reached", "lacks", "premises_kinds")
    kept = {name: getattr(theme, name) for name in names}
    form = ThemeForm(request.POST or None, initial=kept, theme=theme, **_bodies(theme.campaign))
    if request.method == "POST" and accepted(form, services.change_theme, theme=theme, by=person(request)):
        return redirect("theme", theme.pk)
    context = around(request, theme.campaign, "themes") | {"form": form, "theme": theme}
    return render(request, "office/campaigns/theme_form.html", context, status=400 if form.errors else 200)


@require_safe
def theme_page(request: HttpRequest, theme_id: int) -> HttpResponse:
    """One theme, for everybody who sees its campaign."""
    return _page(request, _theme(request, theme_id))


def _page(request: HttpRequest, theme: Theme, refused: StepForm | None = None) -> HttpResponse:
    """The theme's page; above its wording, why a step was refused."""
    user = person(request)
    owners = list(theme.owners.select_related("unit", "organisation__unit"))
    versions = list(theme.wordings.prefetch_related("texts"))
    current = [one for one in versions if one.state in (*Wording.UNDER_WAY, Wording.State.PUBLISHED)]
    shown = []
    for one in current:
        steps = [
            (due, StepForm(step=due.step, initial={"seen": one.revision}) if due.mine else None)
            for due in reads.open_steps(one, owners, user)
        ]
        signed = [(owner, place < one.signed) for place, owner in enumerate(owners)]
        shown.append((one, steps, signed if one.state in Wording.UNDER_WAY else []))
    context = around(request, theme.campaign, "themes")
    events = theme.events.select_related("by", "wording").order_by("-at", "-pk")
    context |= {
        "theme": theme,
        "owners": owners,
        "shown": shown,
        "refused": refused,
        "under_way": any(one.state in Wording.UNDER_WAY for one in current),
        "earlier": [one for one in versions if one not in current],
        "may_write": reads.may_write(user, theme, owners),
        "premises": [Premises.Kind(kind).label for kind in theme.premises_kinds],
        "frequencies": _frequencies(request, theme),
        "events": Paginator(events, _EVENTS).get_page(request.GET.get("trang")),
    }
    return render(request, "office/campaigns/theme.html", context, status=400 if refused else 200)


def _frequencies(request: HttpRequest, theme: Theme) -> list[Frequency]:
    """Its channels against the calendar, over the units that the person sees."""
    goals = list(theme.channels.all())
    if not goals:
        return []
    touches = calendar_reads.touches_seen_by(request.user).filter(theme=theme)
    zone = ZoneInfo(theme.campaign.time_zone)
    planned = occurrences.expand(calendar_reads.with_all(touches), theme.start, theme.end, zone)
    return frequencies(
        theme,
        goals,
        list(calendar_reads.lowest(calendar_reads.units_seen(theme.campaign, request.user))),
        planned,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def write_wording(request: HttpRequest, theme_id: int) -> HttpResponse:
    """Write the draft's text in a language (`ngon-ngu`) for a channel (`kenh`); a new version begins where none is under way."""
    theme = _theme(request, theme_id)
    if not reads.may_write(
        request.user, theme, list(theme.owners.select_related("unit", "organisation__unit"))
    ):
        raise Http404
    draft = theme.wordings.filter(state__in=Wording.UNDER_WAY).first()
    source = draft or theme.wordings.filter(state=Wording.State.PUBLISHED).first()
    language = request.GET.get("ngon-ngu", theme.campaign.language)
    channel = request.GET.get("kenh", "")
    text = source.texts.filter(language=language, channel=channel).first() if source else None
    initial = {"language": language, "channel": channel, "text": text.text if text else ""}
    form = TextForm(request.POST or None, initial=initial | {"seen": draft.revision if draft else 0})
    if request.method == "POST" and accepted(
        form, wording_services.write_text, theme=theme, by=person(request)
    ):
        messages.success(request, _("The draft is kept."))
        return redirect("theme", theme.pk)
    context = around(request, theme.campaign, "themes") | {"form": form, "theme": theme, "draft": draft}
    return render(request, "office/campaigns/wording_form.html", context, status=400 if form.errors else 200)


@require_POST
def take_step(request: HttpRequest, wording_id: int) -> HttpResponse:
    """Take a wording one step on, for whoever signs for one of its owners."""
    wording = get_object_or_404(Wording.objects.select_related("theme__campaign__unit"), pk=wording_id)
    theme = wording.theme
    campaign_seen(request, theme.campaign_id)
    owners = theme.owners.select_related("unit", "organisation__unit")
    step = request.POST.get("step", "")
    if step not in list(Step) or not any(may(request.user, Action.SIGN, one.signs_in) for one in owners):
        raise Http404
    form = StepForm(request.POST, step=Step(step))
    if accepted(form, wording_services.take_step, wording=wording, step=Step(step), by=person(request)):
        messages.success(request, _("Recorded: %(state)s.") % {"state": wording.get_state_display()})
        return redirect("theme", theme.pk)
    return _page(request, theme, form)
