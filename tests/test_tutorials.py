"""Tutorials: each notebook runs from its first cell to its last, and holds nothing that could go stale."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "tutorials").glob("*.ipynb"))


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_one_and_keeps_no_outputs(path: Path) -> None:
    whole = json.loads(path.read_text())
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in whole["cells"]}) == len(whole["cells"])
    assert len(cells(path, "markdown")) + len(cells(path, "code")) == len(whole["cells"])
    for cell in cells(path, "code"):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        ast.parse("".join(cell["source"]))  # plain Python: no magic, no shell


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one program in a fresh interpreter, where what stands last in a cell is shown as a notebook shows it."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install 'enigmath[figures]'")
    parts = []
    for place, cell in enumerate(cells(path, "code")):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            tree.body[-1] = ast.parse(f"print({ast.unparse(last)})").body[0]
        parts.append(f"{ast.unparse(tree)}\nprint('cell {place} ends')")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    # By -c: workers would import a main module that is a file once more.
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", "\n".join(parts)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=850,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    assert done.stdout.splitlines()[-1] == f"cell {len(parts) - 1} ends"
    assert "failed" not in done.stdout


def test_there_is_a_notebook_from_a_run_to_its_plots() -> None:
    assert "reading-a-run" in {path.stem for path in NOTEBOOKS}
    code = "".join("".join(cell["source"]) for cell in cells(NOTEBOOKS[0], "code"))
    for name in ("load(", "run.cells", "run.leaderboard", "run.problems", "run.curves", "plt.show()"):
        assert name in code
