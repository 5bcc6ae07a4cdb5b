"""Acts on people: who may give what to whom, and the pages of it."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.timezone import localdate

from web.cast import person, tree
from yike.web.accounts import actions
from yike.web.accounts.actions import KIND, deed_of, deed_on
from yike.web.accounts.deeds import Deed, at_console
from yike.web.accounts.factors import has_factor
from yike.web.accounts.models import Grant, Person, Sitting
from yike.web.accounts.rights import ROLES, LoginNeeded, may, need, person_of, roles_at
from yike.web.accounts.roles import roles
from yike.web.journal.models import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas():
    return tree()


@pytest.fixture
def city(areas):
    return areas["city"].city


def staff(role=None, area=None, city=None, **more):
    """Somebody of staff as an invitation makes them."""
    return person(role, area, is_staff=True, city=area.city if area else city, **more)


BESIDE = {
    "county": {"street": "c2s1", "community": "c2s1a"},
    "street": {"community": "c1s2a"},
}  # not in the giver's tree
LEVELS = {"city": "city", "county": "c1", "street": "c1s1", "community": "c1s1a"}


def give(by, to, role, area, office=None):
    office = ("commerce" if role == "department_officer" else "") if office is None else office
    return actions.grant(deed_on(by, to, area), to, role, office)


# --- who gives what ---


def test_every_role_gives_only_what_is_below_it_and_only_in_its_tree(areas, city):
    """All pairs of roles, in the giver's own tree and beside it: what passes is exactly the table's column "grants"."""
    passed, expected = set(), set()
    for giver, role in product(ROLES, ROLES):
        level = roles()[giver].levels[0]
        by, to = person(giver, areas[LEVELS[level]]), staff(city=city)
        at = roles()[role].levels[-1] if roles()[role].levels[0] != "city" else "city"
        try:
            give(by, to, role, areas[LEVELS[at]])
            passed.add((giver, role))
        except PermissionDenied:
            assert not to.grants.exists()
        if role in roles()[giver].grants:
            expected.add((giver, role))
            if level in BESIDE:
                with pytest.raises(PermissionDenied):
                    give(by, staff(city=city), role, areas[BESIDE[level][at]])
    assert passed == expected
    assert ("city_planner", "operator") not in passed and ("county_officer", "city_planner") not in passed
    assert not any(giver in ("auditor", "reviewer", "merchant", "resident", "community_worker") for giver, _ in passed)


def test_nobody_gives_or_takes_their_own_role(areas):
    operator = staff("operator", areas["city"])
    with pytest.raises(PermissionDenied):
        give(operator, operator, "city_planner", areas["city"])
    held = operator.grants.get()
    with pytest.raises(PermissionDenied):
        actions.revoke(deed_on(operator, operator, held.area), held)
    for act in (actions.disable, actions.reset_factor, actions.reset_password):
        with pytest.raises(PermissionDenied):
            act(deed_on(operator, operator, areas["city"]), operator)


def test_a_role_is_held_at_its_level_only(areas, city):
    operator = staff("operator", areas["city"])
    for role, at in [
        ("county_officer", "city"),
        ("county_officer", "c1s1"),
        ("community_worker", "c1"),
        ("operator", "c1"),
    ]:
        with pytest.raises(PermissionDenied):
            give(operator, staff(city=city), role, areas[at])


def test_a_department_officer_has_an_office_and_nobody_else_has(areas, city):
    operator = staff("operator", areas["city"])
    with pytest.raises(PermissionDenied):
        give(operator, staff(city=city), "department_officer", areas["city"], office="")
    with pytest.raises(PermissionDenied):
        give(operator, staff(city=city), "reviewer", areas["city"], office="commerce")
    city.slug = "jincheng-demo"
    city.save()
    operator, area = Person.objects.get(pk=operator.pk), type(areas["city"]).objects.get(pk=areas["city"].pk)
    with pytest.raises(PermissionDenied):
        give(operator, staff(city=city), "department_officer", area, office="not one of the fifteen")
    assert give(operator, staff(city=city), "department_officer", area, office="commerce").office == "commerce"


def test_a_role_of_staff_goes_to_staff_of_the_same_city_only(areas, city):
    operator = staff("operator", areas["city"])
    there = tree("other", "98")
    for other in (person(), staff(city=there["city"].city), staff(city=city, is_active=False)):
        with pytest.raises(PermissionDenied):
            give(operator, other, "auditor", areas["city"])


def test_a_grant_of_another_city_reaches_nothing_here(areas, city):
    there = tree("other", "98")
    operator = staff("operator", there["city"])
    with pytest.raises(PermissionDenied):
        give(operator, staff(city=city), "auditor", areas["city"])


def test_the_deed_cannot_name_another_area_than_the_grant(areas):
    """A county officer cannot take a role of the other county by a deed made up for their own."""
    officer, worker = staff("county_officer", areas["c1"]), staff("community_worker", areas["c2s1a"])
    held = worker.grants.get()
    with pytest.raises(PermissionDenied):
        actions.revoke(deed_on(officer, worker, areas["c1"]), held)
    for act in (actions.disable, actions.reset_password, actions.reset_factor, actions.restore):
        with pytest.raises(PermissionDenied):
            act(deed_on(officer, worker, areas["c1"]), worker)
    nobody = staff(city=areas["city"].city)
    with pytest.raises(PermissionDenied):
        actions.disable(deed_on(officer, nobody, areas["c1"]), nobody)
    assert Grant.objects.filter(pk=held.pk).exists() and Person.objects.get(pk=worker.pk).is_active


def test_who_holds_a_higher_role_anywhere_is_ruled_from_above(areas):
    """A county officer may not stop a worker of theirs who is also a city planner."""
    officer = staff("county_officer", areas["c1"])
    both = staff("community_worker", areas["c1s1a"])
    Grant.objects.create(person=both, role="city_planner", area=areas["city"])
    with pytest.raises(PermissionDenied):
        actions.disable(deed_on(officer, both, areas["c1s1a"]), both)
    operator = staff("operator", areas["city"])
    actions.disable(deed_on(operator, both, areas["city"]), both)
    assert not Person.objects.get(pk=both.pk).is_active


def test_a_grant_given_again_gets_the_new_date_and_no_second_row(areas, city):
    operator, to = staff("operator", areas["city"]), staff(city=city)
    give(operator, to, "auditor", areas["city"])
    until = localdate() + timedelta(days=3)
    actions.grant(deed_on(operator, to, areas["city"]), to, "auditor", "", until)
    assert to.grants.get().until == until
    assert Line.objects.filter(verb="accounts.grant").last().change["until"] == ["", str(until)]


def test_a_right_begins_and_ends_with_its_grant(areas, city):
    operator, to = staff("operator", areas["city"]), staff(city=city)
    assert not may(to, "journal.see", areas["c1"])
    held = give(operator, to, "auditor", areas["city"])
    assert may(to, "journal.see", areas["c1"])
    actions.revoke(deed_on(operator, to, areas["city"]), held)
    assert not may(Person.objects.get(pk=to.pk), "journal.see", areas["c1"])


# --- accounts ---


def test_a_stopped_account_is_out_at_once_and_comes_back(areas, client):
    operator, worker = staff("operator", areas["city"]), staff("county_officer", areas["c1"])
    client.force_login(worker)
    assert client.get("/desk/people/").status_code == 200
    actions.disable(deed_on(operator, worker, areas["c1"]), worker)
    assert client.get("/desk/people/").url.startswith("/accounts/login/")
    assert not Sitting.objects.filter(person=worker).exists()
    assert not may(Person.objects.get(pk=worker.pk), "accounts.see_people", areas["c1"])
    actions.restore(deed_on(operator, worker, areas["c1"]), worker)
    client.force_login(Person.objects.get(pk=worker.pk))
    assert client.get("/desk/people/").status_code == 200


def test_a_lost_factor_is_reset_and_every_login_ended(areas, client):
    operator, worker = staff("operator", areas["city"]), staff("county_officer", areas["c1"])
    client.force_login(worker)
    actions.reset_factor(deed_on(operator, worker, areas["c1"]), worker)
    assert not has_factor(worker) and client.get("/desk/people/").url.startswith("/accounts/login/")


def test_a_new_link_ends_the_old_password_and_the_old_link(areas):
    operator = staff("operator", areas["city"])
    worker, old = actions.invite(Deed(operator, areas["c1"], KIND, "li"), "li", "李", "county_officer")
    new = actions.reset_password(deed_on(operator, worker, areas["c1"]), worker)
    assert actions.invitation_of(old) is None and actions.invitation_of(new).person == worker
    assert not Person.objects.get(pk=worker.pk).has_usable_password()


def test_no_act_of_staff_reaches_a_resident(areas, city):
    operator = staff("operator", areas["city"])
    resident = person("resident", areas["city"], city=city, phone_print="x")
    for act in (actions.disable, actions.reset_password):
        with pytest.raises(PermissionDenied):
            act(deed_on(operator, resident, areas["city"]), resident)


def test_a_resident_becomes_a_merchant_for_themselves_only(areas, city):
    one, two = (person("resident", areas["city"], city=city) for _ in range(2))
    with pytest.raises(PermissionDenied):
        actions.become_merchant(Deed(one, areas["city"], KIND, two.username, two.pk), city)
    assert not may(one, "outlets.edit", areas["c1"], one.pk)
    actions.become_merchant(deed_of(one), city)
    assert set(one.grants.values_list("role", flat=True)) == {"resident", "merchant"}
    assert may(one, "outlets.edit", areas["c1"], one.pk) and not may(one, "outlets.edit", areas["c1"], two.pk)
    actions.become_merchant(deed_of(one), city)
    assert one.grants.count() == 2


def test_the_console_makes_the_first_operator(areas, capsys):
    from django.core.management import CommandError, call_command

    call_command("invite", "drawn", "operator", "root1")
    path = capsys.readouterr().out.strip()
    assert path.startswith("/accounts/invitation/") and Client().get(path).status_code == 200
    line = Line.objects.get()
    assert line.person is None and line.roles == "console" and line.verb == "accounts.invite"
    with pytest.raises(CommandError):
        call_command("invite", "drawn", "operator", "root1")
    with pytest.raises(CommandError):
        call_command("invite", "drawn", "county_officer", "root2")  # not at the level of the city


def test_the_console_keeps_the_rules_of_roles(areas):
    with pytest.raises(PermissionDenied):
        at_console(actions.invite, Deed(None, areas["city"]), "x1", "", "merchant")


# --- helpers of pages ---


def test_who_asks_and_what_they_need(areas, rf):
    from django.contrib.auth.models import AnonymousUser

    planner, request = person("city_planner", areas["city"]), rf.get("/x")
    request.user = AnonymousUser()
    assert person_of(request) is None
    with pytest.raises(LoginNeeded):
        need(request, "accounts.see_people", areas["c1"])
    request.user = planner
    assert (
        need(request, "accounts.see_people", areas["c1"]) == planner and need(request, "accounts.see_people") == planner
    )
    with pytest.raises(PermissionDenied):
        need(request, "accounts.become_merchant", areas["c1"])
    planner.is_active = False
    assert person_of(request) is None


def test_the_role_one_acts_in_is_the_nearest(areas):
    someone = person("city_planner", areas["city"])
    Grant.objects.create(person=someone, role="community_worker", area=areas["c1s1a"])
    assert roles_at(someone, areas["c1s1a"]) == "community_worker"
    assert roles_at(someone, areas["c2"]) == "city_planner"
    assert roles_at(person(), areas["c2"]) == "" and roles_at(None, areas["c2"]) == ""


# --- pages ---


def test_the_list_holds_ones_own_tree(areas, client):
    officer = staff("county_officer", areas["c1"], name="县官")
    staff("community_worker", areas["c1s1a"], name="本县社工")
    staff("community_worker", areas["c2s1a"], name="邻县社工")
    staff("city_planner", areas["city"], name="市规划")
    staff(city=areas["city"].city, name="没有角色")
    client.force_login(officer)
    page = client.get("/desk/people/").content.decode()
    assert "本县社工" in page and "县官" in page
    assert not any(name in page for name in ("邻县社工", "市规划", "没有角色"))
    client.force_login(staff("operator", areas["city"]))
    assert all(
        n in client.get("/desk/people/").content.decode() for n in ("本县社工", "邻县社工", "市规划", "没有角色")
    )
    found = client.get("/desk/people/?q=邻县&role=community_worker").content.decode()
    assert "邻县社工" in found and "本县社工" not in found
    assert "没有符合" in client.get("/desk/people/?q=zzz").content.decode()


def test_a_person_outside_ones_tree_is_not_there(areas, client):
    other = staff("community_worker", areas["c2s1a"])
    client.force_login(staff("county_officer", areas["c1"]))
    assert client.get(f"/desk/people/{other.username}/").status_code == 404
    assert client.post(f"/desk/people/{other.username}/disable/").status_code == 404
    assert client.post(f"/desk/people/{other.username}/roles/{other.grants.get().pk}/revoke/").status_code == 404
    assert Person.objects.get(pk=other.pk).is_active and other.grants.exists()


def test_a_role_elsewhere_is_not_shown(areas, client):
    both = staff("community_worker", areas["c1s1a"])
    Grant.objects.create(person=both, role="community_worker", area=areas["c2s1a"])
    client.force_login(staff("county_officer", areas["c1"]))
    page = client.get(f"/desk/people/{both.username}/").content.decode()
    assert "11a社区" in page and "21a社区" not in page and "管辖之外" in page
    assert "/disable/" not in page and client.post(f"/desk/people/{both.username}/disable/").status_code == 403


def test_inviting_shows_the_link_once_and_gives_the_role(areas, client):
    client.force_login(staff("county_officer", areas["c1"]))
    form = client.get("/desk/people/invite/").content.decode()
    offered = re.findall(r'<option value="(\w+)"', form)
    assert set(offered) >= {"street_officer", "community_worker"} and "city_planner" not in offered
    given = {"username": "wang", "name": "王", "role": "street_officer", "area": areas["c1s1"].code}
    page = client.post("/desk/people/invite/", given).content.decode()
    path = re.search(r"/accounts/invitation/[\w-]+/", page).group()
    assert Client().get(path).status_code == 200
    assert Person.objects.get(username="wang").grants.get().area == areas["c1s1"]
    assert path.split("/")[3] not in str(list(Line.objects.values()))
    named = {**given, "username": "zhao", "area": "11街道"}  # an area may be named
    assert "/accounts/invitation/" in client.post("/desk/people/invite/", named).content.decode()
    for wrong in (
        {"area": areas["c2s1"].code}, {"area": "21街道"}, {"area": "1"}, {"role": "city_planner"}, {"username": "13800001234"},
                  {"username": "WANG"}, {"until": "2020-01-01"}, {"area": areas["c1s1a"].code}):  # fmt: skip
        answer = client.post("/desk/people/invite/", {**given, "username": "wang2", **wrong})
        assert answer.status_code == 200 and "errorlist" in answer.content.decode(), wrong
    assert Person.objects.filter(username__startswith="wang").count() == 1


def test_giving_taking_and_stopping_on_the_page(areas, client):
    operator, worker = staff("operator", areas["city"]), staff("community_worker", areas["c1s1a"])
    client.force_login(operator)
    at = f"/desk/people/{worker.username}/"
    assert client.post(at, {"role": "auditor", "area": areas["c1"].code}).url == at
    given = worker.grants.get(role="auditor")
    assert client.post(f"{at}roles/{given.pk}/revoke/").url == at
    assert client.post(f"{at}disable/").url == at and not Person.objects.get(pk=worker.pk).is_active
    assert "恢复账号" in client.get(at).content.decode()
    assert client.post(f"{at}restore/").url == at and Person.objects.get(pk=worker.pk).is_active
    assert client.post(f"{at}reset_factor/").url == at and not Authenticator.objects.filter(user=worker).exists()
    assert "/accounts/invitation/" in client.post(f"{at}reset_password/").content.decode()
    assert client.post(f"{at}invite/").status_code == 404 and client.get(f"{at}disable/").status_code == 405
    verbs = [line.verb.removeprefix("accounts.") for line in Line.objects.filter(verb__startswith="accounts.")]
    assert verbs == ["grant", "revoke", "disable", "restore", "reset_factor", "reset_password"]


def test_taking_the_last_role_back_leads_home(areas, client):
    worker = staff("community_worker", areas["c1s1a"])
    client.force_login(staff("county_officer", areas["c1"]))
    pk = worker.grants.get().pk
    assert client.post(f"/desk/people/{worker.username}/roles/{pk}/revoke/").url == "/desk/people/"


def test_pages_hold_no_inline_style_or_script(areas, client):
    operator, worker = staff("operator", areas["city"]), staff("community_worker", areas["c1s1a"])
    client.force_login(operator)
    paths = ["/desk/people/", "/desk/people/invite/", f"/desk/people/{worker.username}/", "/accounts/factor/"]
    for each in [*paths, "/accounts/password/", "/accounts/login/", "/accounts/phone/"]:
        here = Client() if each in ("/accounts/login/", "/accounts/phone/") else client
        page = here.get(each)
        assert page.status_code == 200, each
        assert not re.search(r'style="|<style|javascript:| on\w+="|<script(?![^>]*src=)', page.content.decode()), each


def test_a_form_from_elsewhere_is_refused(areas):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff("operator", areas["city"]))
    for path in ("/desk/people/invite/", "/accounts/phone/", "/accounts/login/", "/accounts/leave/"):
        assert strict.post(path, {}).status_code == 403
