"""Where a city's files lie: its own inputs, its study, its base map."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from yike.web.areas.models import City


def city_folder(slug: str) -> Path:
    """Return the folder of a city in ``YIKE_HOME``."""
    return Path(settings.HOME) / "cities" / slug


def study_folder(city: City) -> Path:
    """Return the folder of a city's study."""
    return city_folder(city.slug) / "study"


def has_study(city: City) -> bool:
    """Whether the city has a finished study."""
    return (study_folder(city) / "headline.json").is_file()
