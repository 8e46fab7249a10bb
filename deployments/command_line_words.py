"""What `argparse` itself says on the command line, in the office's language."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from models.i18n import gettext, mark

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


@contextmanager
def in_the_offices_language() -> Iterator[None]:
    """Inside the block `argparse` finds its texts in our catalogue; it only looks into those compiled on the disk."""
    former = argparse._  # type: ignore[attr-defined]
    argparse._ = gettext  # type: ignore[attr-defined]
    try:
        yield
    finally:
        argparse._ = former  # type: ignore[attr-defined]
