"""The one entry point: the program itself, or one of its child processes."""

import sys

from vext_desktop.supervision.channel import CHILD_FLAG


def main(argv: list[str] | None = None) -> int:
    """Run the program, or the child process that the arguments ask for; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == [CHILD_FLAG]:
        from vext_desktop.children import run_child  # noqa: PLC0415 - only a child needs it

        return run_child(arguments[1:])
    from vext_desktop.cli.main import main as run_program  # noqa: PLC0415 - a child needs none of it

    return run_program(arguments)


if __name__ == "__main__":
    sys.exit(main())
