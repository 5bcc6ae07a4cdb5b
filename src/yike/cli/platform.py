"""city add, city list, serve: the platform from the command line. Django wakes only when one of these is called."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from yike.cli.making import sample_map
from yike.cli.options import AsJson, Lang
from yike.cli.speak import Bars, Voice
from yike.errors import Fault, StudyError
from yike.study import InputFile
from yike.study.city import CityFile, write_city

city_app = typer.Typer(no_args_is_help=True, help="平台上的城市。Cities of the platform.")
LOOPBACK = "127.0.0.1"


def _awake() -> None:
    """Set Django up and bring the database to its present shape."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from yike.web.home import home

    home().mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)


@city_app.command("add")
def add(
    folder: Annotated[str, typer.Argument(help="含 city.toml 的文件夹 Folder with city.toml")],
    default: Annotated[bool, typer.Option("--default", help="设为首页城市 The city that / shows")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="丢弃平台上该城市的记录并重新读入 Read it anew, edits are lost")
    ] = False,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """把一座城市装入平台：测算、行政区、网点、生活圈、底图。Add a city: study, areas, outlets, circles, base map."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        _awake()
        from yike.web.areas.models import Area
        from yike.web.map.basemap import build_base
        from yike.web.outlets.models import Outlet
        from yike.web.studies.adding import add_city
        from yike.web.studies.place import city_folder, study_folder

        with Bars(voice) as bars:
            city = add_city(
                Path(folder),
                default=default,
                again=again,
                progress=bars,
                tell=lambda key: bars.step(f"city.{key}", 0, False),
            )
            base = city_folder(city.slug) / "base.mbtiles"
            if again or not base.is_file():
                bars.step("city.base", 0.0, False)
                names = dict(Area.objects.filter(city=city).values_list("code", "name_en"))
                build_base(study_folder(city), base, english=names)
            bars.finish()
        counts = {"areas": city.areas.count(), "outlets": Outlet.objects.filter(city=city).count()}
        voice.line("city.there", name=city.name if voice.lang == "zh" else city.name_en, slug=city.slug, **counts)
        voice.document({"slug": city.slug, "made_up": city.made_up, **counts})


@city_app.command("list")
def list_(as_json: AsJson = False, lang: Lang = None) -> None:
    """列出平台上的城市。List the cities of the platform."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        _awake()
        from yike.web.areas.models import City

        rows = list(City.objects.values("slug", "name", "name_en", "made_up", "is_default"))
        for row in rows:
            voice.line("city.row", **{**row, "mark": voice.say("city.made_up") if row["made_up"] else ""})
        voice.document(rows)


@city_app.command("sample")
def sample(
    folder: Annotated[str, typer.Argument(help="文件夹 Folder")],
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """写出真实样例城市（赫尔辛基市中心，OpenStreetMap）。The real sample city: the centre of Helsinki."""
    voice = Voice(as_json, lang)
    with voice.faults_told():
        target = Path(folder)
        if target.exists() and any(target.iterdir()):
            raise StudyError(Fault("study.exists", values={"path": folder}))
        target.mkdir(parents=True, exist_ok=True)
        source = sample_map()
        shutil.copyfile(source, target / source.name)
        made = CityFile(
            "helsinki", "赫尔辛基市中心", "Helsinki centre", walkers=("adult", "elder"), maps=(InputFile(source.name),)
        )
        write_city(target, made)
        voice.line("city.sample", path=folder)
        voice.document({"folder": folder, "slug": made.slug})


def serve(
    host: Annotated[str, typer.Option(help="监听地址 Address to listen on")] = LOOPBACK,
    port: Annotated[int, typer.Option(help="端口，0 为自动选择 Port, 0 = a free one", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="进程数 Processes", min=1, max=64)] = 2,
    threads: Annotated[int, typer.Option(help="每进程线程数 Threads of each", min=1, max=64)] = 2,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="不带后台工作进程 Without a worker for long jobs")
    ] = False,
    lang: Lang = None,
) -> None:
    """启动平台网站。Serve the platform."""
    voice = Voice(False, lang)
    with voice.faults_told():
        _awake()
        from granian import Granian
        from granian.constants import Interfaces

        from yike.web.areas.models import City
        from yike.web.queue.keeping import KeptWorker

        port = _free_port(host, port)
        os.environ["YIKE_WARM"] = "1"
        for city in City.objects.order_by("-is_default", "slug"):
            voice.line(
                "serve.city", name=city.name, mark=voice.say("city.made_up") if city.made_up else "", slug=city.slug
            )
        voice.line("serve.at", address=f"http://{'[' + host + ']' if ':' in host else host}:{port}/")
        server: Any = Granian(
            "yike.web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
            blocking_threads=threads, log_access=False, respawn_failed_workers=True,
        )  # fmt: skip
        with nullcontext() if no_worker else KeptWorker():
            server.serve()


def _free_port(host: str, port: int) -> int:
    """Return a port one can listen on; raises ``serve.port_taken``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StudyError(
                Fault("serve.port_taken", values={"host": host, "port": port, "why": str(error)})
            ) from error
        return int(probe.getsockname()[1])
