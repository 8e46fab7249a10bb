"""What a process of ours prints: each text one record, whatever is in it.

`python -m deployments.logs.records MODULE …` runs another program's module like this.
"""

import io
import runpy
import sys

from models.visible import one_record, visible


class Terminal(io.TextIOWrapper):
    """Shows control characters instead of sending them."""

    def write(self, text: str, /) -> int:
        return super().write(visible(text))


class Records(io.TextIOWrapper):
    """Also indents each further line of one text, so that it is seen where the next begins."""

    def write(self, text: str, /) -> int:
        body = text.removesuffix("\n")
        return super().write(one_record(body) + text[len(body) :])


def print_through(kind: type[Terminal | Records]) -> None:
    """Let this process print through it; a character that the terminal lacks is shown, too."""
    for name in ("stdout", "stderr"):
        former = getattr(sys, name)
        if isinstance(former, io.TextIOWrapper) and not isinstance(former, kind):
            former.flush()
            encoding, buffer = former.encoding, former.detach()
            setattr(sys, name, kind(buffer, encoding=encoding, errors="backslashreplace", line_buffering=True))


if __name__ == "__main__":
    print_through(Records)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
