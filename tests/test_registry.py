"""Plug-ins: ours have no privilege, broken ones are listed, and two of one name are an error that names both."""

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from enigmath.bench.contracts import Integer, Problem, UserError, registry, task
from enigmath.bench.contracts.registry import find_metric, find_model, find_task, source_files


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Put entry points beside the installed ones; the modules they name lie in a folder on the path."""
    installed = registry.entry_points
    added: list[EntryPoint] = []
    monkeypatch.setattr(
        registry, "entry_points", lambda group: [*installed(group=group), *(p for p in added if p.group == group)]
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    _forget()
    yield lambda name, value, group: added.append(EntryPoint(name, value, group))
    _forget()


def _forget() -> None:
    registry._points.cache_clear()
    registry._members.cache_clear()


def test_ours_are_found_by_entry_points_alone() -> None:
    assert {"arithmetic/addition", "expressions/nested"} <= set(registry.tasks().plugins)
    assert {"exact", "within-10"} <= set(registry.metrics().plugins)
    assert {"majority", "transformer"} <= set(registry.models().plugins)
    for found in (registry.tasks(), registry.metrics(), registry.models()):
        assert found.broken == {}


def test_a_strangers_tasks_stand_beside_ours(points, tmp_path: Path) -> None:
    (tmp_path / "strange.py").write_text(
        "from enigmath.bench.contracts import Integer, Problem, task\n"
        "@task('strange/one', answer=Integer(), levels=[dict(top=3)])\n"
        "def one(rng, top):\n    'One.'\n    return Problem('1', 1)\n"
    )
    points("strange", "strange", "enigmath.tasks")
    assert find_task("strange/one").doc == "One."
    assert find_task("arithmetic/addition").area == "arithmetic"


def test_a_broken_plugin_is_listed_with_its_reason_and_the_others_work_on(points, tmp_path: Path) -> None:
    (tmp_path / "torn.py").write_text("import no_such_library\n")
    points("torn", "torn", "enigmath.tasks")
    points("torn", "torn:Model", "enigmath.models")
    assert registry.tasks().broken == {"torn": "ModuleNotFoundError: No module named 'no_such_library'"}
    assert "arithmetic/addition" in registry.tasks().plugins
    assert "no_such_library" in registry.models().broken["torn"]
    with pytest.raises(UserError, match=r"model 'torn': cannot be imported: ModuleNotFoundError"):
        find_model("torn")
    with pytest.raises(UserError, match=r"broken plug-ins: torn .ModuleNotFoundError"):
        find_task("torn/one")


def test_two_plugins_of_one_name_are_an_error_that_names_both(points, tmp_path: Path) -> None:
    (tmp_path / "again.py").write_text(
        "from enigmath.bench.contracts import Integer, Problem, task\n"
        "@task('arithmetic/addition', answer=Integer(), levels=[dict(top=3)])\n"
        "def one(rng, top):\n    'One.'\n    return Problem('1', 1)\n"
    )
    points("again", "again", "enigmath.tasks")
    with pytest.raises(UserError, match=r"two tasks are named 'arithmetic/addition': .*again.*enigmath"):
        find_task("arithmetic/addition")


def test_two_models_of_one_entry_name_are_an_error_that_names_both(points) -> None:
    points("transformer", "elsewhere:Model", "enigmath.models")
    with pytest.raises(
        UserError, match=r"two models are named 'transformer': enigmath .*transformer.* and elsewhere:Model"
    ):
        find_model("majority")


def test_a_file_gives_a_model_a_task_and_a_fresh_one_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(
        "class Own:\n    word = 'a'\n    def predict(self, questions): return [self.word] * len(questions)\n"
    )
    first = find_model("own.py:Own", tmp_path)
    assert first is find_model(f"{path}:Own")
    path.write_text(path.read_text().replace("'a'", "'b'"))
    assert (first.word, find_model("own.py:Own", tmp_path).word) == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.py:Own", None, "no file .*none.py; the path is relative"),
        ("own.py:Onw", "class Own: pass", "no name 'Onw'; did you mean 'Own'?"),
        ("own.py:own", "own = 3", "is not a class but a int"),
        ("own.py:Own", "class Own: pass", r"has no method predict\(questions\)"),
        ("own.py:Own", "class Own(:", "cannot be imported: SyntaxError"),
        ("own.py:Own", "1/0", "cannot be imported: ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_does_not_hold_a_model_is_one_clear_line(
    tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "own.py").write_text(content)
    with pytest.raises(UserError, match=message) as caught:
        find_model(name, tmp_path)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(UserError, match=r"no task 'arithmetic/adition'; did you mean 'arithmetic/addition'\?"):
        find_task("arithmetic/adition")
    with pytest.raises(UserError, match=r"no model 'transfomer'; did you mean 'transformer'\?"):
        find_model("transfomer")
    with pytest.raises(UserError, match=r"no metric 'exakt'; did you mean 'exact'\?"):
        find_metric("exakt")


def test_the_source_of_a_plugin_includes_what_it_imports_from_its_own_package() -> None:
    names = {path.name for path in source_files(find_model("transformer"))}
    assert {"transformer.py", "training.py", "encoding.py", "prefix.py"} <= names
    assert "answer.py" not in names
    assert "arithmetic.py" in {path.name for path in source_files(find_task("arithmetic/addition"))}


def test_the_source_of_a_file_includes_the_files_beside_it_that_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "sibling_of_own.py").write_text("def answer(): return '1'\n")
    (tmp_path / "own.py").write_text(
        "import json\nfrom sibling_of_own import answer\n"
        "class Own:\n    def predict(self, questions): return [answer()] * len(questions)\n"
    )
    found = source_files(find_model("own.py:Own", tmp_path))
    assert [path.name for path in found] == ["own.py", "sibling_of_own.py"]


def test_importing_one_model_imports_no_other() -> None:
    code = "import sys; from enigmath.bench.contracts.registry import find_model; find_model('majority')"
    code += "; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def given(**changes):
    def one(rng, top):
        """One."""
        return Problem("1", 1)

    one.__doc__ = changes.pop("doc", one.__doc__)
    kept = {"name": "toy/one", "answer": Integer(), "levels": [{"top": 1}], **changes}
    return task(kept.pop("name"), **kept)(one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "one"}, "task 'one': a task is named area/name"),
        ({"name": "Toy/One"}, "use lower-case letters"),
        ({"levels": []}, "has no level; give levels="),
        ({"doc": ""}, "has no docstring"),
        ({"levels": [{"top": 1}, {"bottom": 1}]}, r"level 2 \(bottom=1\) does not fit its function: .*'top'"),
        ({"levels": [{"top": 1}], "beyond": [{"top": 1}]}, "the level top=1 stands twice"),
    ],
)
def test_an_unsound_task_is_refused_where_it_is_defined(changes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        given(**changes)


@pytest.mark.parametrize("number", [0, -1, 2, 10**9])
def test_a_level_that_does_not_exist_is_one_clear_line(number: int) -> None:
    with pytest.raises(UserError, match=f"toy/one: no level {number}; its levels are 1 to 1"):
        given().level(number)
