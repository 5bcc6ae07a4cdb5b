"""What is done to people and their rights. Nobody gives what they do not have below them, and nobody acts on themselves."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yike.web.accounts import sittings
from yike.web.accounts.deeds import Deed, Refused, verb
from yike.web.accounts.limits import limit
from yike.web.accounts.models import Grant, Invitation, Person
from yike.web.accounts.passwords import put_password
from yike.web.accounts.phones import print_of
from yike.web.accounts.rights import forget_grants
from yike.web.accounts.roles import fits, may_give, roles
from yike.web.areas.models import Area, City

KIND = "accounts.person"


def deed_on(by: Person | None, person: Person, area: Area | None) -> Deed:
    """Return the deed of an act on a person, in the area of the grant it is about."""
    return Deed(by, area, KIND, person.get_username())


def deed_of(person: Person) -> Deed:
    """Return the deed of an act of a resident or merchant on their own account."""
    return Deed(person, person.city.root if person.city else None, KIND, person.get_username(), person.pk)


@verb("accounts.invite")
def invite(
    deed: Deed, username: str, name: str, role: str, office: str = "", until: date | None = None
) -> tuple[Person, str]:
    """Make an account of staff with one role in the deed's area; return it and the secret of its one-time link."""
    area = _area(deed)
    _must_give(deed, role, area, office)
    person = Person(username=username, name=name, is_staff=True, city=area.city, password=make_password(None))
    person.save()
    Grant.objects.create(person=person, role=role, area=area, office=office, until=until)
    deed.kind, deed.record = KIND, username
    deed.change = _changed(role=("", role), office=("", office), until=("", str(until or "")))
    return person, _link(person)


@verb("accounts.grant")
def grant(deed: Deed, person: Person, role: str, office: str = "", until: date | None = None) -> Grant:
    """Give a staff person a role in the deed's area; one they hold there already gets the new office and date."""
    area = _area(deed)
    _not_oneself(deed, person)
    _must_give(deed, role, area, office)
    if not person.is_staff or not person.is_active or person.city_id != area.city_id:
        raise Refused("accounts.grant")
    held = Grant.objects.select_for_update().filter(person=person, role=role, area=area).first()
    before = (held.office, str(held.until or "")) if held else ("", "")
    made, _new = Grant.objects.update_or_create(
        person=person, role=role, area=area, defaults={"office": office, "until": until}
    )
    forget_grants(person)
    deed.change = _changed(
        role=(role if held else "", role), office=(before[0], office), until=(before[1], str(until or ""))
    )
    return made


@verb("accounts.revoke")
def revoke(deed: Deed, held: Grant) -> None:
    """Take a role back; the deed's area is that of the grant."""
    _not_oneself(deed, held.person)
    if _area(deed).pk != held.area_id:
        raise Refused("accounts.revoke")
    _must_give(deed, held.role, held.area)
    deed.change = _changed(role=(held.role, ""), office=(held.office, ""))
    held.delete()


@verb("accounts.disable")
def disable(deed: Deed, person: Person) -> None:
    """Stop an account: no login, no right, every login of it ended."""
    _must_rule(deed, person)
    person.is_active = False
    person.save(update_fields=("is_active",))
    sittings.end_all(person)
    deed.change = {"active": [True, False]}


@verb("accounts.restore")
def restore(deed: Deed, person: Person) -> None:
    """Let a stopped account log in again."""
    _must_rule(deed, person)
    person.is_active = True
    person.save(update_fields=("is_active",))
    deed.change = {"active": [False, True]}


@verb("accounts.reset_password")
def reset_password(deed: Deed, person: Person) -> str:
    """End a person's password and logins; return the secret of a new one-time link."""
    _must_rule(deed, person)
    person.set_unusable_password()
    person.save(update_fields=("password",))
    person.invitations.filter(used_at=None).delete()
    sittings.end_all(person)
    return _link(person)


@verb("accounts.reset_factor")
def reset_factor(deed: Deed, person: Person) -> None:
    """Take a lost second factor away; at the next login the person is led to set up a new one."""
    _must_rule(deed, person)
    Authenticator.objects.filter(user=person).delete()
    sittings.end_all(person)


@verb("accounts.accept_invitation")
def accept_invitation(deed: Deed, link: str, password: str) -> Person:
    """Set an invited person's first password by the secret of the link, once; the rules of passwords were asked before."""
    held = invitation_of(link)
    found = Invitation.objects.select_for_update().filter(pk=held.pk, used_at=None).first() if held else None
    if found is None:
        raise ValidationError(_("这个链接已用过或已过期，请让管理员重发。"), "link")
    found.used_at = timezone.now()
    found.save(update_fields=("used_at",))
    put_password(found.person, password)
    deed.by, deed.kind, deed.record = found.person, KIND, found.person.get_username()
    return found.person


def invitation_of(link: str) -> Invitation | None:
    """Return the invitation that a link's secret opens today, None if it was used, is too old or never was."""
    good = Invitation.objects.filter(link_print=print_of(link, "link"), used_at=None, until__gt=timezone.now())
    return good.select_related("person").filter(person__is_active=True).first()


@verb("accounts.enrol")
def enrol(deed: Deed, city: City, phone_cipher: bytes, phone_print: str) -> Person:
    """Make a resident in a city of who has just proved a phone number; an account with that phone is only joined to the city."""
    person = Person.objects.filter(phone_print=phone_print).first() or _phone_person(city, phone_cipher, phone_print)
    if not person.is_active:
        raise Refused("accounts.enrol")
    _made, new = Grant.objects.get_or_create(person=person, role="resident", area=city.root)
    forget_grants(person)
    deed.by, deed.kind, deed.record, deed.area = person, KIND, person.get_username(), city.root
    deed.change = {"role": ["" if new else "resident", "resident"]}
    return person


def _phone_person(city: City, phone_cipher: bytes, phone_print: str) -> Person:
    person = Person(
        username=f"r{secrets.token_hex(8)}", password=make_password(None), city=city,
        phone_cipher=bytes(phone_cipher), phone_print=phone_print,
    )  # fmt: skip
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # the same phone at the same moment elsewhere
        return Person.objects.get(phone_print=phone_print)
    return person


@verb("accounts.become_merchant")
def become_merchant(deed: Deed, city: City) -> None:
    """Give a person logged in by phone the role of merchant in a city: when they register or claim an outlet."""
    person = _oneself(deed)
    _made, new = Grant.objects.get_or_create(person=person, role="merchant", area=city.root)
    forget_grants(person)
    deed.change = {"role": ["" if new else "merchant", "merchant"]}


@verb("accounts.leave")
def leave(deed: Deed) -> None:
    """Close one's own account: the phone is erased, the roles end; what the journal says stays, it names no phone."""
    person = _oneself(deed)
    person.phone_cipher, person.phone_print, person.name, person.is_active = b"", "", "", False
    person.save(update_fields=("phone_cipher", "phone_print", "name", "is_active"))
    person.grants.all().delete()
    sittings.end_all(person)
    deed.change = {"active": [True, False]}


def _area(deed: Deed) -> Area:
    if deed.area is None:
        raise Refused("area")
    return deed.area


def _oneself(deed: Deed) -> Person:
    if deed.by is None or deed.owner_id != deed.by.pk or deed.by.is_staff:
        raise Refused("oneself")
    return deed.by


def _not_oneself(deed: Deed, person: Person) -> None:
    if deed.by is not None and deed.by.pk == person.pk:
        raise Refused("oneself")


def _must_give(deed: Deed, role: str, area: Area, office: Any = None) -> None:
    """Refuse a role above one's own, outside one's own tree, at a level where it is not held, or one that is not of staff."""
    known = roles().get(role)
    if known is None or not known.staff or (office is not None and not fits(role, area, office, area.city)):
        raise Refused(role)
    if deed.through != "console" and (deed.by is None or not may_give(deed.by, role, area)):
        raise Refused(role)


def _must_rule(deed: Deed, person: Person) -> None:
    """Refuse an act on a person who is not of staff, is oneself, or holds any role that one could not take back.

    The deed's area must be that of one of their roles; of somebody without roles, the city.
    """
    _not_oneself(deed, person)
    held = list(person.grants.select_related("area"))
    theirs = [each.area for each in held] or ([person.city.root] if person.city else [])
    if not person.is_staff or deed.record != person.get_username() or deed.area not in theirs:
        raise Refused(deed.record)
    for each in held:
        _must_give(deed, each.role, each.area)


def _changed(**fields: tuple[str, str]) -> dict[str, list[str]]:
    """Return what the journal says of fields that have something to say."""
    return {name: list(both) for name, both in fields.items() if any(both)}


def _link(person: Person) -> str:
    """Return the secret of a new one-time link; only its fingerprint is kept."""
    link = secrets.token_urlsafe(32)
    until = timezone.now() + timedelta(hours=limit("invitation_hours"))
    Invitation.objects.create(person=person, link_print=print_of(link, "link"), until=until)
    return link
