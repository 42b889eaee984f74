"""The app as the server of `drillsim serve` starts it for each page: `python -m` this, LANG."""

import sys
from pathlib import Path

from drillsim.tui.app import open_first_screen

if __name__ == "__main__":
    sys.exit(open_first_screen(Path.cwd(), lang=sys.argv[1]))
