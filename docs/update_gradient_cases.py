"""Writes into docs/gradient_cases.md what `symloss verify` says of every gradient of the corpus.

It needs PyTorch, JAX and a C compiler, as some gradients are written in them.
"""

import sys
import tempfile
from pathlib import Path

from marked_parts import replaced

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gradient_cases.md"


def main() -> int:
    sys.path.insert(0, str(ROOT / "tests"))
    from verification.corpus import CASES
    from verification.corpus.judge import judged
    from verification.corpus.table import summary, table

    with tempfile.TemporaryDirectory() as folder:
        judgements = [judged(case, Path(folder)) for case in CASES.values()]
    for judgement in judgements:
        if not (judgement.verdict_right and judgement.kind_right and judgement.where_right):
            print(judgement)
    parts = {"summary": summary(judgements), "cases": table(judgements)}
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), parts, PAGE.name), encoding="utf-8")
    print(parts["summary"], end="")
    return not all(j.verdict_right for j in judgements)


if __name__ == "__main__":
    sys.exit(main())
