"""Maps: symbols and hidden states in two dimensions, and what states that lie together have in common.

The map is the plane of the two leading principal components (Pearson 1901), by singular values; how much of the
variance it shows is told, for a map that shows a tenth is nearly no map. The clusters are those of k-means (Lloyd 1982;
first centres after Arthur and Vassilvitskii 2007) in the space of all components. Their purity is the share of problems
with the commonest trait of their cluster, beside what it is when the traits are dealt out anew: a cluster's commonest
trait is always some share, so purity alone says little. Nothing here speaks for computing or for looking up.
"""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enigmath.bench.contracts import Embedded, Inspectable, probe
from enigmath.bench.probes.finding import Row, findings, number
from enigmath.bench.probes.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.floating[Any]]
Texts = npt.NDArray[np.object_]

POINTS: Final = 500
"""Problems, or symbols, on a map at most."""
CLUSTERS: Final = 10
FEWEST: Final = 20
"""Problems that make a map."""
PERMUTATIONS: Final = 200
COMPONENTS: Final = 20
"""Principal components in which clusters are sought, at most."""


@probe("maps", needs=(Inspectable,))
def maps(subject: Subject) -> "pd.DataFrame":
    """Where symbols and the states of test problems lie in two dimensions, and what clusters of states share."""
    rows = subject.rows()
    rows = rows[np.linspace(0, len(rows) - 1, min(POINTS, len(rows))).astype(np.int64)]
    told = subject.told.take(pa.array(rows))
    model: Any = subject.model
    vectors = np.asarray(model.hidden_states(told["question"].to_pylist()), dtype=np.float64)
    sound = np.isfinite(vectors).all(axis=1)
    found: list[Row] = list(_symbols(model)) if isinstance(model, Embedded) else []
    if sound.sum() >= FEWEST:
        traits = {name: values[sound] for name, values in _traits(told).items()}
        found += _problems(vectors[sound], traits, told.filter(pa.array(sound))["question"].to_pylist())
        found += _purities(vectors[sound], traits, subject.cell.seed)
    return findings(found)


def plane(vectors: Floats) -> tuple[Floats, Floats]:
    """Coordinates on all principal components, shape (n, components), and the share of the variance of each.

    The sign of a component is such that its largest coordinate is positive, so that a map is the same each time.
    """
    centred = np.asarray(vectors, dtype=np.float64) - np.mean(vectors, axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    coordinates = left * sizes
    largest = np.abs(coordinates).argmax(axis=0)
    coordinates *= np.where(coordinates[largest, np.arange(len(sizes))] < 0, -1.0, 1.0)
    total = (sizes**2).sum()
    return coordinates, sizes**2 / total if total > 0 else np.zeros_like(sizes)


def purity(clusters: npt.NDArray[np.int64], traits: npt.NDArray[np.int64]) -> float:
    """The share of problems that have the commonest trait of their cluster; both number theirs from 0, shapes (n,).

    >>> purity(np.array([0, 0, 0, 1]), np.array([5, 5, 2, 2]))
    0.75
    """
    width = int(traits.max()) + 1
    counts = np.bincount(clusters * width + traits, minlength=(int(clusters.max()) + 1) * width)
    return float(counts.reshape(-1, width).max(axis=1).sum() / len(traits))


def _traits(told: pa.Table) -> dict[str, Texts]:
    """What points are coloured by, as text: outcome, operators, the answer's length in characters, its last one."""
    lengths = pc.cast(pc.utf8_length(told["answer"]), pa.string())
    last = pc.utf8_slice_codeunits(pc.cast(told["answer"], pa.string()), -1, None)
    columns = {"outcome": pc.cast(told["outcome"], pa.string()), "answer length": lengths, "last symbol": last}
    if "trait.operators" in told.column_names:
        columns["operators"] = pc.fill_null(pc.cast(told["trait.operators"], pa.string()), "")
    return {name: np.array(column.to_pylist(), dtype=object) for name, column in columns.items()}


def _symbols(model: Embedded) -> Iterator[Row]:
    symbols, vectors = model.embedding()
    if len(symbols) < 3:
        return
    coordinates, shares = plane(vectors)
    yield number("variance on the map", shares[:2].sum(), by="map", group="symbols", n=len(symbols))
    for symbol, point in list(zip(symbols, _two(coordinates), strict=True))[:POINTS]:
        kind = _kind(symbol)
        yield number("symbol", np.nan, by="kind", group=kind, n=1, label=symbol, x=point[0], y=point[1])


def _problems(vectors: Floats, traits: dict[str, Texts], questions: list[str]) -> Iterator[Row]:
    coordinates, shares = plane(vectors)
    yield number("variance on the map", shares[:2].sum(), by="map", group="states", n=len(vectors))
    for row, (question, point) in enumerate(zip(questions, _two(coordinates), strict=True)):
        more = {name: values[row] for name, values in traits.items() if name != "outcome"}
        yield number(
            "state", np.nan, by="outcome", group=traits["outcome"][row], n=1, label=question, x=point[0], y=point[1],
            **more,
        )  # fmt: skip


def _purities(vectors: Floats, traits: dict[str, Texts], seed: int) -> Iterator[Row]:
    """The purity of clusters by each trait that varies, and what it is when the trait is dealt out anew."""
    clusters = clustered(vectors, seed)
    rng = np.random.Generator(np.random.Philox(seed))
    for name, values in traits.items():
        numbers = np.unique(values.astype(str), return_inverse=True)[1]
        if numbers.max() == 0:
            continue
        dealt = [purity(clusters, rng.permutation(numbers)) for _ in range(PERMUTATIONS)]
        low, high = np.quantile(dealt, (0.025, 0.975))
        yield number("purity of clusters", purity(clusters, numbers), by="trait", group=name, n=len(values))
        measure = "purity of clusters, traits dealt out anew"
        yield number(measure, float(np.mean(dealt)), by="trait", group=name, low=low, high=high, n=len(values))


def clustered(vectors: Floats, seed: int) -> npt.NDArray[np.int64]:
    """The number of each vector's cluster, shape (n,), of at most CLUSTERS."""
    from scipy.cluster.vq import kmeans2

    coordinates, _ = plane(vectors)
    few = coordinates[:, :COMPONENTS]
    count = min(CLUSTERS, len(np.unique(few.round(9), axis=0)))
    if count < 2:
        return np.zeros(len(vectors), dtype=np.int64)
    rng = np.random.Generator(np.random.Philox(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a cluster that has lost its last member: there is one fewer then
        return np.asarray(kmeans2(few, count, minit="++", rng=rng)[1], dtype=np.int64)


def _two(coordinates: Floats) -> list[list[float]]:
    """The first two coordinates of each row; zeros where there is but one component."""
    padded = np.pad(coordinates, ((0, 0), (0, 2)))[:, :2]
    return [[float(part) for part in row] for row in padded.tolist()]


def _kind(symbol: str) -> str:
    """What a symbol is: digit, letter, mark of its own (several characters), or sign."""
    if len(symbol) != 1:
        return "number" if symbol.lstrip("+-").isdigit() else "mark"
    return "digit" if symbol.isdigit() else "letter" if symbol.isalpha() else "sign"
