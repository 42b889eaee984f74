"""`python -m drillsim` is the `drillsim` command."""

import sys

from drillsim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
