"""The OpenAPI describes all of the interface, its page shows it, and no question of any kind breaks the server."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from web import town
from web.cast import person, tree
from yike.web.accounts.keys import ApiKey, new_word
from yike.web.open.api_page import described
from yike.web.open.limits import BUCKETS
from yike.web.proposals import actions
from yike.web.scenarios.models import Scenario

pytestmark = pytest.mark.django_db
EXAMPLES = 12  #: questions per operation, way of asking and asker; each is steady from run to run
METHODS = ("get", "post", "put", "patch", "delete")


def operations(told: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, each)
        for path, methods in told["paths"].items()
        for method, each in methods.items()
        if method in METHODS
    ]


# --- the description ---


def test_every_operation_is_described():
    ids = []
    for path, method, told in operations(described()):
        ids.append(told["operationId"])
        assert told.get("summary"), (method, path)
        assert told.get("tags"), (method, path)
        assert told.get("description") or method == "get", (method, path)
    assert len(ids) == len(set(ids)) > 10


def test_every_parameter_is_described():
    bare = [
        f"{method.upper()} {path}: {parameter['name']}"
        for path, method, told in operations(described())
        for parameter in told.get("parameters", ())
        if not (parameter.get("description") or parameter["schema"].get("description"))
    ]
    assert bare == []


def test_what_writes_asks_who_or_is_open_to_anyone():
    """Only reports and proposals of residents are taken from nobody in particular."""
    unasked = {path for path, method, told in operations(described()) if method != "get" and not told.get("security")}
    assert unasked <= {f"/api/outlets/{{key}}/{each}" for each in ("reports", "proposals")}


def test_the_page_shows_every_operation(client):
    tree()
    page = client.get("/about/api/").content.decode()
    for path, _, told in operations(described()):
        assert path in page and told["operationId"] in page
    assert "/export/drawn/outlets.gpkg" in page and "openapi.json" in page and "429" in page


def test_the_description_is_the_same_by_its_address(client):
    assert client.get("/api/openapi.json").json() == described()


# --- asked anything ---


@pytest.fixture
def city():
    made = town.load()
    yield made
    town.forget()


@pytest.fixture
def application():
    """The application as a server calls it, on the test's own connection: between questions it must stay open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


def known_of(city: Any) -> dict[str, list[Any]]:
    """Values that lead somewhere: random ones alone would only meet "not found"."""
    outlet = city.outlets.filter(state="open").first()
    area = city.areas.filter(level="community").first()
    scenario = Scenario.objects.create(city=city, area=city.root, name="方案")
    asked = actions.solve(actions.deed_in(planner_of(city), city.root), city, "", {"budget_yuan": 1e6})
    return {
        "scenario": [scenario.pk], "kind": ["repair", "repair", "nothing"],
        "city": [city.slug], "key": [outlet.key], "to": [outlet.key], "code": [area.code], "lon": [outlet.lon, area.lon],
        "lat": [outlet.lat, area.lat], "who": ["adult", "elder", "wheelchair", "nobody"], "walker": ["adult", "elder"],
        "q": [outlet.name[:2], "yao", "修鞋", "%", "'"], "bbox": [f"{city.west},{city.south},{city.east},{city.north}", "1,2,3"],
        "when": ["now", "07:00", "2026-11-24T07:00", "25:99"], "open": ["now", "2026-11-24T07:00"], "types": ["repair,breakfast"],
        "fid": [outlet.key, area.code], "datetime": ["2026-11-24", "../2026-11-24"], "area": [area.code], "level": ["community"],
        "type": ["breakfast"], "pk": [asked.pk, 2**63], "number": [asked.job_id, 0],
    }  # fmt: skip


def planner_of(city: Any) -> Any:
    return person("city_planner", city.areas.get(parent=None))


def bodies_of(city: Any) -> dict[str, list[Any]]:
    """Values in bodies that are taken, and some that nearly are."""
    outlet = city.outlets.filter(state="open").first()
    draft = {
        "draft_key": str(UUID(int=7)),
        "city": city.slug,
        "name": "新早点铺",
        "types": ["breakfast"],
        "lon": outlet.lon,
        "lat": outlet.lat,
    }
    spoilt = [
        {"lon": 0},
        {"types": ["nothing"]},
        {"name": ""},
        {"city": "nowhere"},
        {"hours": "总是"},
        {"draft_key": "x"},
    ]
    drafts = [json.dumps(draft | each) for each in ({}, {}, {}, *spoilt)]
    return {
        "draft": drafts, "kind": ["closed", "wrong", "moved", "burnt"], "note": ["", "门关着", "x" * 400],
        "changes": [{"name": "新名字"}, {"hours": "周一至周五 8:00-18:00"}, {"hours": "?"}, {"owner": "x"}, {}],
    }  # fmt: skip


def with_key(city: Any, client: Any) -> dict[str, Any]:
    word, prefix, fingerprint = new_word()
    ApiKey.objects.create(
        person=planner_of(city), area=city.areas.get(parent=None), name="all", prefix=prefix, word_print=fingerprint,
        scopes=["read:register", "write:outlets", "write:circles", "read:planning", "write:planning"], until="2999-01-01",
    )  # fmt: skip
    return {"headers": {"Authorization": f"Bearer {word}"}}


def with_session(city: Any, client: Any) -> dict[str, Any]:
    client.force_login(planner_of(city))
    token = "a" * 32
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
    return {"cookies": cookies, "headers": {"X-CSRFToken": token}}


ASKERS = {"anonymous": lambda city, client: {}, "planner with a session": with_session, "program with a key": with_key}


class Trial:
    """One asker before the whole interface: statuses by operation, and what broke."""

    def __init__(self, city: Any, who: dict[str, Any]) -> None:
        self.known, self.bodies, self.who = known_of(city), bodies_of(city), who
        self.statuses: dict[str, Counter[int]] = {}
        self.broken: list[str] = []

    def all(self, address: str, application: Any) -> None:
        """Ask every operation in the right and in wrong ways."""
        for result in schemathesis.openapi.from_wsgi(address, application).get_all_operations():
            operation = result.ok()
            self.statuses.setdefault(operation.label, Counter())
            for mode in GenerationMode:
                try:
                    STEADY(given(case=operation.as_strategy(generation_mode=mode), data=st.data())(self.ask))()
                except Exception as error:  # an exception that leaves the application is a broken answer as well
                    if "Unsatisfiable" not in type(error).__name__:
                        self.broken.append(f"{operation.label} ({mode.value}): {type(error).__name__}: {error}"[:600])

    @property
    def ask(self) -> Any:
        """A plain function, as hypothesis wants it."""

        def ask(case: Any, data: Any) -> None:
            for part, values in (
                (case.query, self.known),
                (case.path_parameters, self.known),
                (case.body, self.bodies),
            ):
                for name in sorted(set(part) & set(values)) if isinstance(part, dict) else ():
                    if data.draw(st.integers(0, 3)):
                        part[name] = data.draw(st.sampled_from(values[name]))
            BUCKETS.clear()
            response = case.call(**self.who)
            self.statuses[case.operation.label][response.status_code] += 1
            if response.status_code >= 500:
                self.broken.append(f"{response.status_code} {case.as_curl_command()}")

        return ask


STEADY = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)  # fmt: skip


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("address", ["/api/openapi.json", "/ogc/api"])
def test_no_question_breaks_the_server(city, client, application, asker, address):
    who = ASKERS[asker](city, client)
    trial = Trial(city, who)
    trial.all(address, application)
    statuses = trial.statuses
    asks_who = {f"{method.upper()} {path}" for path, method, told in operations(described()) if told.get("security")}
    assert not trial.broken, "\n".join(dict.fromkeys(trial.broken))
    assert sum(sum(each.values()) for each in statuses.values()) > 150
    dumb = [
        label
        for label, each in statuses.items()
        if label.startswith("GET") and 200 not in each and "{fid}" not in label and (who or label not in asks_who)
    ]
    assert not dumb, f"never answered: {dumb}"
    if address == "/api/openapi.json":
        assert statuses["POST /api/outlets/{key}/reports"][201], "no report was taken"
        added = statuses["POST /api/register/outlets"][200]
        assert bool(added) == (asker != "anonymous"), statuses["POST /api/register/outlets"]


def test_a_broken_operation_would_be_found(monkeypatch):
    """The trial above can fail: an application that breaks is told."""

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        told = {
            "openapi": "3.0.3", "info": {"title": "x", "version": "1"},
            "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"description": ""}}}}},
        }  # fmt: skip
        fine = environ["PATH_INFO"] == "/openapi.json"
        start("200 OK" if fine else "500 Broken", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    schema = schemathesis.openapi.from_wsgi("/openapi.json", application)
    operation = next(iter(schema.get_all_operations())).ok()
    assert operation.Case().call().status_code == 500
