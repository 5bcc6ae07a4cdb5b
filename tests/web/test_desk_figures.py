"""The three figures that open a desk, with their trend and what they rest on."""

from __future__ import annotations

import pytest

from yike.web.areas.models import Area
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.models import Figure
from yike.web.studies.templatetags.area_figures import three_figures

pytestmark = pytest.mark.django_db


def test_figures_tell_share_trend_and_source(demo_city):
    area = Area.objects.filter(level="street").first()
    both, basic, verified = three_figures(area)
    row = Figure.objects.get(area=area, requirement=TEN_FIFTEEN, walker="adult")
    assert both.share == row.people_met / row.people and both.moved == "与测算时持平" and row.study[:8] in both.source
    assert 0 < basic.share <= 1 and verified.points is None
    Figure.objects.filter(pk=row.pk).update(people_met_first=row.people_met - 0.02 * row.people)
    assert three_figures(area)[0].moved == "较测算时 +2.0 个百分点"


def test_an_area_of_few_people_tells_nothing(demo_city):
    area = Area.objects.filter(level="street").first()
    area.people = 4
    assert three_figures(area) == []
