"""The report in a real browser: it opens from disk, asks for nothing, works by mouse and keyboard, obeys no text."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from browsing import click, requests, shown, visit, write

import enigmath.reports

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
    return shown(browser, "#board tbody th a")


def one_of_each(page: Path) -> list[Path]:
    """The board and a page of each other kind."""
    found = [page.parent / name for name in ("index.html", "about.html", "compare.html")]
    return found + [min((page.parent / kind).iterdir()) for kind in ("tasks", "models", "predictions")]


def links(text: str) -> list[str]:
    """The addresses that a page's anchors name."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, names: found.extend(  # type: ignore[method-assign]
        value or "" for name, value in names if tag == "a" and name == "href"
    )
    parser.feed(text)
    return found


def test_every_page_opens_from_disk_without_network_and_without_a_word_in_the_console(browser: Any, page: Path) -> None:
    for path in one_of_each(page):
        visit(browser, path)
        assert requests(browser) == [path.resolve().as_uri()]
        assert browser.get_log("browser") == [], path.name
        assert shown(browser, "nav.pages a") == ["Board", "Compare", "About"]
        assert browser.find_element("css selector", "h1").text
    visit(browser, page)
    assert "sample" in browser.title
    assert "computes addition" in browser.find_element("css selector", "h1").text
    assert len(labels(browser)) == 8


@pytest.mark.parametrize("report", ["page", "hostile_page"])
def test_every_link_leads_to_a_file_of_the_report_and_every_page_is_linked(
    report: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(report).parent
    reached = {folder / "index.html"}
    for path in sorted(folder.rglob("*.html")):
        for link in links(path.read_text()):
            assert not link.startswith(("http", "/", "javascript:")), link
            target = (path.parent / link.partition("#")[0]).resolve() if link.partition("#")[0] else path
            assert target.is_file(), f"{path.name} leads to {link}"
            assert target.is_relative_to(folder.resolve())
            reached.add(folder / target.relative_to(folder.resolve()))
    assert set(folder.rglob("*.html")) <= reached


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_every_page_fits_windows_from_narrow_to_wide(browser: Any, page: Path, width: int) -> None:
    for path in one_of_each(page):
        visit(browser, path, width)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, path


def test_the_policy_is_strict_and_no_attribute_carries_style_or_script(page: Path) -> None:
    for path in one_of_each(page):
        assert_strict(path.read_text())


def assert_strict(text: str) -> None:
    """The page allows its own style and script by their hashes, and nothing else."""
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


def test_models_kinds_areas_and_tasks_filter(browser: Any, page: Path) -> None:
    visit(browser, page)
    write(browser, "#filter-models", "NEAREST")
    assert sorted(labels(browser)) == ["nearest-aligned", "nearest-edit"]
    click(browser, 'input[name="kind"][value="shortcut"]')
    assert labels(browser) == []
    click(browser, "#board-reset")
    assert len(labels(browser)) == 8
    click(browser, 'input[name="kind"][value="shortcut"]')
    assert sorted(labels(browser)) == ["encoder-decoder", "lstm", "mlp", "transformer reversed"]
    write(browser, "#filter-tasks", "mixed")
    assert len(shown(browser, "#board thead th[data-panel]")) == 1
    click(browser, "#board-reset")
    choose = (
        "const s = find('#filter-area'); s.value = 'expressions'; s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    browser.execute_script(choose)
    assert len(shown(browser, "#board thead th[data-panel]")) == 2


def test_a_choice_stands_in_the_url_and_comes_back_from_it(browser: Any, page: Path) -> None:
    visit(browser, page)
    assert "#" not in browser.current_url
    click(browser, 'input[name="metric"][value="within-10"]')
    click(browser, 'input[name="column"][value="operations"]')
    write(browser, "#filter-models", "e & d")
    write(browser, "#filter-models", "r")
    click(browser, '#board [data-column="2"]')
    click(browser, '#board [data-column="2"]')
    wanted = labels(browser), shown(browser, "#board thead th"), shown(browser, "#board tbody td")
    shared = browser.current_url
    visit(browser, page)
    assert labels(browser) != wanted[0]
    browser.get(shared)
    assert (labels(browser), shown(browser, "#board thead th"), shown(browser, "#board tbody td")) == wanted
    assert any(head.startswith("Operations") for head in wanted[1])
    click(browser, "#board-reset")
    assert "#" not in browser.current_url


@pytest.mark.parametrize(
    "fragment",
    [
        "metric=constructor&levels=__proto__&sort=toString-up&kinds=&columns=<img src=x onerror=alert(1)>",
        "models=%3Cscript%3Ealert(1)%3C/script%3E&area=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "sort=2-down-up&sort=9999-up&=&&%E0%A4%A&metric=" + "x" * 5_000,
    ],
)
def test_a_hostile_fragment_is_inert(browser: Any, page: Path, fragment: str) -> None:
    visit(browser, page)
    browser.get(f"{page.resolve().as_uri()}#{fragment}")
    browser.refresh()
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.querySelectorAll('img, script').length") == 2
    assert shown(browser, "#board-caption")
    assert len(shown(browser, "#board thead th[data-panel]")) == 6


def test_costs_stand_beside_the_scores_and_columns_are_chosen(browser: Any, tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:2], samples.MODELS[:6], seeds=1, rows=30, failed=[])
    for path in run.glob("cells/*/cell.json"):
        record = json.loads(path.read_text())
        if not record["model"]["shortcut"]:
            record["facts"] |= {"operations": 1.5e11, "examples": 64_000, "examples_per_second": 6_400}
            path.write_text(json.dumps(record))
    visit(browser, enigmath.reports.write_report(run))
    for box in ("pace", "operations", "speed", "utilisation", "rate", "device"):
        click(browser, f'input[name="column"][value="{box}"]')
    beside = [cell.split("\n")[0] for cell in shown(browser, "#board tbody tr:first-child td[data-cost]")]
    assert beside == ["68.5 k", "64 k", "9.5 s", "6.4 k", "150 G", "15 G", "–", "75", "cpu"]
    click(browser, 'input[name="column"][value="device"]')
    assert len(shown(browser, "#board tbody tr:first-child td[data-cost]")) == 8
    assert shown(browser, "#compute h3, #shortcuts h3") == ["Score against compute", "Score against the best shortcut"]
    for name, marks in (("compute", 4), ("shortcuts", 4)):
        assert len(browser.find_elements("css selector", f"#{name} .series .dot")) == marks
        click(browser, f"#{name} summary")
        browser.execute_async_script("setTimeout(arguments[0], 50)")
        assert (
            browser.execute_script("return document.querySelectorAll(arguments[0]).length", f"#{name} tbody tr") == 12
        )
    click(browser, '#scatter-controls input[value="seconds"]')
    assert len(browser.find_elements("css selector", "#compute .series .dot")) == 6, "shortcuts were fitted as well"
    before = len(shown(browser, "#legend button"))
    click(browser, "#legend button")
    assert browser.execute_script("return findAll('#compute .series:not(.off-show)').length") == before - 1


def test_the_board_is_reached_and_used_by_keyboard(browser: Any, page: Path) -> None:
    visit(browser, page)
    reached: list[str] = []
    for _ in range(40):
        browser.switch_to.active_element.send_keys("\ue004")  # the Tab key
        reached.append(browser.execute_script("return document.activeElement.outerHTML").split(">")[0])
    for wanted in ("skip", "about.html", 'name="metric"', "filter-models", "filter-area", "summary", 'data-column="0"'):
        assert any(wanted in element for element in reached), wanted


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_dark_and_light_follow_the_reader_and_paper_is_white(browser: Any, page: Path, scheme: str) -> None:
    visit(browser, page)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    colour = "return getComputedStyle(document.body).backgroundColor"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    dark = sum(map(int, re.findall(r"\d+", browser.execute_script(colour)))) < 200
    assert dark == (scheme == "dark")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": features})
    assert browser.execute_script(colour) == "rgb(255, 255, 255)"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


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


def test_hostile_texts_are_shown_and_do_nothing(browser: Any, hostile_page: Path) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    told = ""
    for path in one_of_each(hostile_page):
        visit(browser, path)
        assert requests(browser) == [path.resolve().as_uri()]
        assert browser.get_log("browser") == [], path
        with pytest.raises(NoAlertPresentException):
            _ = browser.switch_to.alert
        assert browser.execute_script("return document.querySelectorAll('img, iframe, script[src]').length") == 0
        assert browser.execute_script("return document.scripts.length") == 2
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 1400, path
        told += browser.execute_script("return document.body.textContent")
    for text in ("<script>alert(1)</script>", "\\x1b[31mred\\x00", "(1,000,000 characters)", "{{ 7 * 7 }}"):
        assert text in told


def test_hostile_names_give_pages_of_their_own_with_short_and_safe_names(hostile_page: Path) -> None:
    found = [path.name for path in (hostile_page.parent / "models").iterdir()]
    assert len(found) == len(HOSTILE)
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}\.html", name) for name in found)


def test_a_hostile_page_stays_small_and_holds_no_control_characters(hostile_page: Path) -> None:
    for path in hostile_page.parent.rglob("*.html"):
        text = path.read_text()
        assert len(text) < 1_000_000, path
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]", text), path
    csv = (hostile_page.parent / "leaderboard.csv").read_text()
    assert ",=HYPERLINK" not in csv


def test_the_same_store_gives_the_same_bytes_wherever_and_whenever(page: Path, tmp_path: Path) -> None:
    code = "import sys, enigmath.reports as r; r.write_report(sys.argv[1], sys.argv[2])"
    away = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    again = tmp_path / "again"
    subprocess.run([sys.executable, "-c", code, page.parents[1], again], cwd=tmp_path, env=away, check=True)
    files = {path.relative_to(page.parent) for path in page.parent.rglob("*") if path.is_file()}
    assert {path.relative_to(again) for path in again.rglob("*") if path.is_file()} == files
    for name in files:
        assert (again / name).read_bytes() == (page.parent / name).read_bytes(), name


def test_a_quick_suites_pages_are_light(page: Path) -> None:
    assert max(path.stat().st_size for path in page.parent.rglob("*.html")) < 500_000
