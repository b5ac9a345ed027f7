"""Skeletons: the structure of a question, and suites whose test problems have structures that no training has."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enigmath.bench.cell import Cell, from_record, identify
from enigmath.bench.contracts import SPLITS, UserError, hash_text, skeletons, split_of
from enigmath.bench.contracts.key import skeleton_texts
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.data import NO_SPLIT, Part, make_shard, prove, splits_of, take
from enigmath.bench.runner import Place, datasets, run_cell
from enigmath.bench.suite import cells, parse_suite

NESTED = Part(find_task("expressions/nested"), 3, 0)
SUITE = """
name = "structures"
split = "skeleton"
train = 400
validation = 30
test = 40
[[tasks]]
name = "expressions/nested"
levels = [3]
[[models]]
name = "majority"
"""


def structures() -> Cell:
    return cells(parse_suite(SUITE, "structures.toml"), Path())[0]


@pytest.mark.parametrize(
    ("text", "skeleton"),
    [
        ("12+345", "#+#"),
        ("3*x^2-0.5*y", "#*v^#-#*v"),
        ("3*x1+x_12-a", "#*v+v-v"),
        ("sin(x)+ln(2*y)", "sin(v)+ln(#*v)"),
        ("gcd(12,18)", "gcd(#,#)"),
        ("1.5e-3+.25+2.", "#+#+#"),
        ("-7/(x-1)", "-#/(v-#)"),
        ("", ""),
        ("no number", "no number"),
    ],
)
def test_numbers_and_variables_of_one_letter_are_masked_and_words_stay(text: str, skeleton: str) -> None:
    assert skeleton_texts(pa.array([text])).to_pylist() == [skeleton]
    assert skeletons(pa.array([text])).tolist() == hash_text(pa.array([skeleton])).tolist()


@given(st.lists(st.tuples(st.integers(0, 10**30), st.sampled_from("xyzabc"), st.integers(0, 10**6)), min_size=1))
def test_other_numbers_and_names_make_no_other_skeleton(rows) -> None:
    texts = pa.array([f"{a}*{name}^2+sin({name})-{b}" for a, name, b in rows])
    assert len(np.unique(skeletons(texts))) == 1
    assert (skeletons(pa.chunked_array([texts.slice(0, 1), texts.slice(1)])) == skeletons(texts)).all()


def test_a_problem_belongs_to_a_split_only_where_key_and_skeleton_say_so() -> None:
    shard = make_shard(NESTED, 0)
    by_key, by_skeleton = split_of(shard["key"].to_numpy()), split_of(skeletons(shard["question"]))
    both = splits_of(shard, "skeleton")
    assert (both == np.where(by_key == by_skeleton, by_key, NO_SPLIT)).all()
    assert (splits_of(shard) == by_key).all()
    assert set(both.tolist()) == {0, 1, 2, NO_SPLIT}


def test_no_two_splits_share_a_key_or_a_skeleton() -> None:
    counts = {"train": 2_000, "validation": 60, "test": 70}
    drawn = take(NESTED, counts, split_by="skeleton")
    assert {split: table.num_rows for split, table in drawn.items()} == counts
    shapes = {split: set(skeletons(table["question"]).tolist()) for split, table in drawn.items()}
    for first, second in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not shapes[first] & shapes[second]
    proof = prove(*(drawn[split] for split in SPLITS), 0, "skeleton")
    assert (proof.overlaps, proof.skeleton_overlaps) == (0, 0)


def test_the_proof_counts_skeletons_that_stand_in_two_splits() -> None:
    drawn = take(NESTED, {"train": 2_000, "validation": 60, "test": 70})
    proof = prove(*(drawn[split] for split in SPLITS), 0, "skeleton")
    shapes = [set(skeletons(drawn[split]["question"]).tolist()) for split in SPLITS]
    shared = sum(len(shapes[a] & shapes[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert proof.skeleton_overlaps == shared > 0
    assert prove(*(drawn[split] for split in SPLITS), 0).skeleton_overlaps is None


def test_a_level_of_one_skeleton_cannot_be_split_by_it_and_says_so() -> None:
    with pytest.raises(UserError, match="take a level with more skeletons, or split by key"):
        take(Part(find_task("arithmetic/addition"), 3, 0), {"train": 10, "test": 10}, split_by="skeleton")


def test_a_suite_splits_by_skeleton_down_to_the_stored_cell(tmp_path: Path) -> None:
    cell = structures()
    assert cell.split == "skeleton"
    data = datasets(cell, None)
    assert not set(skeletons(data.train["question"]).tolist()) & set(skeletons(data.test["question"]).tolist())
    record = run_cell(cell, Place(tmp_path, None))
    assert record["proof"]["skeleton_overlaps"] == 0
    assert from_record(record) == cell


def test_the_identity_of_a_cell_knows_the_split_and_the_default_is_no_part_of_it() -> None:
    cell = structures()
    by_key = replace(cell, split="key")
    assert identify(cell) != identify(by_key)
    text = SUITE.replace('split = "skeleton"\n', "")
    assert identify(cells(parse_suite(text, "structures.toml"), Path())[0]) == identify(by_key)


def test_another_word_for_the_split_is_refused() -> None:
    with pytest.raises(UserError, match="split: no option 'structure'; known: key, skeleton"):
        parse_suite(SUITE.replace('"skeleton"', '"structure"'), "structures.toml")
