"""Forms of logging in and of people: our words, our limits, allauth's work behind them."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as FactorAgainForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from yike.web.accounts.factors import Factors, spend
from yike.web.accounts.models import Person
from yike.web.accounts.phones import plain
from yike.web.accounts.rights import grants_of, within_reach
from yike.web.accounts.roles import fits, may_give, offices_of, roles
from yike.web.areas.models import Area, City

AREAS_SHOWN = 400  # in the list that helps typing; any other is typed in full


def _say(form: forms.Form, **labels: Any) -> None:
    """Give fields our words; a placeholder is no label."""
    for name, label in labels.items():
        if name in form.fields:
            form.fields[name].label = label
            form.fields[name].widget.attrs.pop("placeholder", None)


class StaffLogin(LoginForm):
    """User name and password of staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, login=_("用户名"), password=_("口令"))

    def clean_login(self) -> str:
        """Send who types a phone number to the phone login: no user name is all digits, and a failed name is kept."""
        name = str(super().clean_login())
        if plain(name, made_up=True) or name.isdigit():
            raise ValidationError(_("这像是手机号。居民、商户请用手机号登录。"))
        return name


class NewPassword(ChangePasswordForm):
    """The old password and a new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, oldpassword=_("现在的口令"), password1=_("新口令"), password2=_("再输一次新口令"))
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())


class PasswordAgain(ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, password=_("口令"))


class _FactorCode:
    """A code of the second factor, or a recovery code; failures count together with those of the password."""

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    user: Person

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("动态口令或恢复码")
        field.widget.attrs.update({"inputmode": "numeric", "autofocus": True, "maxlength": "12"})
        field.widget.attrs.pop("placeholder", None)

    def clean_code(self) -> str:
        request, credentials = context.request, {"username": self.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True
            raise Factors().validation_error("incorrect_code")
        typed = str(self.cleaned_data["code"])
        for kept in Authenticator.objects.filter(user=self.user):
            if self._is_right(kept, typed):
                kept.user = self.user
                self.authenticator = kept
                return typed
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        raise Factors().validation_error("incorrect_code")

    def _is_right(self, kept: Authenticator, typed: str) -> bool:
        if kept.type == Authenticator.Type.TOTP:
            return spend(self.user, Factors().decrypt(kept.data["secret"]), typed)
        return bool(kept.type == Authenticator.Type.RECOVERY_CODES and kept.wrap().validate_code(typed))


class Factor(_FactorCode, AuthenticateForm):
    """The second step of a login."""


class FactorAgain(_FactorCode, FactorAgainForm):
    """The second factor once more, before something that matters."""


class NewFactor(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self, code=_("应用显示的六位数字"))
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "maxlength": "8"})


class PhoneLogin(forms.Form):
    """A phone number, and in which city its owner lives or trades."""

    phone = forms.CharField(label=_("手机号"), max_length=24)
    city = forms.ModelChoiceField(City.objects.none(), label=_("城市"), empty_label=None, to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cities = City.objects.order_by("-is_default", "slug")
        field = self.fields["city"]
        field.queryset = cities  # type: ignore[attr-defined]
        field.initial = cities.first()
        if cities.count() == 1:
            field.widget = forms.HiddenInput()
        self.fields["phone"].widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        city: City | None = found.get("city")
        if city and found.get("phone"):
            number = plain(found["phone"], city.made_up)
            if number is None:
                self.add_error("phone", _("这不是手机号。请填 11 位大陆手机号。"))
            found["phone"] = number
        return found


class PhoneCodeForm(forms.Form):
    """The code that came by SMS."""

    code = forms.CharField(label=_("短信验证码"), max_length=12)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}
        self.fields["code"].widget = forms.TextInput(attrs=attrs)


class FirstPassword(forms.Form):
    """The password an invited person chooses, twice."""

    password1 = forms.CharField(
        label=_("口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )
    password2 = forms.CharField(
        label=_("再输一次口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean_password1(self) -> str:
        validate_password(self.cleaned_data["password1"], self.person)
        return str(self.cleaned_data["password1"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "password1" in found and found["password1"] != found.get("password2"):
            self.add_error("password2", _("两次输入的口令不一样。"))
        return found


class GrantForm(forms.Form):
    """A role, where it is held, for which office, and until when."""

    role = forms.ChoiceField(label=_("角色"))
    area = forms.CharField(
        label=_("区域"), max_length=60, help_text=_("名称或 12 位区划代码；角色只能给在自己管辖的区域内。")
    )
    office = forms.ChoiceField(label=_("部门"), required=False, help_text=_("只有部门人员需要。"))
    until = forms.DateField(
        label=_("有效期至"), required=False, widget=forms.DateInput({"type": "date"}), help_text=_("可不填。")
    )

    def __init__(self, *args: Any, by: Person, city: City, verb: str, lang: str = "zh", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.city, self.verb = by, city, verb
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (name, role.called(lang)) for name, role in roles().items() if self._can_give(name)
        ]
        self.fields["area"].widget.attrs["list"] = "areas"
        self.areas = Area.objects.filter(within_reach(by, verb, "path")).order_by("path")[:AREAS_SHOWN]
        offices = [(code, row["en" if lang == "en" else "zh"]) for code, row in offices_of(city.slug).items()]
        self.fields["office"].choices = [("", "—"), *offices]  # type: ignore[attr-defined]
        if not offices:
            self.fields["office"] = forms.CharField(label=_("部门"), required=False, max_length=40)

    def _can_give(self, role: str) -> bool:
        return any(role in roles()[held].grants for held, _path in grants_of(self.by))

    def clean_area(self) -> Area:
        asked = self.cleaned_data["area"].strip()
        found = Area.objects.filter(Q(code=asked) | Q(name=asked), within_reach(self.by, self.verb, "path"))
        if len(found) != 1:  # a name may be that of several
            raise ValidationError(_("有几个同名的区域，请填代码。") if found else _("您管辖的区域里没有这个区域。"))
        return found[0]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < localdate():
            raise ValidationError(_("有效期不能在今天以前。"))
        return until

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        role, area = found.get("role"), found.get("area")
        if role and area and not may_give(self.by, role, area):
            self.add_error("role", _("您不能在这里授予这个角色。"))
        elif role and area and not fits(role, area, found.get("office") or "", area.city):
            self.add_error("area", _("这个角色不能设在这一级区域，或缺少部门。"))
        return found


class InviteForm(GrantForm):
    """Who is invited, and with which first role."""

    username = forms.RegexField(
        r"^[A-Za-z0-9_.-]{2,40}$", label=_("用户名"), help_text=_("字母、数字和 . _ -，不用手机号和身份证号。")
    )
    name = forms.CharField(label=_("姓名"), max_length=60, help_text=_("只在人员页和日志里显示。"))
    field_order = ("username", "name", "role", "area", "office", "until")

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if username.isdigit():
            raise ValidationError(_("用户名不能全是数字。"))
        if Person.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("这个用户名已有人用。"))
        return username
