"""`make bench`: the overheads, then every network against every peer. Arguments go to `run.py`."""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
for program, arguments in (("overhead.py", []), ("run.py", sys.argv[1:])):
    code = subprocess.run([sys.executable, str(HERE / program), *arguments], cwd=HERE.parent).returncode
    if code:
        sys.exit(code)
