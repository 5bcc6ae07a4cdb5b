"""The page of API keys: make one, see which there are, revoke one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from yike.web.accounts.keys import ApiKey, scopes
from yike.web.accounts.models import Person
from yike.web.accounts.rights import grants_of, may, need, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.journal.verbs import Deed
from yike.web.open.actions import deed_on, key_make, key_revoke
from yike.web.open.tables import rules


class KeyForm(forms.Form):
    """What a key is for, what it may, where, and until when."""

    name = forms.CharField(label=_("用途"), max_length=60)
    area = forms.ModelChoiceField(label=_("区域"), queryset=Area.objects.none(), to_field_name="code")
    scopes = forms.MultipleChoiceField(label=_("权限范围"), widget=forms.CheckboxSelectMultiple)
    until = forms.DateField(label=_("最后有效日"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lang = "en" if (get_language() or "").startswith("en") else "zh"
        self.fields["area"].queryset = _areas_for(person)  # type: ignore[attr-defined]
        self.fields["scopes"].choices = [(each.name, getattr(each, lang)) for each in scopes().values()]  # type: ignore[attr-defined]
        last = timezone.localdate() + timedelta(days=rules()["key_days_most"])
        self.fields["until"].widget.attrs |= {"min": timezone.localdate().isoformat(), "max": last.isoformat()}


def _areas_for(person: Person) -> QuerySet[Area]:
    """Return the areas a key may be for: those of the person's grants, and counties and streets below them."""
    below = Q(path__in={path for _, path in grants_of(person)})
    for path in reach_of(person, "open.key_make"):
        below |= Q(path__startswith=path, level__in=("county", "street"))
    return Area.objects.filter(below).order_by("path")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Show the keys that a person may see, and make a new one; its word is on this page once and never again."""
    person = need(request, "open.see_keys")
    form, word = KeyForm(person, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            _key, word = key_make(
                Deed(person, asked["area"], owner_id=person.pk), asked["name"], asked["scopes"], asked["until"]
            )
            form = KeyForm(person)
        except ValidationError as faults:
            for field, words in faults.message_dict.items():
                form.add_error(field, words)
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "open/keys.html", {"form": form, "word": word, "keys": _shown(person)}, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one key."""
    person = need(request, "open.see_keys")
    key = get_object_or_404(_visible(person), pk=pk)
    key_revoke(deed_on(person, key), key)
    return redirect("keys")


def _visible(person: Person) -> Any:
    seen = ApiKey.objects.filter(Q(person=person) | within_reach(person, "open.see_keys"))
    return seen.select_related("person", "area").distinct()


def _shown(person: Person) -> list[dict[str, Any]]:
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    return [
        {
            "key": key,
            "scopes": [getattr(scopes()[each], lang) for each in key.scopes if each in scopes()],
            "may_revoke": key.revoked_at is None and may(person, "open.key_revoke", key.area, key.person_id),
        }
        for key in _visible(person)
    ]
