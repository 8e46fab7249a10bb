"""The `luodi` command."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version

from deployments import environment
from deployments.command_line_words import in_the_offices_language
from deployments.replay.options import add_options
from models.i18n import gettext as _


def main() -> None:
    """Run one of Luodi's commands; everything else is done in the Prefect UI."""
    try:
        with in_the_offices_language():
            arguments = parser().parse_args()
        if "port" in arguments:
            os.environ["PORT"] = arguments.port
        environment.enter(serves=arguments.module == "deployments.up")
        print(_("Luodi's home: %(home)s") % {"home": environment.home()}, file=sys.stderr)
        run: Callable[[argparse.Namespace], int] = import_module(arguments.module).main
        sys.exit(run(arguments))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as problem:
        if not (problem.__class__.__module__ or "").startswith(("deployments.", "tasks.", "models.")):
            raise
        sys.exit(f"luodi: {problem}")  # an error of ours says in plain words what to do


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    found = argparse.ArgumentParser(prog="luodi", description=_("Makes signed investment projects land."))
    found.add_argument("--version", action="version", version=f"luodi {version('luodi')}", help=_("show the version"))
    commands = found.add_subparsers(required=True, title=_("commands"), metavar=_("command"))
    up = commands.add_parser("up", help=_("run everything: database, server, worker, desk; Ctrl-C stops it"))
    up.add_argument("--sample", action="store_true", help=_("fill an empty ledger with the sample ledger"))
    up.add_argument("--port", default=argparse.SUPPRESS, help=_("port of the UI (PORT, 4200)"))
    up.set_defaults(module="deployments.up")
    for name, help_text in (
        ("deploy", _("register the deployments at the Prefect server")),
        ("worker", _("run one more worker")),
        ("doctor", _("say what is wrong with the installation and how to mend it")),
    ):
        commands.add_parser(name, help=help_text).set_defaults(module=f"deployments.{name}")
    desk = commands.add_parser("desk", help=_("serve the desk alone, where files are handed in and fetched"))
    desk.set_defaults(module="deployments.desk.app")
    commands.add_parser("sample", help=_("bring the sample ledger in")).set_defaults(module="deployments.sample.load")
    replay = commands.add_parser("replay", help=_("play the hundred days of 2013 on a scratch ledger, in minutes"))
    add_options(replay)
    replay.set_defaults(module="deployments.replay.command")
    database = commands.add_parser("db", help=_("care for the ledger database"))
    steps = database.add_subparsers(required=True, title=_("steps"), metavar=_("step"))
    steps.add_parser("upgrade", help=_("bring it to the newest shape, and the calendar up to date")).set_defaults(
        module="deployments.database"
    )
    return found


if __name__ == "__main__":
    main()
