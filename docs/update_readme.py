"""Writes the table of the catalogue into README.md, as ``symloss list --markdown`` prints it."""

import re
import subprocess
import sys
from pathlib import Path

readme = Path(__file__).resolve().parent.parent / "README.md"
command = [sys.executable, "-m", "symloss", "list", "--markdown"]
table = subprocess.run(command, capture_output=True, text=True, check=True, cwd=readme.parent).stdout
text = readme.read_text(encoding="utf-8")
between = re.compile(r"(<!-- table -->\n).*?(<!-- end of table -->)", re.DOTALL)
readme.write_text(between.sub(lambda m: m.group(1) + table + m.group(2), text), encoding="utf-8")
