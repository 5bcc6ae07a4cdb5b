"""API keys: a program acts as a person, narrowed to scopes and to one area; only a fingerprint of the key is kept."""

from __future__ import annotations

import csv
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from yike.web.areas.models import Area

MARK = "yk_"  #: every key begins with it, so that one left in a text is found
SEEN_EVERY = timedelta(hours=1)  # how exactly the last use is kept: not a write for every question


class ApiKey(models.Model):
    """One key of one person: what it is for, what it may, where, and until when."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="keys")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")  # it acts in this tree alone
    name = models.CharField(max_length=60)  # what it is for
    prefix = models.CharField(max_length=16, unique=True)  # the beginning, to tell keys apart
    word_print = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole
    scopes = models.JSONField(default=list)  # of scopes.csv
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateField()  # the last day on which it holds
    seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def holds(self) -> bool:
        """Whether it can be used today."""
        return self.revoked_at is None and self.until >= timezone.localdate() and self.person.is_active


@dataclass(frozen=True)
class Scope:
    """What a key may be made for: verbs by pattern, as ``outlets.see*``."""

    name: str
    zh: str
    en: str
    verbs: tuple[str, ...]


@dataclass(frozen=True)
class Narrowing:
    """What is left of a person's rights when a key acts for them: these verbs, in this tree."""

    patterns: tuple[str, ...]
    path: str

    def allows(self, verb: str, path: str) -> bool:
        """Return whether a verb may be asked of a record in the area with that path ("": no area)."""
        return any(fnmatchcase(verb, each) for each in self.patterns) and (not path or path.startswith(self.path))

    def cut(self, paths: list[str]) -> list[str]:
        """Return the parts of granted trees that lie in the key's tree."""
        inside = [path for path in paths if path.startswith(self.path)]
        return [*inside, self.path] if any(self.path.startswith(path) for path in paths) else inside


@cache
def scopes() -> dict[str, Scope]:
    """Return all scopes by name."""
    text = resources.files("yike.web.accounts").joinpath("scopes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["scope"]: Scope(row["scope"], row["zh"], row["en"], tuple(row["verbs"].split())) for row in rows}


def new_word() -> tuple[str, str, str]:
    """Return a new key: the whole word (shown once), its beginning, its fingerprint."""
    word = MARK + secrets.token_urlsafe(32)
    return word, word[: len(MARK) + 8], print_of(word)


def print_of(word: str) -> str:
    """Return a key's fingerprint. A plain hash is enough: a key is 256 random bits, nobody guesses it from its hash."""
    return hashlib.sha256(word.encode()).hexdigest()


def key_of(word: str) -> ApiKey | None:
    """Return the key with that word if it can be used today."""
    if not word.startswith(MARK) or len(word) > 80 or not word.isascii():
        return None
    key = ApiKey.objects.select_related("person", "area").filter(word_print=print_of(word)).first()
    return key if key is not None and key.holds else None


def act_for(key: ApiKey) -> Any:
    """Return the key's person, narrowed to what the key may; note that it was used."""
    now = timezone.now()
    if key.seen_at is None or now - key.seen_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(seen_at=now)
    patterns = tuple(each for name in key.scopes if name in scopes() for each in scopes()[name].verbs)
    person: Any = key.person
    person.narrowing = Narrowing(patterns, key.area.path)
    return person
