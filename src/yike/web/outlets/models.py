"""Nouns of the register: the outlet, what it does, when it is shut, what it charges, its pictures, and who has looked."""

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
    lon = models.FloatField()  # WGS 84
    lat = models.FloatField()
    datum = models.CharField(max_length=8, default="wgs84")  # in which the point was given; kept as WGS 84
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
    childcare_sessions = models.JSONField(default=list, blank=True)  # codes of outlets/childcare.csv
    uscc = models.CharField(max_length=18, blank=True)  # 统一社会信用代码, checked
    guarantees_supply = models.BooleanField(default=False)  # 保供
    smart_terminal = models.BooleanField(default=False)
    distinctions = models.JSONField(default=list, blank=True)  # 名特优新
    mobile = models.BooleanField(default=False)
    schedule = models.CharField(max_length=200, blank=True)  # of a mobile stall: when it stands here
    permit = models.CharField(max_length=60, blank=True)
    licence_free = models.BooleanField(default=False)  # 修鞋、配钥匙、便民劳务: stands on a voucher
    trade = models.CharField(max_length=40, blank=True)  # of a licence-free stall: code of outlets/licence_free.csv
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="outlets"
    )
    moved_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_from")
    users = models.FloatField(default=0)  # people for whom it is the nearest of its type: filled by studies
    source = models.CharField(max_length=120, blank=True)
    made_up = models.BooleanField(default=False)  # 演示数据
    verified_at = models.DateField(null=True, blank=True, db_index=True)
    verified_by = models.CharField(max_length=40, blank=True)  # the role that saw it, never a name
    added_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)
    draft_key = models.UUIDField(null=True, unique=True)  # of a draft made offline: the same draft is added once

    class Meta:
        indexes = (models.Index(fields=("city", "state")), models.Index(fields=("lon", "lat")))

    def __str__(self) -> str:
        return self.name

    @property
    def counts(self) -> bool:
        """Whether it counts as supply."""
        return self.state == "open"


class Function(models.Model):
    """A business type that an outlet serves; ``code`` is of the standard's catalogue."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="functions")
    code = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("outlet", "code"), name="one_function"),)
        ordering = ("id",)


class Price(models.Model):
    """One line of a posted price list."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="prices")
    item = models.CharField(max_length=60)
    yuan = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("id",)


class Photo(models.Model):
    """A picture, stripped of what the camera wrote into it, made small."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="photos")
    file = models.ImageField(upload_to="outlets/%Y/%m", width_field="width", height_field="height")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)


class Closure(models.Model):
    """Days on which an open outlet is shut for once (临时歇业), both included; it still counts as supply."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="closures")
    begins = models.DateField()
    ends = models.DateField()
    reason = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("begins",)


class Voucher(models.Model):
    """A community's word for a licence-free stall; withdrawn with a reason, never deleted."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="vouchers")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("outlet",), condition=models.Q(withdrawn_at=None), name="one_standing_voucher"
            ),
        )


class Report(models.Model):
    """What a passer-by says of an outlet. ``origin`` is a keyed print of the address and the day, wiped after a day."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10)  # of reports.csv
    note = models.CharField(max_length=100, blank=True)  # runs of digits that could be a phone or an id are struck out
    origin = models.CharField(max_length=32, blank=True, db_index=True)
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=9, blank=True)  # "" waits; confirmed; refuted
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at",)
        indexes = (models.Index(fields=("outlet", "outcome")),)


REGISTRATION_STATES = ("draft", "waiting", "returned", "accepted")


class Registration(models.Model):
    """A merchant's registration of a new outlet or claim of a known one, from the draft to the answer."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="registrations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="registrations")
    kind = models.CharField(max_length=5, choices=[(each, each) for each in ("new", "claim", "stall")])
    state = models.CharField(max_length=8, default="draft", choices=[(each, each) for each in REGISTRATION_STATES])
    step = models.PositiveSmallIntegerField(default=1)  # the next step of three
    data = models.JSONField(default=dict)  # what the merchant filled in so far
    outlet = models.ForeignKey(Outlet, null=True, blank=True, on_delete=models.CASCADE, related_name="registrations")
    reason = models.CharField(max_length=200, blank=True)  # why it was sent back
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-changed_at",)
        constraints = (
            models.UniqueConstraint(fields=("outlet",), condition=models.Q(state="waiting"), name="one_waiting_claim"),
        )


class Document(models.Model):
    """A paper of a registration. The file lies outside the public media, enciphered; only its readers get it."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=5)  # pdf, jpeg, png: what the bytes are, not what the name says
    title = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    token = models.CharField(max_length=32, unique=True)  # name of the file in YIKE_HOME/documents
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)


class Proposal(models.Model):
    """An edit by somebody else than the owner: waits for the owner's yes; after ``due`` the community may decide."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="proposals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    role = models.CharField(max_length=20)  # of who proposes, as the owner sees it
    changes = models.JSONField()  # field -> new value, of those the owner may edit
    origin = models.CharField(max_length=32, blank=True, db_index=True)
    at = models.DateTimeField(auto_now_add=True)
    due = models.DateField()
    outcome = models.CharField(max_length=9, blank=True)  # "" waits; accepted; declined
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at",)


class SavedFilter(models.Model):
    """A person's saved filter of the register: the query of the address."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("person", "name"), name="one_saved_filter"),)


from yike.web.outlets.importing.models import Import, ImportedRow, Mapping, OwnWord  # noqa: E402, F401  # the app's, too
