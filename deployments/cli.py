"""The `luodi` command."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from deployments import environment
from deployments.logs.records import Records, Terminal, print_through
from deployments.replay import DAYS, PROJECTS
from deployments.unprivileged import go_on_as_owner
from models.i18n import gettext as _
from models.i18n import mark
from models.visible import one_record

# What `argparse` itself says
WORDS = (
    mark("usage: "),
    mark("options"),
    mark("show this help message and exit"),
    mark("%(prog)s: error: %(message)s\n"),
    mark("argument %(argument_name)s: %(message)s"),
    mark("the following arguments are required: %s"),
    mark("unrecognized arguments: %s"),
    mark("ignored explicit argument %r"),
    mark("expected one argument"),
    mark("invalid %(type)s value: %(value)r"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
)


PARTS = ("deployments.worker", "deployments.desk.app")  # write a log


def main() -> None:
    print_through(Terminal)
    try:
        with in_the_offices_language():
            arguments = parser().parse_args()
        if arguments.module in PARTS:
            print_through(Records)
        if "port" in arguments:
            os.environ["PORT"] = arguments.port
        if os.geteuid() == 0 and _writes_in_home(arguments):
            go_on_as_owner(environment.home())
        is_doctor = arguments.module == "deployments.doctor.command"
        environment.enter(serves=arguments.module == "deployments.up", writes=not is_doctor)
        print(_("Luodi's home: %(home)s") % {"home": environment.home()}, file=sys.stderr)
        run: Callable[[argparse.Namespace], int] = import_module(arguments.module).main
        sys.exit(run(arguments))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if not (words := in_plain_words(problem)):
            raise
        sys.exit(f"luodi: {one_record(words)}")


def in_plain_words(problem: Exception) -> str:
    """What to tell the operator; empty where only a traceback helps."""
    kind = f"{type(problem).__module__}.{type(problem).__name__}"
    if kind.startswith(("deployments.", "tasks.", "models.")) or isinstance(problem, OSError):
        return str(problem)
    if kind == "sqlalchemy.exc.OperationalError":
        why = _("The ledger database cannot be reached: %(why)s") % {"why": str(problem).partition("\n")[0]}
        return f"{why} → {_('Start Luodi with `luodi up`; with a PostgreSQL of your own, check LUODI_DATABASE_URL.')}"
    if kind in ("httpx.ConnectError", "httpx.ConnectTimeout"):
        why = _("The Prefect server cannot be reached: %(why)s") % {"why": problem}
        return f"{why} → {_('Start Luodi with `luodi up`; `PORT` must be the one it serves.')}"
    return ""


def _writes_in_home(arguments: argparse.Namespace) -> bool:
    """Whether it leaves files in the home; `up` hands the home over before it goes on as owner."""
    if arguments.module == "deployments.replay.command":
        return bool(arguments.keep)
    return bool(arguments.module != "deployments.up")


def _from_here(path: str) -> Path:
    """The path as it is meant in the folder that the command was started in."""
    return Path(path).absolute()


def parser() -> argparse.ArgumentParser:
    luodi = argparse.ArgumentParser(prog="luodi", description=_("Makes signed investment projects land."))
    luodi.add_argument("--version", action="version", version=f"luodi {version('luodi')}", help=_("show the version"))
    commands = luodi.add_subparsers(required=True, title=_("commands"), metavar=_("command"))
    up = commands.add_parser("up", help=_("run everything: database, server, worker, desk; Ctrl-C stops it"))
    up.add_argument("--sample", action="store_true", help=_("fill an empty ledger with the sample ledger"))
    up.add_argument("--port", default=argparse.SUPPRESS, help=_("port of the UI (PORT, 4200)"))
    up.set_defaults(module="deployments.up")
    for name, module, help_text in (
        ("deploy", "deploy", _("register the deployments at the Prefect server")),
        ("doctor", "doctor.command", _("say what is wrong with the installation and how to mend it")),
        ("desk", "desk.app", _("serve the desk alone, where files are handed in and fetched")),
        ("sample", "sample.load", _("bring the sample ledger in")),
    ):
        commands.add_parser(name, help=help_text).set_defaults(module=f"deployments.{module}")
    worker = commands.add_parser("worker", help=_("run one more worker"))
    worker.add_argument("--beat", type=_from_here, default=None, help=argparse.SUPPRESS)
    worker.set_defaults(module="deployments.worker")
    replay = commands.add_parser("replay", help=_("play the hundred days of 2013 on a scratch ledger, in minutes"))
    replay.add_argument("--seed", type=int, default=1, help=_("another number plays another summer (1)"))
    replay.add_argument("--days", type=int, default=DAYS, help=_("how many days from 9 June 2013 on (100)"))
    replay.add_argument("--until", default="", help=_("the last day instead, like 2013-07-31"))
    replay.add_argument("--projects", type=int, default=PROJECTS, help=_("projects in the ledger on the eve (300)"))
    replay.add_argument("--csv", type=_from_here, default=None, help=_("write the landing rates by day to this file"))
    replay.add_argument("--keep", action="store_true", help=_("keep the scratch ledger, to look at it in the UI"))
    replay.set_defaults(module="deployments.replay.command")
    database = commands.add_parser("db", help=_("care for the ledger database"))
    steps = database.add_subparsers(required=True, title=_("steps"), metavar=_("step"))
    upgrade = steps.add_parser("upgrade", help=_("bring it to the newest shape, and the calendar up to date"))
    upgrade.set_defaults(module="deployments.database")
    return luodi


@contextmanager
def in_the_offices_language() -> Iterator[None]:
    """Let `argparse`, which looks for compiled catalogues only, take its texts from ours."""
    former = argparse._  # type: ignore[attr-defined]
    argparse._ = _  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = former  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
