"""What `enigmath audit` shows and writes: a table, a picture, JSON, and the page of all tasks."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as escape_xml

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from enigmath.bench.audit import Audit, LevelAudit, as_json, audit, spread
from enigmath.bench.cli.listing import console
from enigmath.bench.contracts import Task, UserError
from enigmath.bench.contracts.registry import find_task, tasks

COUNT = 10_000
"""Problems a level when one task is audited; of all tasks, the first shard of each level."""
BARS = 24
MAGNITUDES = 4
"""Orders of magnitude that the table shows of a level; the picture and the JSON hold all."""
WIDTH, HEIGHT, GAP = 240, 70, 34


def run_audit(
    name: str, *, everything: bool, level: int | None, count: int | None, seed: int,
    json_file: Path | None, out: Path | None, page: Path | None,
) -> int:  # fmt: skip
    """Audit one task or all; 0 when they are clean, 1 otherwise. UserError before anything is drawn or written."""
    if bool(name) == everything:
        raise UserError("name either a task or --all", where="audit", mend="try `enigmath audit arithmetic/addition`")
    if everything and level is not None:
        raise UserError("--level is for one task", where="audit", mend="leave --level or --all out")
    if page is not None and not everything:
        raise UserError("a page tells of all tasks", where="--page", mend="add --all")
    if count is not None and count < 1:
        raise UserError(f"cannot audit {count} problems", where="--count", mend="give 1 or more")
    for path in (json_file, page):
        _require_place(path)
    if out is not None and out.exists() and not out.is_dir():
        raise UserError("is a file", where=str(out), mend="give a folder to --out")
    found, broken = _chosen(name)
    numbers = [] if level is None else [level]
    for task in found:
        for number in numbers:
            task.level(number)
    if page is not None:
        if broken:
            raise UserError(broken[0], where="--page", mend="mend it, so that the page is whole")
        from enigmath.bench.cli.task_page import task_page

        write_whole(page, task_page(found))
    out_console, audits = console(), []
    for task in found:
        try:
            audits.append(audit(task, numbers, count or (None if everything else COUNT), seed))
        except UserError as error:
            if not everything:
                raise
            broken.append(str(error))
            continue
        if everything:
            out_console.print(_one_line(audits[-1]), highlight=False, soft_wrap=True)
        else:
            _print(audits[-1], task, out_console)
    if json_file is not None:
        write_whole(json_file, as_json(audits))
    if out is not None:
        for one in audits:
            write_whole(out / f"{one.task.replace('/', '-')}.svg", picture(one))
        write_whole(out / "audit.json", as_json(audits))
    faults = [*broken, *(line for one in audits for line in one.faults)]
    for line in faults:
        out_console.print(f"[red]{escape(line)}[/red]", highlight=False, soft_wrap=True)
    out_console.print(_conclusion(audits, faults), highlight=False)
    return 1 if faults else 0


def _chosen(name: str) -> tuple[list[Task], list[str]]:
    if name:
        return [find_task(name)], []
    found = tasks()
    broken = [f"{entry}: {reason}" for entry, reason in found.broken.items()]
    return [found.plugins[key] for key in sorted(found.plugins)], broken


def _require_place(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UserError("cannot be written", where=str(path), mend="give a file in a folder that exists")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is whole or not there; UserError where it cannot be written."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _conclusion(audits: Sequence[Audit], faults: Sequence[str]) -> str:
    problems = sum(level.problems for one in audits for level in one.levels)
    levels = sum(len(one.levels) for one in audits)
    asked = any(one.overlaps.text for one in audits)  # clean all the same where the question leaves the answer open
    clean = f"clean: no {'' if asked else 'text and no '}key stands in two splits"
    verdict = clean if not faults else f"{len(faults)} faults"
    return f"{len(audits)} tasks, {levels} levels, {problems:,} problems: {verdict}."


def _one_line(one: Audit) -> str:
    """What all levels of a task say in one line: the worst of each."""
    unique = min(level.unique for level in one.levels)
    most = max(level.answers.commonest_share for level in one.levels)
    rates = sorted(level.rate for level in one.levels)
    verdict = "clean" if not one.faults else f"[red]{len(one.faults)} faults[/red]"
    return (
        f"{escape(one.task)}: {verdict}; {len(one.levels)} levels, unique from {unique:.1%}, "
        f"commonest answer up to {most:.1%}, {rates[len(rates) // 2]:,.0f} problems a second"
    )


def _print(one: Audit, task: Task, out: Console) -> None:
    out.print(escape(task.doc), highlight=False, style="dim")
    table = Table(title=f"{one.task}, seed {one.seed}", title_justify="left", box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for level in one.levels:
        table.add_column(f"level {level.level}{'*' if level.beyond else ''}", justify="right", overflow="fold")
    rows = [_figures(level) for level in one.levels]
    for name in dict.fromkeys(name for row in rows for name in row):
        table.add_row(name, *(escape(row.get(name, "")) for row in rows))
    out.print(table, highlight=False)
    out.print(
        f"* beyond. Over all levels: {one.overlaps.text:,} texts and {one.overlaps.key:,} keys in two splits; "
        f"{one.overlaps.skeleton:.1%} of held-out problems have a skeleton that training has.",
        highlight=False,
    )
    if one.source is not None:
        _print_source(one.source, out)


def _print_source(source: Mapping[str, Any], out: Console) -> None:
    """The files that a task is made from: what each holds, and which questions stand in two of them."""
    table = Table(title="the files", title_justify="left", box=None, pad_edge=False)
    table.add_column("", overflow="fold")
    for title in ("problems", "duplicates left out"):
        table.add_column(title, justify="right")
    table.add_column("questions shared with", overflow="fold")
    for name, problems in source["problems"].items():
        pairs = [
            (set(overlap["files"]) - {name}, overlap) for overlap in source["overlaps"] if name in overlap["files"]
        ]
        shared = ", ".join(f"{other.pop()} {overlap['questions']:,}" for other, overlap in pairs)
        table.add_row(escape(name), f"{problems:,}", f"{source['duplicates'][name]:,}", escape(shared) or "none")
    out.print(table, highlight=False)


def percent(share: float) -> str:
    """A share as the table shows it."""
    return f"{share:.2%}"


def _figures(level: LevelAudit) -> dict[str, str]:
    """A column of the table: what a figure is called, and its text."""
    answers = level.answers
    figures = {
        "": level.name,
        "problems": f"{level.problems:,}",
        "unique by key": percent(level.unique),
        "skeletons": f"{level.skeletons:,}",
        "texts in two splits": f"{level.overlaps.text:,}",
        "keys in two splits": f"{level.overlaps.key:,}",
        "skeletons known": percent(level.overlaps.skeleton),
        "different answers": f"{answers.distinct:,}",
        "entropy, bits": f"{answers.entropy:.2f}",
        "commonest answer": answers.commonest if len(answers.commonest) <= 10 else answers.commonest[:9] + "…",
        "its share": percent(answers.commonest_share),
        "question length": "/".join(map(str, spread(level.question_lengths))),
        "answer length": "/".join(map(str, spread(level.answer_lengths))),
        "problems a second": f"{level.rate:,.0f}",
    }
    for name, value in (answers.signs or {}).items():
        figures[f"{name} answers"] = percent(value)
    sizes = sorted((answers.magnitudes or {}).items(), key=lambda size: -size[1])[:MAGNITUDES]
    if sizes:
        figures["commonest sizes"] = "\n".join(f"1e{order} {value:.0%}" for order, value in sorted(sizes))
    for reason, count in level.rejected.items():
        figures[f"rejected: {reason}"] = percent(count / level.draws)
    return figures


def picture(one: Audit) -> str:
    """Histograms of a task as SVG: a row a level, of question lengths, answer lengths and answers' magnitudes."""
    titles = ("characters of a question", "characters of an answer", "log10 of an answer's size")
    marks = []
    for row, level in enumerate(one.levels):
        counts = (level.question_lengths, level.answer_lengths, level.answers.magnitudes or {})
        top = GAP + row * (HEIGHT + GAP)
        marks.append(f'<text x="4" y="{top - 16}" class="name">level {level.level}: {escape_xml(level.name)}</text>')
        for column, (title, counted) in enumerate(zip(titles, counts, strict=True)):
            if counted:
                marks.append(_histogram(counted, title, 4 + column * (WIDTH + 24), top))
    width, height = 3 * (WIDTH + 24), GAP + len(one.levels) * (HEIGHT + GAP)
    style = "text{font:10px sans-serif;fill:#666}.name{font-weight:bold;fill:#222}rect{fill:#3b6ea5}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f'<title>{escape_xml(one.task)}</title>\n<style>{style}</style>\n<rect width="100%" height="100%" '
        f'style="fill:#fff"/>\n' + "\n".join(marks) + "\n</svg>\n"
    )


def _histogram(counted: Mapping[int, float], title: str, left: float, top: float) -> str:
    """Bars over the whole numbers from the least to the greatest, several to a bar where there are many."""
    least, greatest = min(counted), max(counted)
    step = -(-(greatest - least + 1) // BARS)
    bars = [0.0] * ((greatest - least) // step + 1)
    for value, count in counted.items():
        bars[(value - least) // step] += count
    wide = WIDTH / max(len(bars), 8)
    marks = [
        f'<rect x="{left + place * wide:.1f}" y="{top + HEIGHT - size:.1f}" width="{wide - 1:.1f}" '
        f'height="{size:.1f}"><title>{least + place * step} to {least + place * step + step - 1}: '
        f"{bar / sum(bars):.1%}</title></rect>"
        for place, bar in enumerate(bars)
        if (size := (HEIGHT - 12) * bar / max(bars)) > 0
    ]
    label = f"{title}, {least} to {greatest}"
    return "\n".join([*marks, f'<text x="{left}" y="{top + HEIGHT + 12}">{label}</text>'])
