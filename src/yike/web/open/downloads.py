"""Pages that give out the bulk exports."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from yike.web.areas.models import City
from yike.web.open.files import exported
from yike.web.open.formats import MEDIA


@require_safe
def export(request: HttpRequest, slug: str, kind: str, format: str) -> HttpResponseBase:
    """Give out a city's records as a file; 304 when the client has this version already."""
    city = City.objects.filter(slug=slug).first()
    if city is None:
        raise Http404(slug)
    try:
        path = exported(city, kind, format)
    except KeyError:
        raise Http404(f"{kind}.{format}") from None
    etag = f'"{path.stem}-{format}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged:
        return unchanged
    name = f"{city.slug}-{kind}{'-demo' if city.made_up else ''}.{format}"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=MEDIA[format])
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response
