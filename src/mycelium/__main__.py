"""`python -m mycelium SCRIPT [ARGS]`: the same as `mycelium run SCRIPT [ARGS]`; the other commands work here too."""

import sys

from mycelium.cli import app, main

if __name__ == "__main__":
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    commands |= {group.name for group in app.registered_groups}
    if len(sys.argv) > 1 and sys.argv[1] not in commands and sys.argv[1] not in ("--help", "-h"):
        sys.argv.insert(1, "run")
    main()
