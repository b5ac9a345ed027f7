"""What stands behind a run: the leak proof, the machine, versions and seeds, and the cells that failed."""

from dataclasses import dataclass

import pandas as pd

from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import KINDS
from enigmath.reports.text import clipped
from enigmath.reports.words import compact, duration

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class About:
    """Tables of texts, row by row, for the template."""

    facts: list[tuple[str, str]]
    proof: list[list[str]]
    tasks: list[list[str]]
    models: list[list[str]]
    failed: list[list[str]]
    overlaps: int | None


def about(run: Run, board: pd.DataFrame) -> About:
    """All that the page says about a run; texts are visible and clipped."""
    cells = run.cells
    overlaps = _total(cells, "proof.overlaps")
    return About(
        facts=_facts(run, board),
        proof=_proof(cells),
        tasks=_tasks(run),
        models=_models(run),
        failed=[
            [clipped(cell[name], 200) for name in ("label", "title", "seed")]
            + [clipped(cell["error"] or "no reason kept")]
            for _, cell in cells[cells["status"] != "finished"].iterrows()
        ],
        overlaps=overlaps,
    )


def _facts(run: Run, board: pd.DataFrame) -> list[tuple[str, str]]:
    cells = run.cells
    seeds = sorted(set(cells["seed"]))
    facts = [
        ("Suite", run.suite),
        ("Cells", f"{len(run.finished)} finished, {len(cells) - len(run.finished)} failed"),
        ("Test problems", f"{int(cells['n'].sum()):,} predictions scored" if len(cells) else "none"),
        ("Seeds", ", ".join(map(str, seeds)) or "none"),
        ("Processor", _distinct(cells, "hardware.cpu")),
        ("Cores", _distinct(cells, "hardware.cores")),
        ("Threads a cell", _distinct(cells, "hardware.threads")),
        ("Memory", _gibibytes(cells)),
        ("Device", _distinct(cells, "hardware.gpu") or _distinct(cells, "hardware.device")),
        ("Time in cells", duration(float(cells["seconds.total"].sum())) if "seconds.total" in cells else ""),
        ("Commit", _commit(cells)),
    ]
    versions = [name for name in cells.columns if name.startswith("version.")]
    facts += [(name.removeprefix("version."), _distinct(cells, name)) for name in versions]
    return [(clipped(name, 60), clipped(value, 200)) for name, value in facts if value]


def _proof(cells: pd.DataFrame) -> list[list[str]]:
    """A row a title: training and test rows, pairs compared, overlaps found, duplicates dropped."""
    if "proof.pairs" not in cells:
        return []
    rows = []
    for title, group in cells[cells["proof.pairs"].notna()].groupby("title"):
        data = group.drop_duplicates("seed")
        sizes = [compact(_mean(data, f"size.{split}")) for split in SPLITS[:1]] + [compact(float(data["n"].mean()))]
        counts = [f"{_total(data, f'proof.{name}') or 0:,}" for name in ("pairs", "overlaps", "duplicates")]
        rows.append([clipped(title, 120), *sizes, *counts])
    return rows


def _tasks(run: Run) -> list[list[str]]:
    """A row a task of a title: the title, its name, what is asked, its version and levels."""
    rows = []
    for (title, task), group in run.levels.groupby(["title", "task"], sort=False):
        levels = group.drop_duplicates("level").sort_values("level")
        names = [f"{row['name']}{' (beyond)' if row['beyond'] else ''}" for _, row in levels.iterrows()]
        name = task if title == task else f"{title}: {task}"
        told = f"version {', '.join(map(str, sorted(set(group['version']))))}: {'; '.join(names)}"
        rows.append([str(title), clipped(name, 120), clipped(levels["doc"].iloc[0], 400), clipped(told, 400)])
    return rows


def _models(run: Run) -> list[list[str]]:
    """A row a model: its label as it is and as it is shown, its kind, what it does, its config."""
    rows = []
    ranked = run.cells.sort_values("kind", key=lambda kinds: kinds.map(KINDS.index), kind="stable")
    for label, group in ranked.groupby("label", sort=False):
        config = [name for name in group.columns if name.startswith("config.") and group[name].notna().any()]
        told = ", ".join(f"{name.removeprefix('config.')} {_distinct(group, name)}" for name in config)
        kind = {"network": "learner", "method": "textbook method"}.get(str(group["kind"].iloc[0]), "shortcut")
        rows.append([str(label), clipped(label, 120), kind, clipped(group["doc"].iloc[0], 400), clipped(told, 400)])
    return rows


def _distinct(cells: pd.DataFrame, name: str) -> str:
    if name not in cells:
        return ""
    values = cells[name].dropna().unique()
    return " / ".join(sorted({f"{value:g}" if isinstance(value, float) else str(value) for value in values}))


def _total(cells: pd.DataFrame, name: str) -> int | None:
    return int(cells[name].fillna(0).sum()) if name in cells and cells[name].notna().any() else None


def _mean(cells: pd.DataFrame, name: str) -> float:
    return float(cells[name].mean()) if name in cells else float("nan")


def _gibibytes(cells: pd.DataFrame) -> str:
    if "hardware.memory_bytes" not in cells:
        return ""
    return " / ".join(sorted({f"{size / 2**30:.1f} GiB" for size in cells["hardware.memory_bytes"].dropna()}))


def _commit(cells: pd.DataFrame) -> str:
    """The commits that the cells ran from, short, and whether there were changes that no commit holds."""
    if "commit" not in cells or not cells["commit"].notna().any():
        return ""
    known = cells[cells["commit"].notna()]
    pairs = {(str(row["commit"])[:12], bool(row["dirty"])) for _, row in known.iterrows()}
    return ", ".join(f"{commit}{' with changes' if dirty else ''}" for commit, dirty in sorted(pairs))
