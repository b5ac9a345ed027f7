"""Collisions and misses of semantic keys, on pairs of formulas that sympy decides: the figures of docs/keys.md.

Run by hand: `python tests/measure_keys.py 100000`, or with a bound in seconds as second argument. A pair is a random
formula and either a random rewriting of it (equal by the laws of algebra) or a near miss (one constant changed).
A miss is a pair that sympy calls equal and whose keys differ; a collision one with one key that sympy calls different.
"""

import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import permutations

import numpy as np
import sympy

from enigmath.bench.contracts import UserError
from enigmath.bench.contracts.expression import FUNCTIONS, Tree, variables_of, write
from enigmath.generators.semantics import semantic_form

NAMES = ("x", "y", "z")
USED = ("sin", "cos", "exp", "ln", "sqrt", "atan")
SYMBOLS = {name: sympy.Symbol(name) for name in (*NAMES, "a", "b", "c")}
POINT = {symbol: sympy.Rational(place, 7) + sympy.I / (place - 1) for place, symbol in enumerate(SYMBOLS.values(), 3)}
PARTS = 20
"""Parts of the measurement, each with its own stream, so that the pairs do not depend on the number of cores."""
IDENTITY = "through exp(ln())"


def draw(rng: np.random.Generator, size: int, functions: bool) -> Tree:
    """A random formula with so many leaves, two thirds of them variables."""
    if functions and rng.random() < 0.25:
        return str(rng.choice(USED)), draw(rng, size, False if size == 1 else functions)
    if size == 1:
        return int(rng.integers(1, 10)) if rng.random() < 1 / 3 else str(rng.choice(NAMES))
    if rng.random() < 0.15:
        return "^", draw(rng, size - 1, functions), int(rng.integers(2, 4))
    left = int(rng.integers(1, size))
    return (
        str(rng.choice(["+", "-", "*", "/"], p=[0.3, 0.25, 0.3, 0.15])),
        draw(rng, left, functions),
        draw(rng, size - left, functions),
    )


def rewritten(tree: Tree, rng: np.random.Generator) -> Tree:
    """An equal formula: at every node, one law of algebra that fits may be applied."""
    if not isinstance(tree, tuple):
        new: Tree = tree
    else:
        new = (tree[0], *(rewritten(part, rng) for part in tree[1:]))
    if rng.random() < 0.5:
        return new
    laws = [("+", new, 0), ("*", 1, new), ("neg", ("neg", new)), ("/", ("*", 3, new), 3), ("-", ("+", new, "x"), "x")]
    if isinstance(new, int):
        laws = [("+", new - 2, 2), ("-", new + 5, 5), ("/", 4 * new, 4)]
    if isinstance(new, tuple):
        operator, first, second = new[0], new[1], new[-1]
        if operator in "+*":
            laws += [(operator, second, first)] * 4
        if operator == "-":
            laws += [("+", ("neg", second), first), ("neg", ("-", second, first))]
        if operator == "/":
            laws += [("*", first, ("^", second, ("neg", 1)))]
        if operator == "^" and second == 2:
            laws += [("*", first, first)] * 3
        if operator == "*" and isinstance(second, tuple) and second[0] in ("+", "-"):
            laws += [(second[0], ("*", first, second[1]), ("*", first, second[2]))] * 4
        if (
            operator == "+"
            and isinstance(first, tuple)
            and isinstance(second, tuple)
            and first[:2] == second[:2] == ("*", first[1])
        ):
            laws += [("*", first[1], ("+", first[2], second[2]))] * 4
    return laws[int(rng.integers(len(laws)))]


def renamed(tree: Tree, names: dict[str, str]) -> Tree:
    if isinstance(tree, tuple):
        return (tree[0], *(renamed(part, names) for part in tree[1:]))
    return names.get(tree, tree) if isinstance(tree, str) else tree


def places(tree: Tree, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Where its constants stand, those of exponents too."""
    if isinstance(tree, tuple):
        return [place for index, part in enumerate(tree[1:], 1) for place in places(part, (*path, index))]
    return [path] if isinstance(tree, int) else []


def changed(tree: Tree, path: tuple[int, ...], by: int) -> Tree:
    if not path:
        assert isinstance(tree, int)
        return tree + by
    assert isinstance(tree, tuple)
    index = path[0]
    return (*tree[:index], changed(tree[index], path[1:], by), *tree[index + 1 :])


def in_sympy(tree: Tree) -> sympy.Expr:
    if isinstance(tree, int):
        return sympy.Integer(tree)
    if isinstance(tree, str):
        return SYMBOLS[tree]
    parts = [in_sympy(part) for part in tree[1:]]
    if tree[0] in FUNCTIONS:
        return getattr(sympy, {"ln": "log"}.get(tree[0], tree[0]))(*parts)
    if tree[0] == "neg":
        return -parts[0]
    a, b = parts
    return {"+": a + b, "-": a - b, "*": a * b}.get(tree[0]) if tree[0] in "+-*" else a / b if tree[0] == "/" else a**b


def equal(first: Tree, second: Tree) -> bool | None:
    """Whether sympy calls them equal: by a value of 30 digits where they differ, else by algebra; None undecided."""
    gap = in_sympy(first) - in_sympy(second)
    if gap == 0:
        return True
    if gap.has(sympy.zoo, sympy.nan, sympy.oo):
        return None
    parts = gap.evalf(30, subs=POINT, maxn=200).as_real_imag()
    if all(part.is_Float or part.is_Integer for part in parts) and max(abs(part) for part in parts) > 1e-20:
        return False
    if sympy.expand(gap) == 0 or sympy.cancel(sympy.together(gap)) == 0:
        return True
    return None


def _late(*_: object) -> None:
    raise TimeoutError


def in_time(first: Tree, second: Tree) -> bool | None:
    """What `equal` says within three seconds; None where it takes longer or gives up."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(3)
    try:
        return equal(first, second)
    except Exception:  # towers of fast growth: sympy and mpmath give up with errors of many kinds
        return None
    finally:
        signal.alarm(0)


def is_rational(tree: Tree) -> bool:
    return not isinstance(tree, tuple) or (tree[0] not in FUNCTIONS and all(is_rational(part) for part in tree[1:]))


def measure(pairs: int, seconds: float, seed: int) -> Counter[tuple[str, str]]:
    """Counts by kind of pair and what came of it."""
    sys.setrecursionlimit(10_000)
    rng = np.random.default_rng(seed)
    counts: Counter[tuple[str, str]] = Counter()
    began = time.monotonic()
    done = 0
    while done < pairs and time.monotonic() - began < seconds:
        with_functions = rng.random() < 0.5
        tree = draw(rng, int(rng.integers(2, 7)), with_functions)
        kind = "functions" if not is_rational(tree) else "rational"
        turn = done % 10
        names = dict(zip(NAMES, rng.permutation(["a", "b", "c"]).tolist(), strict=True)) if turn % 2 else {}
        if turn == 9:
            other, kind = ("exp", ("ln", tree)), f"{kind} {IDENTITY}"
        elif turn < 5:
            other, kind = rewritten(tree, rng), f"{kind} rewritten"
        else:
            where = places(tree)
            if not where:
                continue
            path = where[int(rng.integers(len(where)))]
            other, kind = changed(tree, path, int(rng.choice([-1, 1]))), f"{kind} near miss"
        verdict = in_time(tree, other)
        if verdict is None:
            counts[kind, "undecided"] += 1
            continue
        done += 1
        try:
            same = semantic_form(tree) == semantic_form(renamed(other, names))
        except UserError:
            counts[kind, "refused"] += 1
            continue
        if same and not verdict and not equal_renamed(tree, other):
            counts[kind, "collision"] += 1
            print("collision:", write(tree), "|", write(other))
        elif verdict and not same:
            counts[kind, "miss"] += 1
            if IDENTITY not in kind:
                print("miss:", write(tree), "|", write(other))
        counts[kind, "equal" if verdict else "different"] += 1
    return counts


def equal_renamed(first: Tree, second: Tree) -> bool:
    """Whether some renaming makes them equal: then one key is right."""
    names = variables_of(second)
    return any(
        in_time(first, renamed(second, dict(zip(names, order, strict=False))))
        for order in permutations(NAMES, len(names))
    )


if __name__ == "__main__":
    limit = float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")
    with ProcessPoolExecutor(min(PARTS, os.cpu_count() or 1)) as pool:
        share = -(-int(sys.argv[1]) // PARTS)
        found: Counter[tuple[str, str]] = Counter()
        for part, counts in enumerate(pool.map(measure, [share] * PARTS, [limit] * PARTS, range(PARTS)), start=1):
            found += counts
            print(f"{part} of {PARTS} parts: {dict(found)}", file=sys.stderr)
    print("| pairs | equal | misses | different | collisions | undecided by sympy |\n|---|---|---|---|---|---|")
    for kind in sorted({kind for kind, _ in found}):
        cells = [f"{found[kind, what]:,}" for what in ("equal", "miss", "different", "collision", "undecided")]
        print(f"| {kind} | " + " | ".join(cells) + " |")
    print(f"{sum(n for (_, what), n in found.items() if what in ('equal', 'different')):,} pairs decided")
