"""``python -m symloss`` is the command ``symloss``."""

import sys

from symloss.cli import main

sys.exit(main())
