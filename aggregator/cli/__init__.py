"""The commands. Each opens what it needs, asks the rooms, shows the answer; nothing is decided here."""


def main() -> None:
    """The entry point. It loads the commands when it is called: a worker process imports this module and needs none."""
    try:
        from aggregator.cli.main import main as commands  # noqa: PLC0415  # see above

        commands(prog_name='aggregator')
    except KeyboardInterrupt:  # while the commands were loaded
        raise SystemExit(130) from None
