"""Nouns of the register: the outlet, what it does, what it charges, its pictures."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yike.web.areas.models import Area, City

STATES = ("planned", "open", "paused", "closed", "moved", "revoked")
OWNERSHIPS = ("individual", "chain_direct", "chain_franchise", "chain", "public", "unknown")


class Outlet(models.Model):
    """One outlet (网点). Only an open one counts as coverage; how states follow each other is in ``states.csv``."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="outlets")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="outlets")
    key = models.CharField(max_length=60, unique=True)  # in addresses, and the id in the study's tables
    name = models.CharField(max_length=80)
    pinyin = models.CharField(max_length=400, blank=True)
    initials = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, default="planned", choices=[(each, each) for each in STATES], db_index=True)
    ownership = models.CharField(max_length=16, default="unknown", choices=[(each, each) for each in OWNERSHIPS])
    address = models.CharField(max_length=200, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    h3 = models.BigIntegerField(db_index=True)  # cell of resolution 9
    floor_area_m2 = models.DecimalField(max_digits=9, decimal_places=1, null=True, blank=True)
    hours_text = models.CharField(max_length=200, blank=True)  # as said: 周一至周五 8:00-18:00
    hours = models.CharField(max_length=200, blank=True)  # OSM opening hours; "" = not known
    phone = models.CharField(max_length=30, blank=True)  # of the business, published with its consent
    services = models.JSONField(default=list, blank=True)  # codes of outlets/services.csv
    payments = models.JSONField(default=list, blank=True)  # codes of outlets/payments.csv
    manual_counter = models.BooleanField(null=True)
    barrier_free = models.BooleanField(null=True)
    nursing_room = models.BooleanField(null=True)
    delivery = models.BooleanField(null=True)
    childcare_sessions = models.JSONField(default=list, blank=True)
    uscc = models.CharField(max_length=18, blank=True)  # 统一社会信用代码, checked
    guarantees_supply = models.BooleanField(default=False)  # 保供
    smart_terminal = models.BooleanField(default=False)
    distinctions = models.JSONField(default=list, blank=True)  # 名特优新
    mobile = models.BooleanField(default=False)
    schedule = models.CharField(max_length=200, blank=True)  # of a mobile stall
    permit = models.CharField(max_length=60, blank=True)
    licence_free = models.BooleanField(default=False)  # 修鞋、配钥匙、便民劳务: stands on a voucher
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="outlets"
    )
    source = models.CharField(max_length=120, blank=True)
    made_up = models.BooleanField(default=False)  # 演示数据
    verified_at = models.DateField(null=True, blank=True, db_index=True)
    verified_by = models.CharField(max_length=40, blank=True)  # the role that saw it, never a name
    added_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    draft_key = models.UUIDField(null=True, unique=True)  # of a draft made offline: the same draft is added once

    class Meta:
        indexes = (models.Index(fields=("city", "state")), models.Index(fields=("lon", "lat")))

    def __str__(self) -> str:
        return self.name


class Function(models.Model):
    """A business type that an outlet serves; ``code`` is of the standard's catalogue."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="functions")
    code = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("outlet", "code"), name="one_function"),)


class Price(models.Model):
    """One line of a posted price list."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="prices")
    item = models.CharField(max_length=60)
    yuan = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=20, blank=True)


class Photo(models.Model):
    """A picture, stripped of what the camera wrote into it, made small."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="photos")
    file = models.ImageField(upload_to="outlets/%Y/%m", width_field="width", height_field="height")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(auto_now_add=True)
