"""No name of a declaration is one that generated code gives to something of its own."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import NAMES

import symloss
from symloss import naming
from symloss.naming import refused, taken_by_code
from symloss.store import template_folder

GENERATED = Path(__file__).parents[1] / "generated"
FUNCTIONS = ("value", "gradient", "value_and_gradient", "hessian", "hessian_vector_product")
NUMBERED = re.compile(r"\w+_\d+|[a-z]\d*")
"""What is numbered, and an index, get a name that nothing in the program has."""
LOCAL = re.compile(
    r"^ +(?:const )?(?:size_t|int|u?int\d+_t|double|float|struct \w+) \*?(?:const )?((?!SYMLOSS_)\w+)\b",
    re.MULTILINE,
)


def said_in_numpy(name: str) -> set[str]:
    module = ast.parse((GENERATED / "numpy" / f"{name}.py").read_text(encoding="utf-8"))
    functions = [f for f in module.body if isinstance(f, ast.FunctionDef) and f.name in FUNCTIONS]
    return {node.id for f in functions for node in ast.walk(f) if isinstance(node, ast.Name)}


def said_in_c(name: str) -> set[str]:
    source = (GENERATED / "c" / f"{name}.c").read_text(encoding="utf-8")
    first = re.search(rf"^(?:static .*_of_(?:example|thread)|int symloss_{name}_\w+)\(", source, re.MULTILINE)
    return set(LOCAL.findall(source[first.start() :]))


@pytest.mark.parametrize("said", [said_in_numpy, said_in_c])
def test_no_argument_can_be_called_like_what_the_code_itself_names(said):
    """It would be hidden: hyper-parameters `next`, `max` and `i_range` once were."""
    delta = symloss.get("huber").parameters[0]
    free = {}
    for name in NAMES:
        loss = symloss.get(name)
        declared = {a.name for a in (*loss.inputs, *loss.parameters)} | {
            *loss.definitions,
            *loss.axes,
            "weight",
        }
        own = {word for word in said(name) - declared if not NUMBERED.fullmatch(word)}
        assert own
        for word in own:
            also = replace(loss, parameters=(*loss.parameters, replace(delta, name=word)))
            if not refused(word, "a hyper-parameter") and word not in taken_by_code(also):
                free.setdefault(word, name)
    assert not free


def test_no_word_is_refused_for_nothing():
    """Each is in the text of generated code, or in what may write it."""
    sources = [*GENERATED.glob("numpy/*.py"), *GENERATED.glob("c/*.[ch]"), *template_folder().rglob("*.j2")]
    said = set()
    for path in sources:
        said |= set(re.findall(r"[A-Za-z_]\w*", path.read_text(encoding="utf-8")))
    assert said >= naming.OWN_WORDS


@pytest.mark.parametrize("name", ["max", "i_range", "atan", "lane", "next"])
def test_a_name_of_generated_code_is_refused(name):
    with pytest.raises(
        symloss.DeclarationError, match=f"'{name}' cannot name a parameter: generated code uses it"
    ):
        symloss.parameter(name, symloss.Positive, 1)
