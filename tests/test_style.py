"""How long functions and modules may be, their own docstrings left out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest

PACKAGE = Path(__file__).parents[1] / "jobrunner"
LONGEST_FUNCTION, LONGEST_MODULE = 45, 250


def function_lengths(package: Path) -> Iterator[tuple[str, int]]:
    """Go through all functions with the number of lines of each body."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file.relative_to(package)}:{node.lineno} {node.name}", body_length(node)


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def module_lengths(package: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(package.rglob("*.py")):
        yield str(file.relative_to(package)), body_length(ast.parse(file.read_text(encoding="utf-8")))


def too_long(package: Path) -> list[str]:
    return [
        *(f"{name} has {length} lines" for name, length in module_lengths(package) if length > LONGEST_MODULE),
        *(f"{name} has {length} lines" for name, length in function_lengths(package) if length > LONGEST_FUNCTION),
    ]


def test_no_function_is_longer_than_45_lines_and_no_module_than_250() -> None:
    found = too_long(PACKAGE)
    assert not found, "\n" + "\n".join(found)


def test_half_of_the_functions_have_at_most_7_lines_and_nine_in_ten_at_most_25() -> None:
    lengths = [length for _, length in function_lengths(PACKAGE)]
    assert median(lengths) <= 7
    assert quantiles(lengths, n=10)[-1] <= 25


@pytest.mark.parametrize("head", ["def f():", "async def f():", "class A:\n  def f(self):"])
def test_a_function_of_46_lines_is_found_and_its_docstring_is_not_counted(tmp_path: Path, head: str) -> None:
    lines = [f"{head}", '    """Words.', "", '    More."""', *["    x = 1"] * 45]
    (tmp_path / "a.py").write_text("\n".join(lines))
    assert too_long(tmp_path) == []
    (tmp_path / "a.py").write_text("\n".join([*lines, "    x = 1"]))
    assert [fault.split()[-2:] for fault in too_long(tmp_path)] == [["46", "lines"]]


def test_a_module_of_251_lines_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('"""Words.\n\nMore."""\n' + "x = 1\n" * 251)
    assert too_long(tmp_path) == ["a.py has 251 lines"]
