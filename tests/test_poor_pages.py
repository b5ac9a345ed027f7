"""The report of a run that has next to nothing to show: empty, failed, one row, no scores."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import store_samples as samples
from browsing import shown, visit

import enigmath.reports


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
    dead = "return findAll('nav.sections a').filter((a) => !a.hidden && find(a.hash).hidden).map((a) => a.hash)"
    assert browser.execute_script(dead) == []
    for path in sorted((run / "report").rglob("*.html")):
        visit(browser, path)
        assert browser.get_log("browser") == [], path
