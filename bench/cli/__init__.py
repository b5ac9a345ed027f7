"""The command line. It imports torch, pandas and scipy only in the commands that need them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="What neural networks can and cannot learn of mathematics, and whether they compute or look up.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
suite_app = typer.Typer(help="Look at suites.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(suite_app, name="suite")

SuiteName = Annotated[str, typer.Argument(metavar="SUITE", help="A shipped suite's name, or a TOML file.")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that a run wrote.")]


def main() -> None:
    """Run the command line: a user's mistake is one line and exit code 2, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        from enigmath.bench.contracts import UserError

        if not isinstance(error, UserError):
            raise
        print(f"enigmath: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)


@app.command("list")
def list_command(
    what: Annotated[str, typer.Argument(help="tasks, models, metrics, probes or suites; all when left out.")] = "",
    area: Annotated[str, typer.Option(help="Only tasks of these areas, separated by commas.")] = "",
    rates: Annotated[bool, typer.Option("--rates", help="Measure how fast each task draws, here and now.")] = False,
    reader: Annotated[str, typer.Option("--from", help="Tasks that this reader knows: reasoning-gym.")] = "",
) -> None:
    """List what is installed: tasks, models, metrics, probes, suites."""
    from enigmath.bench.cli.listing import listings, show, show_from

    if reader:
        if what != "tasks" or area:
            from enigmath.bench.contracts import UserError

            raise UserError("lists tasks and takes no area", where="--from", mend="`enigmath list tasks --from ...`")
        return show_from(reader, rates=rates)
    if what and what not in listings():
        from enigmath.bench.contracts import unknown

        raise unknown("listing", what, listings(), where="list")
    if what not in ("", "tasks") and (area or rates):
        from enigmath.bench.contracts import UserError

        raise UserError("--area and --rates are for tasks", where=f"list {what}", mend="leave them out")
    for name in [what] if what else listings():
        show(name, [word for word in map(str.strip, area.split(",")) if word], rates=rates)


@app.command()
def sample(
    task: Annotated[str, typer.Argument(help="A task's name, or path/to/file.py:function.")],
    level: Annotated[int, typer.Option(help="The level, counted from 1.")] = 1,
    count: Annotated[int, typer.Option("--count", "-n", help="How many problems.")] = 10,
    seed: Annotated[int, typer.Option(help="The seed of the dataset.")] = 0,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "train",
    steps: Annotated[bool, typer.Option("--steps", help="Show the steps that the task offers as well.")] = False,
) -> None:
    """Print problems of a task, as a dataset would hold them."""
    from enigmath.bench.cli.listing import show_sample

    show_sample(task, level, count, seed, split, steps)


@app.command()
def audit(
    task: Annotated[str, typer.Argument(help="A task's name, or path/to/file.py:function.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every task that is installed.")] = False,
    level: Annotated[int | None, typer.Option(help="Only this level, counted from 1.")] = None,
    count: Annotated[int | None, typer.Option("--count", "-n", help="Problems a level; 10000 of one task.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the dataset.")] = 0,
    json: Annotated[Path | None, typer.Option("--json", help="A file for the figures as JSON.")] = None,
    out: Annotated[Path | None, typer.Option(help="A folder for a picture of each task, and the JSON.")] = None,
    page: Annotated[Path | None, typer.Option(help="With --all: a Markdown file for the page of all tasks.")] = None,
) -> None:
    """Say what a task's problems are, and whether anything leaks: keys, answers, lengths, rejected draws, rate."""
    from enigmath.bench.cli.auditing import run_audit

    raise typer.Exit(
        run_audit(task, everything=everything, level=level, count=count, seed=seed, json_file=json, out=out, page=page)
    )


@app.command()
def run(
    suite: SuiteName,
    model: Annotated[list[str] | None, typer.Option(help="Only this model; or path.py:Class, one more.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task; arithmetic/* works.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="These seeds instead of the suite's.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:0.")] = "auto",
    workers: Annotated[int | None, typer.Option(help="Cells at a time; one a core, or one a GPU.")] = None,
    threads: Annotated[str, typer.Option(help="Threads of each worker; auto measures which number is fastest.")] = "1",
    checkpoint: Annotated[float, typer.Option(help="Seconds between two checkpoints of a fit.")] = 30.0,
    track: Annotated[list[str] | None, typer.Option(help="Log curves and scores as they come: tensorboard.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; runs/<suite> when left out.")] = None,
) -> None:
    """Run a suite: train, test, score, report. Run again, it does only what is missing or failed."""
    from enigmath.bench.cli.working import run_session
    from enigmath.bench.session import plan

    chosen = plan(suite, models=model or [], tasks=task or [], seeds=seed or [], out=out)
    code = run_session(
        chosen, device=device, workers=workers, threads=threads, checkpoint=checkpoint, track=track or []
    )
    raise typer.Exit(code)


@app.command()
def tune(
    subject: Annotated[str, typer.Argument(metavar="SUITE_OR_TASK", help="A task's name, a suite's, or a TOML file.")],
    model: Annotated[str, typer.Option(help="The model; a suite may have one alone.")] = "",
    learning_rate: Annotated[bool, typer.Option("--learning-rate", help="Let the rate rise, and suggest one.")] = False,
    space: Annotated[Path | None, typer.Option(help="A TOML file: what each keyword may be.")] = None,
    trials: Annotated[int, typer.Option(help="How many sets of keywords to try.")] = 20,
    levels: Annotated[str, typer.Option("--levels", "--level", help="Of a task, as 1,2; all when left out.")] = "",
    task: Annotated[list[str] | None, typer.Option(help="Of a suite, only this task.")] = None,
    steps: Annotated[int | None, typer.Option(help="Of each fit; 500 for a task, a suite says its own.")] = None,
    seed: Annotated[int, typer.Option(help="Of the search, and of a task's fits.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:0.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="Where to write; runs/tune-... when left out.")] = None,
) -> None:
    """Find a learning rate, or search keywords, on validation alone; the winner of a search is tested at the end."""
    from enigmath.bench.cli.tuning import run_tuning

    code = run_tuning(
        subject, model=model, learning_rate=learning_rate, space=space, trials=trials, levels=levels, task=task or [],
        steps=steps, seed=seed, device=device, out=out,
    )  # fmt: skip
    raise typer.Exit(code)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="The folder of a run; several are merged.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; RUN/report when left out.")] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Write the figures as PNG and SVG as well.")] = False,
) -> None:
    """Write the pages of a run, or of several as one, which open offline, and its tables."""
    from enigmath.reports import load, write_report
    from enigmath.reports.text import visible

    loaded = load(*runs)
    for note in loaded.notes:
        typer.echo(f"Note: {visible(note)}", err=True)
    typer.echo(write_report(loaded if out or len(runs) == 1 else runs, out, figures=figures))


@app.command()
def show(run: RunFolder) -> None:
    """Show the leaderboard of a run in the terminal."""
    from rich.console import Console

    from enigmath.reports import Board, load

    Console().print(Board(load(run)))


@app.command()
def watch(
    run: RunFolder,
    once: Annotated[bool, typer.Option("--once", help="Show how it stands now, and end.")] = False,
) -> None:
    """Watch a run that another process is at, until all its cells have landed."""
    from enigmath.bench.cli.watching import watch_run

    watch_run(run, once=once)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="LABEL with --run; or RUN:LABEL; or RUN with one network.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The other model, named in the same way.")],
    run: Annotated[Path | None, typer.Option(help="The run of both: A and B are then labels alone.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Compare by this metric; exact when left out.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task; arithmetic/* works.")] = None,
) -> None:
    """Say which of two models is better on the same problems, by how much, how sure, and what would decide a tie."""
    from enigmath.bench.cli.comparing import compare_models

    compare_models(first, second, run, metric or [], task or [])


@app.command()
def verify(
    run: RunFolder,
    quick: Annotated[bool, typer.Option("--quick", help="Do not draw the problems for training again.")] = False,
    predict: Annotated[bool, typer.Option("--predict", help="Let the models answer again as well.")] = False,
) -> None:
    """Say whether a run is true: draw its problems again, judge its predictions again, and compare all it says."""
    from enigmath.bench.cli.verifying import verify as check

    raise typer.Exit(check(run, quick=quick, predict=predict))


@app.command()
def probe(
    run: RunFolder,
    name: Annotated[list[str] | None, typer.Option("--probe", help="Only this probe; or path.py:function.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only this model, by its label on the board.")] = None,
    task: Annotated[list[str] | None, typer.Option(help="Only this task, by its title.")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="These seeds; the smallest when left out.")] = None,
    fits: Annotated[bool, typer.Option("--fits", help="Those that fit further models as well.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:0.")] = "auto",
) -> None:
    """Ask how the models of a run answer: whether they compute or look up."""
    from enigmath.bench.cli.probing import run_probes

    code = run_probes(
        run, names=name or [], models=model or [], tasks=task or [], seeds=seed or [], device=device, fits=fits
    )
    raise typer.Exit(code)


@app.command()
def ask(
    run: RunFolder,
    model: Annotated[str, typer.Argument(help="The model's label on the board.")],
    question: Annotated[list[str], typer.Argument(help='What to ask, for instance "12+34".')],
    task: Annotated[str, typer.Option(help="The task that it was trained for.")] = "",
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    sample: Annotated[int, typer.Option(help="Draw so many answers to each question.")] = 0,
    temperature: Annotated[float, typer.Option(help="Of the draws: 0 is the likeliest, 1 as the model holds.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
) -> None:
    """Ask a trained model, or draw answers from it."""
    from enigmath.bench.cli.asking import answers

    lines = answers(run, model, question, task, device, samples=sample, temperature=temperature, seed=seed)
    typer.echo("\n".join(lines))


@app.command()
def embedding(
    run: RunFolder,
    model: Annotated[str, typer.Argument(help="The model's label on the board.")],
    out: Annotated[Path, typer.Option(help="The map: a .svg to look at, or a .csv with the vectors.")],
    task: Annotated[str, typer.Option(help="The task that it was trained for.")] = "",
) -> None:
    """Draw a map of the vectors that a trained model gives its symbols: their two principal components."""
    from enigmath.bench.cli.embedding import draw_map

    typer.echo(draw_map(run, model, task, out))


@suite_app.command("check")
def suite_check(suite: SuiteName) -> None:
    """Read a suite strictly, draw its test problems, and say what it would run."""
    from enigmath.bench.cli.working import check_suite

    check_suite(suite)
