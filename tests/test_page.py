"""The page in a real browser: it opens from disk, asks for nothing, works by mouse and keyboard, and obeys no text."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from browsing import click, requests, shown, visit, write

import enigmath.reports

ONE_LEVEL = [samples.Task("area/one-level", ("+",), 0.1, digits=(2,))]
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\x1b[31mred\x00",
    "\"'><svg onload=alert(1)>",
    "../../x",
    "{{ 7 * 7 }}",
    "=HYPERLINK(1)",
    "m" * 300,
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = samples.write_run(tmp_path_factory.mktemp("page") / "run", rows=200)
    return enigmath.reports.write_report(run)


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose every text is hostile: labels, tasks, levels, errors, questions, answers of a megabyte."""
    run = tmp_path_factory.mktemp("hostile") / "run"
    models = [samples.Model("x", text, 0.5, 0.1, shortcut=place > 3) for place, text in enumerate(HOSTILE)]
    samples.write_run(run, tasks=samples.TASKS[:2], models=models, seeds=1, rows=40, failed=[])
    for place, path in enumerate(sorted(run.glob("cells/*/cell.json"))):
        record = json.loads(path.read_text())
        record["suite"] = record["model"]["doc"] = record["tasks"][0]["doc"] = HOSTILE[0]
        record["tasks"][0]["levels"][0]["name"] = HOSTILE[1]
        record["hardware"]["cpu"] = HOSTILE[3]
        if place == 3:
            record |= {"status": "failed", "error": HOSTILE[1]}
        path.write_text(json.dumps(record))
        table = pq.read_table(path.parent / "predictions.parquet")
        told = [HOSTILE[row % 8] if row % 3 else "9" * 1_000_000 for row in range(table.num_rows)]
        for name in ("question", "prediction", "trait.operators"):
            column = pa.array(told if name != "trait.operators" else [text[:99] for text in told])
            table = table.set_column(table.column_names.index(name), name, column)
        outcome = pa.array(["wrong"] * table.num_rows)
        table = table.set_column(table.column_names.index("outcome"), "outcome", outcome)
        pq.write_table(table, path.parent / "predictions.parquet")
    return enigmath.reports.write_report(run)


def labels(browser: Any) -> list[str]:
    """The models on the board, in their order."""
    return shown(browser, "#board tbody th span")


def test_it_opens_from_disk_without_network_and_without_a_word_in_the_console(browser: Any, page: Path) -> None:
    visit(browser, page)
    assert requests(browser) == [page.resolve().as_uri()]
    assert browser.get_log("browser") == []
    assert "sample" in browser.title
    assert "computes addition" in browser.find_element("css selector", "h1").text
    assert len(labels(browser)) == 8


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_it_fits_windows_from_narrow_to_wide(browser: Any, page: Path, width: int) -> None:
    visit(browser, page, width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_policy_is_strict_and_no_attribute_carries_style_or_script(page: Path) -> None:
    text = page.read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    assert all(rules[name].startswith("'sha256-") and " " not in rules[name] for name in ("style-src", "script-src"))

    attributes: list[tuple[str, str | None]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, found: attributes.extend(found)  # type: ignore[method-assign]
    parser.feed(text)
    assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]
    assert not [value for name, value in attributes if name in ("src", "srcset") or (value or "").startswith("http")]


def test_the_browser_enforces_the_policy(browser: Any, page: Path) -> None:
    visit(browser, page)
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.broken = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'https://example.com/x.png'; document.body.append(i);"
    )
    browser.execute_async_script("setTimeout(arguments[0], 100)")
    assert browser.execute_script("return window.broken") is None
    refused = [entry["message"] for entry in browser.get_log("browser")]
    assert len(refused) == 2
    assert all("Content Security Policy" in message for message in refused)


def test_columns_sort_both_ways_by_button(browser: Any, page: Path) -> None:
    visit(browser, page)
    button = browser.find_element("css selector", '#board [data-column="2"]')
    scores = "#board tbody td[data-panel='2'] b"
    button.click()
    down = [float(text) for text in shown(browser, scores)]
    assert down == sorted(down, reverse=True)
    assert shown(browser, '#board th[aria-sort="descending"] button') == [button.text]
    button.send_keys("\ue007")  # the Enter key: headers are reached and pressed by keyboard
    up = [float(text) for text in shown(browser, scores)]
    assert up == down[::-1]
    assert shown(browser, '#board th[aria-sort="ascending"] button') == [button.text]


def test_failed_cells_sort_last(browser: Any, page: Path) -> None:
    visit(browser, page)
    for _ in range(2):
        click(browser, '#board [data-column="5"]')
        assert labels(browser)[-1] == "lstm"


def test_models_tasks_and_shortcuts_filter(browser: Any, page: Path) -> None:
    visit(browser, page)
    write(browser, "#filter-models", "NEAREST")
    assert sorted(labels(browser)) == ["nearest-aligned", "nearest-edit"]
    click(browser, "#filter-shortcuts")
    assert labels(browser) == []
    write(browser, "#filter-models", "")
    browser.execute_script(
        "document.querySelector('#filter-models').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert sorted(labels(browser)) == ["encoder-decoder", "lstm", "mlp", "transformer reversed"]
    write(browser, "#filter-tasks", "expressions")
    assert len(shown(browser, "#board thead th[data-panel]")) == 2


def test_every_view_shows_the_frames_own_scores(browser: Any, page: Path) -> None:
    board = enigmath.reports.load(page.parents[1]).leaderboard
    visit(browser, page)
    columns = {"exact": "exact", "within-10": "within-10", "within-order": "within-order", "past": "beyond_shortcut"}
    for levels in ("trained", "beyond"):
        click(browser, f'input[name="levels"][value="{levels}"]')
        for metric, column in columns.items():
            click(browser, f'input[name="metric"][value="{metric}"]')
            wanted = board[(board["task"] == "arithmetic/addition") & (board["levels"] == levels)]
            told = dict(zip(labels(browser), shown(browser, "#board tbody td[data-panel='0'] b"), strict=True))
            for label, score in zip(wanted["label"], wanted[column], strict=True):
                if score != score:
                    assert told[label] == "–"
                else:
                    assert float(told[label].replace("−", "-")) == pytest.approx(100 * score, abs=0.1), (metric, label)


def test_best_shortcut_and_chance_stand_below_the_board(browser: Any, page: Path) -> None:
    board = enigmath.reports.load(page.parents[1]).leaderboard
    best = board[(board["levels"] == "trained") & ~board["shortcut"]].drop_duplicates("task")
    visit(browser, page)
    assert shown(browser, "#row-shortcut td small") == best["best_shortcut"].tolist()
    told = [float(text) for text in shown(browser, "#row-shortcut td b")]
    assert told == pytest.approx(100 * best["best_shortcut_exact"].to_numpy(), abs=0.1)
    assert shown(browser, "#row-chance td b") == ["1.3", "50.0", "1.3", "1.3", "1.3", "1.3"]
    click(browser, 'input[name="metric"][value="within-10"]')
    assert shown(browser, "#row-chance") == [], "chance is known for exact answers only"


def test_published_figures_and_requirements_stand_on_the_page_at_every_width(browser: Any, tmp_path: Path) -> None:
    models = [*samples.MODELS[:2], samples.MODELS[3], samples.MODELS[5], samples.SOLVER]
    run = samples.write_run(tmp_path / "run", samples.TASKS[:3], models, seeds=1, rows=60, failed=[])
    hostile = "m" * 200
    (run / "suite.toml").write_text(samples.SUITE.replace("Somebody, 2021", hostile).replace("gone =", f"{hostile} ="))
    page = enigmath.reports.write_report(run)
    for width in (1400, 360):
        visit(browser, page, width)
        assert browser.get_log("browser") == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert shown(browser, ".beside .verdict") == ["better", "worse", "not run"]
        assert shown(browser, ".demands .status") == ["not met"] * 2 + ["not judged"] + ["met"] * 2
        assert shown(browser, "#row-published td b") == ["45.0", "–", "–"]
    first = browser.find_element("css selector", ".beside td")
    assert first.get_attribute("title") == "Somebody, 2020: other digits"
    click(browser, 'input[name="metric"][value="within-10"]')
    assert shown(browser, "#row-published") == [], "this figure is of exact answers"
    marked = shown(browser, "#board tbody tr.method th")
    assert [text.split() for text in marked] == [["solve", "textbook", "method"]]


def test_figures_draw_every_model_and_the_legend_hides_them(browser: Any, page: Path) -> None:
    visit(browser, page)
    assert len(shown(browser, "#difficulty .panel")) == 6
    assert len(shown(browser, "#tolerance .panel")) == 5, "comparison has no tolerance"
    count = "return document.querySelectorAll('#difficulty .series:not(.off-show)').length"
    before = browser.execute_script(count)
    assert before == 6 * 8 - 1
    click(browser, "#legend button")
    assert browser.execute_script(count) == before - 6
    click(browser, '#difficulty input[value="within-10"]')
    assert browser.execute_script(count) == 5 * 7 - 1, "a choice redraws and what is hidden stays hidden"


def test_many_tasks_are_shown_a_few_at_a_time_and_all_when_asked(browser: Any, tmp_path: Path) -> None:
    tasks = [samples.Task(f"area/task-{number}", ("+",), 0.1, digits=(1, 2, 8)) for number in range(13)]
    run = samples.write_run(tmp_path / "run", [*tasks, *ONE_LEVEL], samples.MODELS[:1], seeds=1, rows=20, failed=[])
    page = enigmath.reports.write_report(run)
    for width, few in ((1400, 12), (390, 6)):
        visit(browser, page, width)
        assert shown(browser, "#difficulty .more") == ["Show all 13 tasks"], "a task of one level has no difficulty"
        assert shown(browser, "#tolerance .more") == ["Show all 14 tasks"]
        assert len(shown(browser, "#difficulty .panel")) == len(shown(browser, "#tolerance .panel")) == few
        click(browser, "#difficulty .more")
        click(browser, '#difficulty input[value="within-10"]')
        assert len(shown(browser, "#difficulty .panel")) == 13, "a choice redraws and what is shown stays shown"
        assert shown(browser, "#difficulty .more") == []
        assert shown(browser, "#about summary") == ["All 14 tasks"] * 2
        assert not any("area/task-3" in text for text in shown(browser, "#about"))
        click(browser, "#about summary")
        assert any("area/task-3" in text for text in shown(browser, "#about"))


def test_few_tasks_need_no_button(browser: Any, page: Path) -> None:
    for width in (1400, 390):
        visit(browser, page, width)
        assert shown(browser, "#figures .more, #about summary") == []


def test_a_run_of_one_level_has_no_figure_by_difficulty(browser: Any, tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", ONE_LEVEL, samples.MODELS[:1], seeds=1, rows=20, failed=[])
    visit(browser, enigmath.reports.write_report(run))
    assert len(shown(browser, "#tolerance .panel")) == 1
    assert shown(browser, "#difficulty") == []


def test_a_learning_curve_of_one_point_is_a_dot(browser: Any, tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=20, failed=[])
    for path in run.glob("cells/*/curve.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 1), path)
    visit(browser, enigmath.reports.write_report(run))
    drawn = len(browser.find_elements("css selector", "#learning .series"))
    assert drawn > 0
    assert len(browser.find_elements("css selector", "#learning .series .dot")) == drawn


def test_formulas_in_what_was_asked_are_set_as_such(browser: Any, tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=20, failed=[])
    for path in run.glob("cells/*/cell.json"):
        record = json.loads(path.read_text())
        record["tasks"][0]["doc"] = "The sum, as in `12<345`, and `a lone mark"
        path.write_text(json.dumps(record))
    visit(browser, enigmath.reports.write_report(run))
    assert shown(browser, "#about dd code") == ["12<345", "a lone mark"]
    assert "`" not in " ".join(shown(browser, "#about dd"))


def test_every_figure_has_its_table(browser: Any, page: Path) -> None:
    visit(browser, page)
    for name in ("difficulty", "tolerance", "learning"):
        click(browser, f"#{name} summary")
        rows = "return document.querySelectorAll(arguments[0]).length"
        browser.execute_async_script("setTimeout(arguments[0], 50)")
        assert browser.execute_script(rows, f"#{name} details tbody tr") > 20


def test_errors_are_shown_by_operator_first(browser: Any, page: Path) -> None:
    visit(browser, page)
    assert shown(browser, "#errors thead th")[0] == "operators"
    assert set(shown(browser, "#errors thead th")[1:]) == {"+", "-", "*", "/"}


def test_predictions_are_read_by_model_task_and_outcome(browser: Any, page: Path) -> None:
    visit(browser, page)
    assert set(shown(browser, "#readings tbody td:last-child")) == {"wrong"}
    choose = (
        "const s = document.querySelectorAll('#readings-controls select')[arguments[0]];"
        "s.value = arguments[1]; s.dispatchEvent(new Event('change'))"
    )
    browser.execute_script(choose, 0, "0")
    browser.execute_script(choose, 1, "2")
    browser.execute_script(choose, 2, "right")
    rows = shown(browser, "#readings tbody tr")
    assert rows
    assert all("transformer reversed" in row and "multiplication" in row and "right" in row for row in rows)


def test_hostile_texts_are_shown_and_do_nothing(browser: Any, hostile_page: Path) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    visit(browser, hostile_page)
    assert requests(browser) == [hostile_page.resolve().as_uri()]
    assert browser.get_log("browser") == []
    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert
    assert browser.execute_script("return document.querySelectorAll('img, iframe, script[src]').length") == 0
    assert browser.execute_script("return document.scripts.length") == 2
    told = browser.execute_script("return document.body.textContent")
    assert "<script>alert(1)</script>" in shown(browser, "#board tbody th span")
    assert "\\x1b[31mred\\x00" in told
    assert "(1,000,000 characters)" in told
    assert "{{ 7 * 7 }}" in told
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1400


def test_a_hostile_page_stays_small_and_holds_no_control_characters(hostile_page: Path) -> None:
    text = hostile_page.read_text()
    assert len(text) < 1_000_000
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]", text)
    csv = (hostile_page.parent / "leaderboard.csv").read_text()
    assert ",=HYPERLINK" not in csv


def test_the_same_store_gives_the_same_bytes(page: Path, tmp_path: Path) -> None:
    enigmath.reports.write_report(page.parents[1], tmp_path / "again")
    for name in ("index.html", "leaderboard.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (page.parent / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["index.html", "leaderboard.csv"]


def test_a_quick_suites_page_is_light(page: Path) -> None:
    assert page.stat().st_size < 500_000


@pytest.mark.parametrize("kind", ["empty", "all failed", "one row", "no scores at all", "only shortcuts"])
def test_a_poor_run_has_a_sane_page(browser: Any, tmp_path: Path, kind: str) -> None:
    run = tmp_path / "run"
    if kind == "empty":
        run.mkdir()
        (run / "suite.toml").write_text("")
    else:
        models = samples.MODELS[4:6] if kind == "only shortcuts" else samples.MODELS[:2]
        failed = [(model.name, samples.TASKS[0].name) for model in models] if kind == "all failed" else []
        samples.write_run(run, samples.TASKS[:1], models, seeds=1, rows=1 if kind == "one row" else 30, failed=failed)
    if kind == "no scores at all":
        for path in run.glob("cells/*/scores.parquet"):
            table = pq.read_table(path)
            for place, name in enumerate(table.column_names):
                if table.schema.field(name).type == pa.float32():
                    table = table.set_column(place, name, pa.nulls(table.num_rows, pa.float32()))
            pq.write_table(table, path)
    visit(browser, enigmath.reports.write_report(run))
    assert browser.get_log("browser") == []
    assert browser.find_element("css selector", "h1").text
    assert ("failed" in shown(browser, "#board tbody td b")) == (kind == "all failed")
    dead = "return findAll('nav a').filter((a) => !a.hidden && find(a.hash).hidden).map((a) => a.hash)"
    assert browser.execute_script(dead) == []
