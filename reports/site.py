"""The frame that every page of a report shares: its head and policy, its style and scripts, the way to other pages.

A page opens from disk, asks for nothing, and runs no script but its own. Its content-security policy allows one script
and one style sheet, each by its hash; data lies in a block that is never executed, with every character escaped that
could end it. What a model printed or is called reaches a page as text only.

Pages name each other by relative paths: index.html (the board), compare.html, about.html, and one page for each task,
model and task's predictions, in folders of their own.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from enigmath.reports.boards import head_of, places_of
from enigmath.reports.figures import Places, difficulty, errors
from enigmath.reports.frames import Run
from enigmath.reports.leaderboard import company, long_board, wide
from enigmath.reports.text import clipped, slug

PLACE = ["title", "task", "level"]

SHELL = "shell.js"
"""The script that stands before all others: it reads the page's data and makes elements."""


@dataclass(frozen=True)
class Site:
    """What all pages of one report are made from.

    - `run`: the run or the merged runs; `run.only(title)` is a part of it, to read one task at a time
    - `long`, `company`, `board`: the leaderboard (see enigmath.reports.leaderboard)
    - `places`: the order of models and panels (a panel is a task of a title) on every page
    """

    run: Run
    long: pd.DataFrame
    company: pd.DataFrame
    board: pd.DataFrame
    places: Places

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The titles that have a page, in the order of the suite."""
        return tuple(dict.fromkeys(title for title, _ in self.places.panels))

    def task_path(self, title: str) -> str:
        """Where the page of a title lies in the report."""
        return f"tasks/{slug(title)}.html"

    def model_path(self, label: str) -> str:
        """Where the page of a model lies in the report."""
        return f"models/{slug(label)}.html"

    def prediction_path(self, title: str) -> str:
        """Where the page that shows the predictions on a title lies in the report."""
        return f"predictions/{slug(title)}.html"

    @cached_property
    def level_names(self) -> dict[tuple[str, str], dict[int, str]]:
        """By panel: the names of its levels by their numbers, and which lie beyond training."""
        rows = self.run.levels.drop_duplicates(PLACE)
        names: dict[tuple[str, str], dict[int, str]] = {}
        for title, task, level, name, beyond in rows[[*PLACE, "name", "beyond"]].itertuples(index=False):
            names.setdefault((str(title), str(task)), {})[int(level)] = f"{name}{', beyond training' if beyond else ''}"
        return names

    @cached_property
    def graded(self) -> "ByTitle":
        """By title: every model's scores by level (see enigmath.reports.figures)."""
        return ByTitle(self, difficulty)

    @cached_property
    def grouped(self) -> "ByTitle":
        """By title: every model's scores by what the problems are made of."""
        return ByTitle(self, errors)

    @cached_property
    def data(self) -> dict[str, Any]:
        """What the data of every page begins with: models and panels in their order, each with the path of its page."""
        titles = [title for title, _ in self.places.panels]
        kinds = self.board.groupby("label")["kind"].first()
        return {
            "models": [
                {
                    "label": clipped(label, 120),
                    "kind": str(kinds[label]),
                    "shortcut": bool(kinds[label] == "shortcut"),
                    "page": self.model_path(label),
                }
                for label in self.places.models
            ],
            "panels": [
                {
                    **vars(head_of(title, task, titles.count(title) > 1)),
                    "page": self.task_path(title),
                    "predictions": self.prediction_path(title),
                }
                for title, task in self.places.panels
            ],
        }


class ByTitle(dict[str, list[dict[str, Any]]]):
    """What a figure holds of each title: measured when it is first asked for, so that a title is read once."""

    def __init__(self, site: Site, figure: Callable[[Run, Places], list[dict[str, Any]]]) -> None:
        super().__init__()
        self.site, self.figure = site, figure

    def __missing__(self, title: str) -> list[dict[str, Any]]:
        self[title] = self.figure(self.site.run.only(title), self.site.places)
        return self[title]


def site_of(run: Run) -> Site:
    """The site of a run: its leaderboard and the order of its models and tasks."""
    long, beside = long_board(run), company(run)
    board = wide(long, beside)
    return Site(run, long, beside, board, places_of(board))


def render(
    template: str,
    site: Site,
    path: str,
    title: str,
    data: Mapping[str, Any],
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
    **context: Any,
) -> str:
    """One page as text.

    `template` (in page/) extends shell.html.jinja; `path` is where the page will lie in the report, `title` what the
    browser's tab says; `data` is added to `site.data` for the scripts, which follow SHELL in their order; `styles`
    follow page.css. In templates `root` leads to the report's folder: `{{ root }}{{ path }}` is a link.
    """
    style = "\n".join(_source(name) for name in ("page.css", *styles))
    script = '"use strict";\n' + "\n".join(_source(name) for name in (SHELL, *scripts))
    root = "../" * path.count("/")
    return str(
        _templates()
        .get_template(template)
        .render(
            policy=_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            data=Markup(embedded({"root": root, **site.data, **data})),
            suite=clipped(site.run.suite, 80),
            description=clipped(site.run.description, 300),
            title=clipped(title, 120),
            site=site,
            root=root,
            path=path,
            clipped=clipped,
            **context,
        )
    )


def embedded(data: Mapping[str, Any]) -> str:
    r"""JSON that may stand inside a script block: nothing in it can end the block or open another.

    >>> embedded({"name": "</script><!-- & \u2028"})
    '{"name":"\\u003c/script\\u003e\\u003c!-- \\u0026 \\u2028"}'
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _policy(style: str, script: str) -> str:
    """The content-security policy: nothing at all but this one style sheet and this one script."""
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


@cache
def _templates() -> Environment:
    folder = files("enigmath.reports").joinpath("page")
    sources = {found.name: found.read_text("utf-8") for found in folder.iterdir() if found.name.endswith(".jinja")}
    return Environment(
        loader=DictLoader(sources), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _source(name: str) -> str:
    return files("enigmath.reports").joinpath("page", name).read_text(encoding="utf-8")
