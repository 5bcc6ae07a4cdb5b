"""The verbs."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from yike.cli import asking, circles, demo, making, planning, platform, proposing, showing, standards
from yike.cli.speak import Voice
from yike.errors import Fault

app = typer.Typer(
    name="yike",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"terminal_width": 120},  # narrower, the second language of a line of help is cut off
    help="一刻：一刻钟便民生活圈的步行可达、缺口与补建。Walking access, gaps and siting for quarter-hour circles.",
)
SIGNED = {"ignore_unknown_options": True}  #: so that -8.61 is a longitude and not an option
app.command("init")(making.init)
app.command("run")(making.run)
app.command("status")(making.status)
app.command("sample")(making.sample)
app.command("demo")(demo.demo)
app.command("explain")(asking.explain)
app.command("nearest", context_settings=SIGNED)(asking.nearest)
app.command("isochrone", context_settings=SIGNED)(asking.isochrone)
app.command("what-if")(asking.what_if)
app.command("propose")(proposing.propose)
app.command("circles")(circles.circles)
app.command("export")(showing.export)
app.command("map")(showing.map_)
app.command("plan")(planning.plan)
app.command("serve")(platform.serve)
app.add_typer(platform.city_app, name="city")
app.add_typer(standards.app, name="standards")


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        _misused(error)
    except BrokenPipeError:  # whoever read the answer has seen enough
        sys.stdout = None
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _misused(error: TyperException) -> None:
    """Tell a command that cannot be understood like any other fault; a bare verb of verbs has shown its help."""
    text = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(text)
        sys.exit(error.exit_code)
    words = sys.argv[1:]
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "yike"
    fault = Fault("study.usage", values={"why": text.rstrip("."), "command": command})
    Voice("--json" in words, _language_of(words)).refuse((fault,))


def _language_of(words: list[str]) -> str | None:
    """Return the language asked for on a command line that could not be read as a whole."""
    for k, word in enumerate(words):
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--lang":
            return next(iter(words[k + 1 :]), None)
    return None
