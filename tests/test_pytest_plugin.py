"""`pytest some-suite.toml`: each cell is a test item, the board stands in the summary, and others pay nothing."""

from pathlib import Path

import pytest


@pytest.fixture
def in_pytest(toy, pytester: pytest.Pytester):
    """Write the toy suite where a pytest of its own will run it, in a process of its own."""

    def run(*words: str, models: tuple[str, ...], extra: str = "") -> pytest.RunResult:
        path = toy(*models, extra=extra)
        for file in ("toy.toml", "models.py", "tasks.py"):
            (pytester.path / file).write_text((path.parent / file).read_text())
        return pytester.runpytest_subprocess("toy.toml", "-p", "no:cacheprovider", *words)

    return run


def test_each_cell_is_an_item_and_the_board_stands_in_the_summary(in_pytest, pytester: pytest.Pytester) -> None:
    result = in_pytest("-v", models=("Calculator", "Guesser"))
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["*toy/sum*Calculator-0*PASSED*", "*enigmath:*", "*Calculator*", "The page: *index.html"]
    )
    assert len(list((pytester.path / "runs" / "toy" / "cells").glob("[!.]*"))) == 2


def test_requirements_become_passes_and_failures(in_pytest) -> None:
    extra = '\n[require."toy/sum"]\nCalculator = { exact = 0.9 }\nGuesser = { exact = 0.5 }\n'
    result = in_pytest(models=("Calculator", "Guesser"), extra=extra)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*Guesser, seed 0: exact 0.0% (0.0% to *%) must be at least 50.0%*"])


def test_a_cell_that_raises_fails_with_the_models_traceback(in_pytest) -> None:
    result = in_pytest(models=("Broken",))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*RuntimeError: broken on purpose*"])


def test_a_value_that_a_model_cannot_take_ends_the_collection(in_pytest, pytester: pytest.Pytester) -> None:
    result = in_pytest(models=("Guesser",), extra='\n[[models]]\nname = "gcd-of-base"\nconfig = { base = 1 }\n')
    result.stdout.fnmatch_lines(["*models, gcd-of-base: gcd-of-base: a base of 1; 2 or more*"])
    assert not (pytester.path / "runs").exists()


def test_a_model_can_be_added(in_pytest, toy, tmp_path: Path) -> None:
    path = toy("Guesser")
    result = in_pytest("--enigmath-model", f"{path.parent}/models.py:Calculator", models=("Guesser",))
    result.assert_outcomes(passed=2)


def test_it_works_under_xdist_and_the_board_still_comes(in_pytest, pytester: pytest.Pytester) -> None:
    result = in_pytest("-n", "2", models=("Calculator", "Guesser", "Broken"))
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*enigmath:*", "*Calculator*"])
    assert len(list((pytester.path / "runs" / "toy" / "cells").glob("[!.]*"))) == 3


def test_results_go_to_the_store_and_a_second_time_nothing_is_done_again(in_pytest, pytester: pytest.Pytester) -> None:
    in_pytest("--enigmath-out", "kept", models=("Calculator",)).assert_outcomes(passed=1)
    (cell,) = (pytester.path / "kept" / "cells").glob("[!.]*")
    before = cell.stat().st_mtime_ns
    in_pytest("--enigmath-out", "kept", models=("Calculator",)).assert_outcomes(passed=1)
    assert cell.stat().st_mtime_ns == before


def test_a_mistake_in_the_suite_is_one_line(in_pytest) -> None:
    result = in_pytest(models=("Calclator",))
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*no name 'Calclator'; did you mean 'Calculator'?"])
    assert "Traceback" not in result.stdout.str()


def test_toml_files_that_are_not_named_are_left_alone_and_nothing_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makefile(".toml", pyproject="[project]\nname = 'x'\n", other="tasks = 1\n")
    pytester.makepyfile(
        """
        import sys

        def test_nothing_of_the_harness_is_loaded():
            heavy = ("torch", "pandas", "pyarrow", "numpy", "scipy", "sympy", "rich", "msgspec", "enigmath.bench.suite")
            assert [name for name in heavy if name in sys.modules] == []
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
