"""Suites are read strictly: each mistake is one line with its place and the nearest right word."""

from pathlib import Path

import pytest

from enigmath.bench.contracts import UserError
from enigmath.bench.session import plan
from enigmath.bench.suite import cells, parse_suite, read_suite, shipped, suite_path

SOUND = """
name = "small"
train = 100
seeds = [0, 1]
[budget]
steps = 10
[[tasks]]
name = "arithmetic/addition"
levels = [1, 2]
beyond = [3]
[[tasks]]
mix = ["arithmetic/addition", "arithmetic/subtraction"]
title = "both"
levels = [2]
[[models]]
name = "majority"
[[models]]
name = "transformer"
label = "small transformer"
config = { width = 32 }
budget = { seconds = 1.5 }
[require."arithmetic/addition"]
majority = { exact = { at_most = 0.5 } }
[[published]]
task = "both"
model = "small transformer"
level = 2
value = 0.45
source = "Somebody, 2020"
"""


def expand(text: str, folder: Path = Path()) -> list:
    return cells(parse_suite(text, "small.toml"), folder)


def test_a_suite_expands_into_tasks_by_seeds_by_models() -> None:
    made = expand(SOUND)
    assert [(cell.title, cell.seed, cell.label) for cell in made] == [
        (title, seed, label)
        for title in ("arithmetic/addition", "both")
        for seed in (0, 1)
        for label in ("majority", "small transformer")
    ]
    assert (made[0].levels, made[0].beyond, made[0].budget.steps) == ((1, 2), (3,), 10)
    assert (made[1].budget.steps, made[1].budget.seconds, made[1].config) == (None, 1.5, {"width": 32})
    assert made[4].tasks == ("arithmetic/addition", "arithmetic/subtraction")


def test_a_task_may_have_seeds_of_its_own(toy) -> None:
    made = expand(SOUND.replace("beyond = [3]", "beyond = [3]\nseeds = [4, 5, 6]", 1))
    assert [cell.seed for cell in made if cell.label == "majority"] == [4, 5, 6, 0, 1]
    suite = toy("Guesser")
    suite.write_text(suite.read_text().replace("beyond = [3]", "beyond = [3]\nseeds = [4, 5]"))
    assert [cell.seed for cell in plan(str(suite)).cells] == [4, 5]
    assert [cell.seed for cell in plan(str(suite), seeds=[7]).cells] == [7]


def test_levels_left_out_are_all_but_those_beyond_and_true_takes_those_marked() -> None:
    text = SOUND.replace("levels = [1, 2]\nbeyond = [3]", "beyond = true")
    first = expand(text)[0]
    assert first.levels == tuple(range(1, len(first.levels) + 1))
    assert first.beyond[0] == len(first.levels) + 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("train = 100", "trian = 100", r"small.toml, the top level: no key 'trian'; did you mean 'train'\?"),
        ("levels = [1, 2]", "level = [1, 2]", r"small.toml, tasks\[0\]: no key 'level'; did you mean 'levels'\?"),
        ("steps = 10", "step = 10", r"small.toml, budget: no key 'step'; did you mean 'steps'\?"),
        ("{ seconds = 1.5 }", "{ second = 1.5 }", r"models\[1\].budget: no key 'second'; did you mean 'seconds'\?"),
        ("train = 100", 'train = "100"', "small.toml, train: expected `int`, got `str`"),
        ("train = 100", 'split = "shape"', "small.toml, split: no option 'shape'; known: key, skeleton"),
        ("train = 100", 'split = "skelton"', r"small.toml, split: no option 'skelton'; did you mean 'skeleton'\?"),
        ("train = 100", "train = 0", "small.toml: train = 0; ask for 1 problem or more"),
        ("train = 100", "train = -5", "small.toml: train = -5; ask for 1 problem or more"),
        ("train = 100", "train = = 1", "small.toml: is not valid TOML: .*line 3"),
        ('name = "small"\n', "", "small.toml, the top level: object missing required field `name`"),
        ('name = "small"', 'name = "../../evil"', "small.toml: name = '../../evil'; use letters"),
        ("steps = 10", "steps = -3", "small.toml, budget, steps|budget, steps = -3; give a number above 0"),
        ("{ seconds = 1.5 }", "{ seconds = nan }", "budget, seconds = nan; give a number above 0"),
        ("train = 100", "limit = -1", "limit = -1.0; give a number above 0"),
        ("levels = [1, 2]", "levels = [2, 2]", "a level stands twice"),
        ("{ at_most = 0.5 }", "50", "majority, exact: a share is asked for; give a number from 0 to 1"),
        ('label = "small transformer"', 'label = "\\u001b[31m"', "is no title; use at most 200 printable"),
        ("seeds = [0, 1]", "seeds = []", "needs at least one task, one model and one seed"),
        ("seeds = [0, 1]", "seeds = [0, 0]", "the seed '0' stands twice; leave one out"),
        ('title = "both"\n', "", r"tasks\[1\]: a mixture needs a title"),
        ('mix = ["arithmetic/addition", "arithmetic/subtraction"]', "", r"tasks\[1\]: needs either name or mix"),
        ('label = "small transformer"', 'label = "majority"', "the model 'majority' stands twice; give one a label"),
        (
            'name = "arithmetic/addition"',
            'name = "arithmetic/adition"',
            "no task 'arithmetic/addition'; did you mean 'arithmetic/adition'",
        ),
        ("levels = [1, 2]", "levels = [99]", "arithmetic/addition: no level 99; its levels are 1 to"),
        ("levels = [1, 2]", "levels = [1, 3]", "level 3 stands in levels and in beyond"),
        ("width = 32", "widht = 32", "model 'transformer', config: no keyword 'widht'; did you mean 'width'"),
        ("width = 32", "learning_rate = inf", "config, learning_rate = inf: not finite; give a finite number"),
        ("width = 32", 'width = "32"', "config, width = '32': expected `int`, got `str`"),
        ('name = "majority"', 'name = "majorty"', "models: no model 'majorty'; did you mean 'majority'"),
        ("majority = { exact", "majorty = { exact", "require, arithmetic/addition: no model 'majorty'"),
        ("{ exact = {", "{ exakt = {", "no metric 'exakt'; did you mean 'exact'"),
        ("{ at_most = 0.5 }", "{ atmost = 0.5 }", "no key 'atmost'; did you mean 'at_most'"),
        ("{ exact = {", "{ edit-distance = {", "edit-distance is not a share"),
        (
            "{ at_most = 0.5 }",
            "{ }",
            "addition, majority, exact: asks for nothing; give at_least, at_most or at_chance",
        ),
        ("{ exact = { at_most = 0.5 } }", "{ }", "require, arithmetic/addition, majority: asks for nothing; try"),
        ('name = "majority"', 'name = "majority"\ntasks = ["both"]', "addition: majority is not for this task; name"),
        ('task = "both"', 'task = "bth"', r"published\[0\]: no task 'bth'; did you mean 'both'\?"),
        ("value = 0.45", "valeu = 0.45", r"published\[0\]: no key 'valeu'; did you mean 'value'\?"),
        ("value = 0.45", "value = 45", r"published\[0\], both: value = 45; give a share from 0 to 1"),
        ("value = 0.45", 'value = 2.17\nmetric = "nat"', "both: no metric 'nat'; did you mean 'nats'"),
        ("value = 0.45", 'value = inf\nmetric = "nats"', r"both: value = inf; give a finite number"),
        ("level = 2\nvalue", "level = 7\nvalue", "both: level 7 is not asked; it asks 2"),
        ('model = "small tr', 'model = "smll tr', r"both: no model 'smll transformer'; did you mean"),
        ('source = "Somebody, 2020"', 'source = " "', "both: source = ' '; say who reported it and when"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_the_mend(old: str, new: str, message: str) -> None:
    assert old in SOUND
    with pytest.raises(UserError, match=message) as caught:
        expand(SOUND.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_a_published_figure_is_kept_and_changes_no_cell() -> None:
    bare = SOUND[: SOUND.index("[[published]]")]
    assert [cell.identity for cell in expand(SOUND)] == [cell.identity for cell in expand(bare)]
    figure = parse_suite(SOUND, "small.toml").published[0]
    assert (figure.value, figure.metric, figure.level, figure.source) == (0.45, "exact", 2, "Somebody, 2020")


def test_a_keyword_that_is_a_choice_is_told_with_its_options(tmp_path: Path) -> None:
    text = "from typing import Literal\nclass Own:\n    def __init__(self, kind: Literal['a', 'b'] = 'a'): ...\n"
    (tmp_path / "own.py").write_text(text + "    def predict(self, questions): return list(questions)\n")
    suite = SOUND.replace('name = "majority"', 'name = "own.py:Own"\nlabel = "majority"\nconfig = { kind = "c" }')
    with pytest.raises(UserError, match="config, kind = 'c': no option 'c'; known: a, b"):
        expand(suite, tmp_path)


def test_a_level_marked_beyond_is_never_trained_on() -> None:
    count = len(expand(SOUND.replace("levels = [1, 2]\nbeyond = [3]", "beyond = true"))[0].levels)
    with pytest.raises(UserError, match=f"level {count + 1} is beyond: suites test on it and never train on it"):
        expand(SOUND.replace("levels = [1, 2]", f"levels = [{count + 1}]"))


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_is_one_that_every_generator_of_random_numbers_takes(seed: int, toy) -> None:
    with pytest.raises(UserError, match=f"toy.toml, seeds: no seed {seed}; give a whole number from 0"):
        plan(str(toy("Guesser", head=f"seeds = [0, {seed}]\n")))
    with pytest.raises(UserError, match=f"--seed: no seed {seed}; give"):
        plan(str(toy("Guesser")), seeds=[seed])
    assert len(plan(str(toy("Guesser", head=f"seeds = [0, {2**63 - 1}]\n"))).cells) == 2


def test_what_is_not_a_suite_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no suite 'quik'; did you mean 'quick'\?"):
        suite_path("quik")
    with pytest.raises(UserError, match=r"no file .*none\.toml"):
        suite_path(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(UserError, match="is not UTF-8 at byte 8"):
        read_suite(tmp_path / "latin.toml")


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_suite_is_sound_and_says_what_it_is(name: str) -> None:
    suite = read_suite(shipped()[name])
    assert suite.name == name
    assert suite.description
    assert cells(suite, Path())


def test_choosing_narrows_by_title_glob_label_and_seed_and_a_path_adds(toy, tmp_path: Path) -> None:
    path = toy("Calculator", "Guesser")
    chosen = plan(str(path), models=["Guesser"], seeds=[5])
    assert [(cell.label, cell.seed) for cell in chosen.cells] == [("Guesser", 5)]
    assert len(plan(str(path), tasks=["toy/*"]).cells) == 2
    added = plan(str(path), models=[f"{tmp_path}/models.py:Nap"])
    assert [cell.label for cell in added.cells] == ["Calculator", "Guesser", "Nap"]
    installed = plan(str(path), models=["majority"])
    assert [cell.label for cell in installed.cells] == ["majority"]
    twice = plan(str(path), models=["Guesser", "Guesser", "majority", "majority"], seeds=[5, 5])
    assert [cell.label for cell in twice.cells] == ["Guesser", "majority"]
    again = plan(str(path), models=[f"{tmp_path}/models.py:Guesser"])
    assert [cell.label for cell in again.cells] == ["Calculator", "Guesser"]
    (tmp_path / "other.py").write_text((tmp_path / "models.py").read_text())
    with pytest.raises(UserError, match="--model: two models are labelled 'Guesser'"):
        plan(str(path), models=[f"{tmp_path}/other.py:Guesser"])
    with pytest.raises(UserError, match=r"mine\.py: names a file alone; give mine\.py:Class"):
        plan(str(path), models=["mine.py"])
    with pytest.raises(UserError, match=r"--model: no model 'Guessr'; did you mean 'Guesser'\?"):
        plan(str(path), models=["Guessr"])
    with pytest.raises(UserError, match=r"--task: no task 'toy/som'; did you mean 'toy/sum'\?"):
        plan(str(path), tasks=["toy/som"])
