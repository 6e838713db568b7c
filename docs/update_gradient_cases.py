"""Writes into docs/gradient_cases.md what `symloss verify` says of every gradient of the corpus.

One example of each kind of mistake goes into docs/is_my_gradient_right.md. It needs PyTorch, JAX and a C compiler, as
some gradients are written in them.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from marked_parts import replaced

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gradient_cases.md"
GUIDE = ROOT / "docs" / "is_my_gradient_right.md"

KINDS = {
    "scale": ("a constant factor that no convention explains", "focal_with_a_loss_weight"),
    "sign": ("the sign, of all of it or of a term", "mse_true_minus_pred"),
    "missing-chain-factor": ("an inner derivative is left out", "bce_misses_the_sigmoid"),
    "wrong-variable": ("the derivative by something else", "bce_by_the_logit"),
    "missing-term": ("a term of the sum is left out", "focal_weight_held_constant"),
    "extra-term": ("a term or a factor too much", "bce_sigmoid_twice"),
    "wrong-branch": ("a case distinction that asks or answers wrongly", "huber_only_the_right_tail"),
    "swapped-arguments": (
        "two arguments or parameters in each other's place",
        "tversky_alpha_and_beta_swapped",
    ),
    "ignored-parameter": ("a hyper-parameter that has no effect", "focal_without_alpha"),
    "kink": ("a value outside of the one-sided slopes", "mae_two_at_zero"),
    "reduction": ("a sum or a mean over the wrong thing", "mse_pair_sum_in_the_gradient"),
    "shape": ("an array of another shape than the input", "softmax_summed_over_classes"),
    "unstable": ("the formula is right, and digits are lost", "log_cosh_hessian_cancels"),
    "nan": ("NaN where there is an answer", "mae_divides_by_itself"),
    "hessian": ("the second derivative is not that of the gradient", "huber_hessian_of_ones"),
    "mutates-input": ("an argument is changed", "softmax_in_place"),
    "nondeterministic": ("two calls, two answers", "mse_with_noise"),
    "exception": ("an error on arguments that are allowed", "class_index_counts_the_classes_it_sees"),
    "timeout": ("no answer in time", "mae_that_hangs"),
    "other": ("wrong, and none of the above explains it", "mae_difference_from_one"),
}
"""What a kind of mistake means, and the gradient of the corpus that shows it."""


def kinds_table(judgements: dict) -> str:
    """The kinds, with what verify says of one example each."""
    lines = ["| kind | meaning | for example | verify says |\n|---|---|---|---|\n"]
    for kind, (meaning, name) in KINDS.items():
        found = next((f for f in judgements[name].report.findings if f.kind == kind), None)
        said = " ".join(found.message.split()).replace("|", "\\|") if found else ""
        lines.append(f"| {kind} | {meaning} | `{name}`: {judgements[name].case.summary} | {said} |\n")
    return "".join(lines)


def judgement(name: str):
    """The report on one case."""
    from verification.corpus import CASES
    from verification.corpus.judge import judged

    with tempfile.TemporaryDirectory() as folder:
        return judged(CASES[name], Path(folder))


def main() -> int:
    sys.path.insert(0, str(ROOT / "tests"))
    from verification.corpus import CASES
    from verification.corpus.table import summary, table

    with ProcessPoolExecutor(os.cpu_count()) as pool:
        judgements = list(pool.map(judgement, CASES))
    for one in judgements:
        if not (one.verdict_right and one.kind_right and one.where_right):
            print(one)
    parts = {"summary": summary(judgements), "cases": table(judgements)}
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), parts, PAGE.name), encoding="utf-8")
    kinds = {"kinds": kinds_table({j.case.name: j for j in judgements})}
    GUIDE.write_text(replaced(GUIDE.read_text(encoding="utf-8"), kinds, GUIDE.name), encoding="utf-8")
    print(parts["summary"], end="")
    return not all(j.verdict_right for j in judgements)


if __name__ == "__main__":
    sys.exit(main())
