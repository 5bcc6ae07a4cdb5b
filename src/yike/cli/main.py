"""The verbs."""

from __future__ import annotations

import sys

import typer

from yike.cli import asking, making, showing, standards

app = typer.Typer(
    name="yike",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="一刻：一刻钟便民生活圈的步行可达、缺口与补建。Walking access, gaps and siting for quarter-hour circles.",
)
SIGNED = {"ignore_unknown_options": True}  #: so that -8.61 is a longitude and not an option
app.command("init")(making.init)
app.command("run")(making.run)
app.command("status")(making.status)
app.command("sample")(making.sample)
app.command("explain")(asking.explain)
app.command("nearest", context_settings=SIGNED)(asking.nearest)
app.command("isochrone", context_settings=SIGNED)(asking.isochrone)
app.command("what-if")(asking.what_if)
app.command("export")(showing.export)
app.command("map")(showing.map_)
app.add_typer(standards.app, name="standards")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    app()
