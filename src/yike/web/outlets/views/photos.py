"""Photos of outlets: of those on the map for everybody, of others for who may see the record."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from yike.web.accounts.rights import may, person_of
from yike.web.outlets.cards import SHOWN
from yike.web.outlets.models import Photo


@require_safe
def photo(request: HttpRequest, name: str) -> FileResponse:
    """Return a photo's file by its name under ``media/``; only names of the register are looked for on disk."""
    found = (
        Photo.objects.select_related("outlet__area", "outlet__city").filter(file=name).first()
        if "\x00" not in name
        else None
    )
    if found is None:
        raise Http404
    outlet, public = found.outlet, found.outlet.state in SHOWN
    if not public:
        area = outlet.area or outlet.city.root
        if not may(person_of(request), "outlets.see", area, outlet.owner_id):
            raise Http404
    try:
        answer = FileResponse(found.file.open("rb"), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"] = "public, max-age=86400" if public else "no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
