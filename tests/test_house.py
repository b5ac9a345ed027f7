"""The house: imports go down, the ground floor is light, bare names are guarded, doctests hold, nothing is executed."""

import ast
import doctest
import importlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("bench", "generators", "baselines", "reports")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
GROUND = {"numpy", "pyarrow"}
"""Libraries that the ground floor may use."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("enigmath", *(part for part in parts if part != "__init__")))


def imports(path: Path, *, at_start: bool = False) -> Iterator[str]:
    """The modules that a file imports; with `at_start`, only those outside functions and type checking."""
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if at_start and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        todo += ast.iter_child_nodes(node)


def floor(module: str) -> int:
    """The higher the floor, the more it may import; generators and baselines are neighbours."""
    if module.startswith(("enigmath.bench.contracts", "enigmath.bench.primitives")):
        return 0
    if module.startswith(("enigmath.generators", "enigmath.baselines")):
        return 1
    if module.startswith(("enigmath.reports", "enigmath.bench.cli", "enigmath.bench.pytest_plugin")):
        return 3
    return 2


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_import_only_ever_goes_down(path: Path) -> None:
    own = module_name(path)
    room = own.split(".")[1]
    for name in imports(path):
        if not name.startswith("enigmath."):
            continue
        assert floor(name) <= floor(own), f"{own} imports {name}, from a floor above"
        if floor(own) >= floor(name) == 1:
            assert name.split(".")[1] == room, f"{own} imports {name}: plug-ins are found by name, never imported"
        if floor(own) == floor(name) == 1:
            assert name.split(".")[1] == room, f"{own} imports its neighbour {name}"
        if floor(own) == 1 and floor(name) != 1:
            assert floor(name) == 0, f"{own} imports {name}"


@pytest.mark.parametrize("room", ROOMS)
def test_a_bare_import_of_a_room_is_refused(room: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"import {room}"], cwd=ROOT, capture_output=True, text=True)
    assert f"ImportError: import enigmath.{room}, not {room}" in done.stderr


def test_the_ground_floor_imports_fast_and_without_the_heavy_libraries() -> None:
    heavy = "('torch', 'sympy', 'pandas', 'scipy')"
    code = f"import enigmath.bench.contracts, sys; assert not [name for name in {heavy} if name in sys.modules]"
    ours = min(processor_seconds(code) for _ in range(3))
    bare = min(processor_seconds("import numpy, pyarrow.compute") for _ in range(3))
    assert ours < 2 * bare, "the ground floor costs more than the two libraries it stands on"


def processor_seconds(code: str) -> float:
    """What a fresh interpreter spends on some code, by its own processor's clock: other work does not count."""
    program = f"{code}\nimport time; print(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def test_the_ground_floor_stands_on_the_standard_library_numpy_and_arrow() -> None:
    for path in (ROOT / "bench" / "contracts").glob("*.py"):
        roots = {name.partition(".")[0] for name in imports(path)}
        assert roots <= GROUND | {"enigmath"} | set(sys.stdlib_module_names), path.name


@pytest.mark.parametrize("room", ["generators", "reports", "bench"])
def test_torch_is_imported_only_where_it_is_used(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        roots = {name.partition(".")[0] for name in imports(path, at_start=True)}
        assert not roots & {"torch", "sympy"}, f"{path.name} imports them at its start"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_doctests_hold(path: Path) -> None:
    failed, _ = doctest.testmod(importlib.import_module(module_name(path)))
    assert failed == 0


FORBIDDEN = re.compile(r"\b(eval|exec|sympify|parse_expr)\(|torch\.load|pickle\.loads?\(|\.load_module\(|shell=True")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_executed_or_unpickled(path: Path) -> None:
    code = "\n".join(ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    found = [match[0] for match in FORBIDDEN.finditer(code) if not code[: match.start()].endswith((".", "_"))]
    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short_and_named_for_what_they_hold(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


def test_every_package_of_the_tree_is_in_the_list() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    there = {module_name(path) for path in SOURCES if path.name == "__init__.py"}
    assert listed == there


def test_type_checkers_see_the_four_rooms() -> None:
    for room in ROOMS:
        assert (ROOT / ".links" / "enigmath" / room).resolve() == ROOT / room


def test_every_entry_point_can_be_found() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group in groups.values():
        for value in group.values():
            module, _, attribute = value.partition(":")
            loaded = importlib.import_module(module)
            assert not attribute or hasattr(loaded, attribute)


def test_the_bare_name_of_each_task_is_its_alone() -> None:
    """Boards and headlines write a task without its area: two of one bare name could not be told apart."""
    from enigmath.bench.contracts.registry import tasks

    ours = [name for name, task in tasks().plugins.items() if task.function.__module__.startswith("enigmath.")]
    bare = Counter(name.rpartition("/")[2] for name in ours)
    assert len(ours) > 100
    assert [name for name in sorted(ours) if bare[name.rpartition("/")[2]] > 1] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in the wheel that is built from what git would hand out."""
    import zipfile

    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for path in (*ROOMS, "pyproject.toml", "README.md", "LICENSE"):
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / path), str(target)], check=True)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def test_the_wheel_holds_nothing_but_enigmath(wheel: list[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in wheel} == {"enigmath"}
    assert not [name for name in wheel if "tests/" in name]


def test_the_wheel_holds_all_code_suites_and_page_parts(wheel: list[str]) -> None:
    for path in SOURCES:
        assert f"enigmath/{path.relative_to(ROOT)}" in wheel
    for pattern in ("bench/suites/*.toml", "reports/page/*", "*/py.typed"):
        files = [path for path in ROOT.glob(pattern) if path.is_file()]
        assert files
        assert {f"enigmath/{path.relative_to(ROOT)}" for path in files} <= set(wheel)
