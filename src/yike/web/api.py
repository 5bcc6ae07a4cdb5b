"""All JSON of the platform under /api/, described by OpenAPI at /api/openapi.json; each app brings its own router."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from yike.web.accounts.rights import APPS
from yike.web.open.describing import DescribedAPI
from yike.web.open.parsing import StrictParser

ABOUT = """一刻平台的接口：公开部分无需登录和密钥；登记册的读写用密钥（`Authorization: Bearer yk_…`，在 /desk/keys/ 生成），
或用登录后的会话加 CSRF 令牌。坐标一律为 WGS 84，先经度后纬度；时间为本市时间；分钟是步行网络上的实际步行时间。
请求过多时答复 429 和 Retry-After。图层见 /ogc/（OGC API - Features），批量文件见 /export/。

The platform's interface. The public part needs neither login nor key; the register is read and written with a key
(`Authorization: Bearer yk_…`, made at /desk/keys/) or with a session and its CSRF token. Coordinates are WGS 84, longitude
first; times are the city's; minutes are walked on the real network. Too many requests are answered 429 with Retry-After.
Layers for desktop programs: /ogc/ (OGC API - Features). Files: /export/<city>/<outlets|areas|circles|coverage>.<format>."""

api = DescribedAPI(
    title="一刻 yike", version="1", description=ABOUT, urls_namespace="api", docs_url=None, parser=StrictParser()
)  # fmt: skip
for app in APPS:
    if find_spec(f"yike.web.{app}.api"):
        api.add_router("", import_module(f"yike.web.{app}.api").router)
