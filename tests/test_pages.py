"""The pages of tasks, models, predictions and of the comparison show the store's own figures, and obey no text."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from browsing import click, requests, shown, visit, write

import enigmath.reports
from enigmath.bench.probes.finding import COMPUTES, LOOKS_UP, Row, findings, number, share
from enigmath.reports.comparison import comparison
from enigmath.reports.figures import errors
from enigmath.reports.findings import findings as findings_shown
from enigmath.reports.frames import Run, load
from enigmath.reports.prediction_pages import drawn, nearest
from enigmath.reports.site import Site, site_of
from enigmath.reports.verdicts import probe_verdicts, verdict_table
from enigmath.reports.words import percent

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "../../x",
    "\x1b[31mred\x00",
    "m" * 300,
]
TASKS = (samples.TASKS[0], samples.TASKS[2], samples.TASKS[3])
MODELS = (*samples.MODELS[:3], samples.MODELS[5], samples.MODELS[7])
COMPUTER, LOOKER = "transformer reversed", "nearest-aligned"


def write_probes(run: Path) -> None:
    """Findings as probes leave them: of one task's models, what speaks, a curve, a map, and nearest problems."""
    for path in sorted(run.glob("cells/*/cell.json")):
        record = json.loads(path.read_text())
        if record["title"] != TASKS[0].name or record["status"] != "finished":
            continue
        says = LOOKS_UP if record["model"]["label"] == LOOKER else COMPUTES
        told = pq.read_table(path.parent / "predictions.parquet").slice(0, 20).to_pylist()
        curve = [
            share("accuracy", [True] * (9 - k) + [False] * k, by="distance", group=f"{k + 1} of 4") for k in range(4)
        ]
        nearby: list[Row] = [
            number(
                "nearest problem", 0.1, by="aligned", n=1, question=row["question"], answer=row["answer"],
                prediction=row["prediction"], outcome=row["outcome"], neighbour_question=f"{row['question']}?",
                neighbour_answer=row["prediction"], distance=0.1,
            )
            for row in told
        ]  # fmt: skip
        points = [
            number("map of states", 0, by="operator", group="+-"[k % 2], x=k, y=k**2, text="<b>") for k in range(9)
        ]
        both = [number("gain", 0.4, low=0.3, high=0.5, n=99, says=word) for word in (COMPUTES, LOOKS_UP)]
        probes = {
            "neighbours": [share("agreement", [1, 0] * 20, says=says), *curve, *nearby],
            "states": [*both, *points],
            "silent": [number("accuracy", 1.0, n=5)],
        }
        folder = run / "probes" / path.parent.name
        folder.mkdir(parents=True)
        for name, rows in probes.items():
            findings(rows).to_parquet(folder / f"{name}.parquet", index=False)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = samples.write_run(tmp_path_factory.mktemp("pages") / "run", TASKS, MODELS, rows=150)
    write_probes(folder)
    return load(folder)


@pytest.fixture(scope="module")
def site(run: Run) -> Site:
    return site_of(run)


@pytest.fixture(scope="module")
def report(run: Run) -> Path:
    return enigmath.reports.write_report(run).parent


def only(frame: Any, **values: object) -> Any:
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def count(browser: Any, selector: str) -> int:
    """How many elements there are; drawings have no place in the page's layout that `shown` could ask for."""
    return int(browser.execute_script("return document.querySelectorAll(arguments[0]).length", selector))


def choose(browser: Any, label: str, text: str) -> None:
    """Choose an option of a labelled list, as a keyboard's reader would."""
    script = """
      const fields = [...document.querySelectorAll("label.field")];
      const list = fields.find((field) => field.firstChild.textContent === arguments[0]).querySelector("select");
      list.selectedIndex = [...list.options].findIndex((option) => option.textContent === arguments[1]);
      list.dispatchEvent(new Event("change"));
      return list.selectedIndex"""
    assert browser.execute_script(script, label, text) >= 0


# --- the page of a task ---


def test_a_task_shows_what_is_asked_and_every_models_own_scores(
    browser: Any, run: Run, site: Site, report: Path
) -> None:
    title = TASKS[0].name
    visit(browser, report / site.task_path(title))
    assert shown(browser, "h1") == [title]
    assert f"What {title} asks." in browser.find_element("css selector", ".lead").text
    asked = shown(browser, ".samples .math[data-head='Question']")
    assert set(asked) <= set(only(run.problems, title=title)["question"])
    assert len(asked) == 2 * len(TASKS[0].digits)
    board = only(run.leaderboard, title=title, levels="trained").set_index("label")
    rows = shown(browser, "#scores tbody th span")
    assert rows == list(site.places.models)
    assert shown(browser, "#scores tbody td:nth-child(2) b") == [percent(board.at[label, "exact"]) for label in rows]
    facts = dict(zip(shown(browser, "#asked .facts dt"), shown(browser, "#asked .facts dd"), strict=True))
    assert facts["Distinct among them"] == "98,766"
    assert facts["Overlaps found"] == "0"
    assert count(browser, "#figures svg.chart") == 3
    assert len(shown(browser, "#errors table tbody tr")) == len(MODELS)


def test_every_chart_of_a_task_has_its_table(browser: Any, site: Site, report: Path) -> None:
    visit(browser, report / site.task_path(TASKS[1].name))
    for article in ("difficulty", "tolerance", "learning"):
        click(browser, f"#{article} details summary")
        assert len(shown(browser, f"#{article} details tbody tr")) >= len(MODELS) - 2


def test_errors_are_the_shares_of_the_stored_scores(run: Run, site: Site) -> None:
    title = TASKS[1].name
    found = errors(run.only(title), site.places)
    problems = only(run.problems, title=title, beyond=False)
    entry = next(entry for entry in found if entry["trait"] == "digits")
    for model, value, score, n in zip(entry["model"], entry["value"], entry["score"], entry["n"], strict=True):
        here = only(problems, label=site.places.models[model])
        here = here[here["trait.digits"].astype(str) == entry["values"][value]]
        assert n == len(here)
        assert score == pytest.approx(here["exact"].mean(), rel=1e-3)


# --- verdicts, and the page of a model ---


def test_verdicts_of_seeds_are_pooled_and_contradiction_is_mixed(run: Run) -> None:
    found = probe_verdicts(run).set_index(["label", "probe"])["verdict"]
    assert found[COMPUTER, "neighbours"] == COMPUTES
    assert found[LOOKER, "neighbours"] == LOOKS_UP
    assert found[LOOKER, "states"] == "mixed"
    assert found[LOOKER, "silent"] == ""
    table = verdict_table(probe_verdicts(run), "label", [LOOKER, COMPUTER, "not there"])
    assert [row.name for row in table.rows] == [LOOKER, COMPUTER]
    assert [(chip.verdict, chip.count) for chip in table.rows[0].tally] == [(LOOKS_UP, 1), ("mixed", 1)]


def test_a_model_shows_what_its_probes_say_with_curves_maps_and_tables(browser: Any, site: Site, report: Path) -> None:
    visit(browser, report / site.model_path(COMPUTER))
    assert shown(browser, ".answers thead th") == ["Task", "In all", "neighbours", "silent", "states"]
    assert [text.lstrip("✓± ") for text in shown(browser, ".answers tbody td:nth-child(3) .chip")] == ["computes"]
    assert shown(browser, ".answers tbody td:nth-child(4)") == ["–"]
    assert shown(browser, "#finding-0 .told-by th")[-2:] == ["agreement", "agreement"]
    assert count(browser, "#finding-0 svg.chart") == 1
    assert count(browser, "#finding-2 .map svg.chart") == 2  # a map a seed
    click(browser, "#finding-0 details summary")
    assert len(shown(browser, "#finding-0 details tbody tr")) == 2 * 5  # examples are read on the page of predictions
    assert browser.get_log("browser") == []


def test_a_model_fails_first_where_it_is_surely_worst(browser: Any, run: Run, site: Site, report: Path) -> None:
    visit(browser, report / site.model_path("lstm"))
    assert shown(browser, "#fails tbody th")[0].splitlines()[0].endswith("beyond training")
    highest = [text.split("–")[-1] for text in shown(browser, "#fails tbody td:nth-child(3)")]
    assert [float(text) for text in highest] == sorted(map(float, highest))
    assert dict(zip(shown(browser, "#config dt"), shown(browser, "#config dd"), strict=True))["width"] == "64"


def test_figures_and_points_past_the_bound_are_left_out_and_counted(run: Run) -> None:
    rows = only(run.probes, label=COMPUTER)
    entry = next(entry for entry in findings_shown(rows, run.titles, part=200) if entry["probe"] == "neighbours")
    assert len(entry["rows"]["value"]) == 3
    assert entry["left"] == 10 - 3


# --- predictions ---


def test_the_draw_is_the_smallest_keys_of_each_model_and_outcome(run: Run) -> None:
    part = run.only(TASKS[1].name)  # nobody has probed it
    rows, stored = drawn(part, nearest(part), 7)
    problems = part.problems
    for (label, outcome), count in stored.items():
        here = problems[(problems["label"] == label) & (problems["outcome"] == outcome)]
        assert len(here) == count
        assert only(rows, label=label, outcome=outcome)["key"].tolist() == sorted(here["key"])[:7]
    assert len(rows) == sum(min(7, count) for count in stored.values())


def test_predictions_are_chosen_by_model_outcome_level_trait_and_text(
    browser: Any, run: Run, site: Site, report: Path
) -> None:
    visit(browser, report / site.prediction_path(TASKS[1].name))
    problems = only(run.problems, title=TASKS[1].name)
    assert "wrong predictions" in shown(browser, "#predictions .caption")[0]
    choose(browser, "Model", "lstm")
    choose(browser, "Outcome", "right")
    right = only(problems, label="lstm", outcome="right")
    assert f"of {min(len(right), 200)} that match" in shown(browser, "#predictions .caption")[0]
    choose(browser, "Trait", "digits")
    choose(browser, "Value", "2")
    here = right[right["trait.digits"] == 2]
    assert len(shown(browser, "#predictions tbody tr")) == min(len(here), 25)
    word = here["question"].iloc[0]
    write(browser, "#predictions input[type=search]", word)
    assert shown(browser, "#predictions td[data-head=Question] > span") != []
    assert all(word in text for text in shown(browser, "#predictions td[data-head=Question] > span"))
    assert "search=" in browser.current_url
    browser.refresh()
    assert all(word in text for text in shown(browser, "#predictions td[data-head=Question] > span"))
    write(browser, "#predictions input[type=search]", "<no such text>")
    assert shown(browser, "#predictions tbody tr") == []


def test_the_nearest_training_problem_stands_beside_a_prediction(
    browser: Any, run: Run, site: Site, report: Path
) -> None:
    visit(browser, report / site.prediction_path(TASKS[0].name))
    assert shown(browser, "#predictions thead th")[-1] == "Nearest training problem"
    choose(browser, "Outcome", "all outcomes")
    texts = shown(browser, "#predictions td.near")
    assert any("its answer" in text for text in texts)
    visit(browser, report / site.prediction_path(TASKS[1].name))
    assert "Nearest training problem" not in shown(browser, "#predictions thead th")
    assert "enigmath probe RUN --probe neighbours" in browser.find_element("css selector", "header").text


# --- compare ---


def test_every_pair_is_compared_as_the_command_does(run: Run, site: Site, report: Path) -> None:
    text = (report / "compare.html").read_text()
    data = json.loads(text.split('id="data">')[1].split("</script>")[0])
    labels = [site.places.models[place] for place in data["compared"]]
    assert labels == list(site.places.models)
    assert len(data["pairs"]) == 10
    for names, shown_pair in data["pairs"].items():
        a, b = (site.places.models[int(place)] for place in names.split())
        found = comparison(run, a, b)
        assert shown_pair["n"] == found["n"].tolist()
        assert shown_pair["better"] == found["verdict"].map({"A": 1, "B": -1, "tie": 0}).tolist()
        for name, column in {"difference": "difference", "low": "low", "high": "high", "p": "p_holm"}.items():
            np.testing.assert_allclose(np.array(shown_pair[name], float), found[column], rtol=0.06, atol=1e-9)


def test_two_models_are_chosen_swapped_and_shared(browser: Any, site: Site, report: Path) -> None:
    visit(browser, report / "compare.html")
    choose(browser, "First", COMPUTER)
    choose(browser, "Second", LOOKER)
    straight = shown(browser, "#compare td[data-head=Difference] b")
    assert COMPUTER in shown(browser, ".outcome")[0]
    assert len(straight) == 2 * len(TASKS)
    click(browser, "#compare button")
    turned = shown(browser, "#compare td[data-head=Difference] b")
    assert turned == [text.translate(str.maketrans("+−", "−+")) for text in straight]
    browser.refresh()
    assert shown(browser, "#compare td[data-head=Difference] b") == turned
    assert shown(browser, "#apart h3")[0] == f"{LOOKER} right, {COMPUTER} wrong 3 of 15"


def test_examples_are_problems_that_the_one_alone_got_right(run: Run, site: Site, report: Path) -> None:
    data = json.loads((report / "compare.html").read_text().split('id="data">')[1].split("</script>")[0])["examples"]
    rows = run.problems[["label", "question", "exact"]].astype({"label": str})
    scores = set(rows.itertuples(index=False, name=None))
    checked = 0
    for names, places in data["only"].items():
        right, wrong = (site.places.models[int(place)] for place in names.split())
        for place in places:
            question = data["problems"][place][3]
            checked += 1
            assert {(right, question, 1), (wrong, question, 0)} <= scores
            assert names.split()[1] in data["said"][place]
    assert checked > 20


# --- all of them ---


def test_hostile_findings_neighbours_and_names_do_nothing(browser: Any, tmp_path: Path) -> None:
    models = [samples.Model("x", text, 0.5, 0.1, shortcut=place > 2) for place, text in enumerate(HOSTILE)]
    folder = samples.write_run(tmp_path / "run", TASKS[:1], models, seeds=1, rows=30, failed=[])
    for path in sorted(folder.glob("cells/*/cell.json")):
        told = pq.read_table(path.parent / "predictions.parquet")["question"].to_pylist()
        texts = [*HOSTILE, "9" * 1_000_000]
        rows = [number(text, 0.5, by=text, group=text, says=COMPUTES, own=text, n=1) for text in texts]
        rows += [number("map", 0, by=text, group=text, x=1.0, y=float(k), own=text) for k, text in enumerate(texts)]
        rows += [
            number("nearest problem", 0.1, question=asked, neighbour_question=text, neighbour_answer=text, distance=0.1)
            for asked, text in zip(told, texts, strict=False)
        ]
        place = folder / "probes" / path.parent.name
        place.mkdir(parents=True)
        findings(rows).to_parquet(place / "neighbours.parquet", index=False)
    report = enigmath.reports.write_report(folder).parent
    pages = [*report.glob("*/*.html"), report / "compare.html"]
    assert max(page.stat().st_size for page in pages) < 1_000_000
    for page in pages:
        visit(browser, page, 360)
        assert requests(browser) == [page.resolve().as_uri()]
        assert browser.get_log("browser") == []
        assert browser.execute_script("return document.querySelectorAll('img, svg[onload]').length") == 0
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
        assert not any(mark in page.read_text() for mark in "\x00\x1b")


def test_a_run_of_which_nothing_finished_has_pages_that_say_so(browser: Any, tmp_path: Path) -> None:
    failed = [(model.name, TASKS[0].name) for model in MODELS]
    folder = samples.write_run(tmp_path / "run", TASKS[:1], MODELS, seeds=1, rows=10, failed=failed)
    report = enigmath.reports.write_report(folder).parent
    site = site_of(load(folder))
    visit(browser, report / site.task_path(TASKS[0].name))
    assert len(shown(browser, "#scores table.plain tbody tr")) == len(MODELS)
    visit(browser, report / "compare.html")
    assert "Two models with finished cells are needed" in browser.find_element("css selector", "main").text
    assert browser.get_log("browser") == []
