"""Fresh problems: training problems without end, from the shards after those that the datasets took.

Whatever is drawn, the hash of its key decides its split, and only what belongs to training is handed on: nothing of
validation or test can be among it, by construction. Nothing is cached, for nothing is read twice. The trade-off: a
table costs its time within the fit, so only tasks that draw whole batches at once (`bulk`) are drawn from.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import numpy as np
import pyarrow as pa

from enigmath.bench.contracts import SPLITS, UserError
from enigmath.bench.data import PATIENCE, Part, SplitBy, make_shard, splits_of, together

Tables = Callable[[int], Iterator[pa.Table]]
"""Tables without end, from the one of a given number on."""


def fresh_tables(after: Sequence[tuple[Part, int]], split_by: SplitBy, *order: str | int) -> Tables:
    """A shard of each part in every table, in equal shares and shuffled; `after` says which shard of each is the first.

    The same parts and order give the same tables. Raises UserError, while they are drawn, when none has a training
    problem in several tables one after another.
    """

    def tables(first: int) -> Iterator[pa.Table]:
        empty = 0
        for number in count(first):
            drawn = [_training(make_shard(part, begin + number), split_by) for part, begin in after]
            fewest = min(table.num_rows for table in drawn)
            empty = 0 if fewest else empty + 1
            if empty == PATIENCE:
                where = next(part.where for (part, _), table in zip(after, drawn, strict=True) if not table.num_rows)
                raise UserError(f"no training problem in {PATIENCE} shards", where=where, mend="leave fresh out")
            if fewest:
                yield together([table.slice(0, fewest) for table in drawn], "fresh", *order, number)

    return tables


def _training(shard: pa.Table, split_by: SplitBy) -> pa.Table:
    return shard.take(pa.array(np.flatnonzero(splits_of(shard, split_by) == SPLITS.index("train"))))
