"""What a report is made of, without a browser: groups of traits, and a folder that cannot be written."""

from pathlib import Path

import pandas as pd
import pytest
import store_samples as samples

import enigmath.reports
from enigmath.bench.contracts import UserError
from enigmath.reports.figures import _grouped


def test_traits_that_are_numbers_stand_in_their_order() -> None:
    assert _grouped(pd.Series(["9", "10", None, "11", "9"]))[1] == ["9", "10", "11"]
    assert _grouped(pd.Series([2.0, float("nan"), 1.0]))[1] == ["1", "2"]
    assert _grouped(pd.Series(["+", "10", "9"]))[1] == ["+", "10", "9"]
    assert _grouped(pd.Series(["007", "7"]))[1] == ["007", "7"]


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    run = samples.write_run(tmp_path / "run", samples.TASKS[:1], samples.MODELS[:1], seeds=1, rows=20, failed=[])
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        enigmath.reports.write_report(run, tmp_path / "file" / "report")
