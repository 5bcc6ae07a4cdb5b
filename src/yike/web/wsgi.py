"""The platform as a WSGI application, for granian."""

import os
import threading

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
application = get_wsgi_application()

if os.environ.get("YIKE_WARM") == "1":  # `yike serve`: cities are opened before the first visitor asks
    from yike.web.map.warm import warm as warm_map
    from yike.web.studies.warm import warm as warm_studies

    def warm() -> None:
        warm_map()
        warm_studies()

    threading.Thread(target=warm, name="warm", daemon=True).start()
