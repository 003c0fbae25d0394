"""The command `bestowal`, and `python -m bestowal`: Ctrl-C is heard while the command line is still being imported."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from bestowal.cli.app import main as command

        command()
    except KeyboardInterrupt:  # before or after a verb; within one it has said how to go on
        sys.exit(130)


if __name__ == "__main__":
    main()
