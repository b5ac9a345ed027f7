"""Tasks from files: question and answer text, JSONL, CSV or Parquet, one level a file.

A text file is as mathematics_dataset (Saxton et al., "Analysing mathematical reasoning abilities of neural models",
2019) writes it: a line with a question, then a line with its answer. The other kinds have the columns question and
answer. A suite names such a task `files:path/to/folder`. All files are held in memory.
"""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from enigmath.bench.contracts import Answer, Batch, Integer, Keys, Task, Text, UserError, hash_text
from enigmath.bench.contracts.answer import LONGEST
from enigmath.bench.contracts.task import BULK_DRAWS

LONGEST_LINE: Final = 1_000_000
"""Bytes of a line, or of a cell of a Parquet file, at most."""

ORDER: Final = ("train-easy", "train-medium", "train-hard", "train", "", "interpolate", "test", "extrapolate")
"""Folders in the order of their levels; others stand where the empty one stands, by name."""

BEYOND: Final = "extrapolate"
"""The folder whose files are levels beyond."""

Row = tuple[int, str, str]
"""A line's number, a question and its answer."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A problem from a file, drawn at random with replacement.

    Each file is a level, in the order train-easy, train-medium, train-hard, other folders by name, interpolate;
    files under extrapolate are levels beyond. What guessing scores is as the files have it: `enigmath audit` tells.
    """

    problems: Mapping[str, pa.Table]
    """For each file its different problems: question, answer, line."""
    keys: Mapping[str, Keys]
    contents: Mapping[str, str]
    duplicates: Mapping[str, int] = field(default_factory=dict)
    overlaps: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, rng: np.random.Generator, n: int, file: str, content: str) -> Batch:
        """Draw n rows of a file; `content` is the hash of what it held when the task was made."""
        if self.contents.get(file) != content:
            raise UserError("has changed since the task was made", where=file, mend="start again")
        rows = rng.integers(0, len(self.keys[file]), n)
        drawn = self.problems[file].take(pa.array(rows)).combine_chunks()
        question = pc.cast(drawn["question"], pa.string()).combine_chunks()
        return Batch(
            question=question,
            answer=pc.cast(drawn["answer"], pa.string()).combine_chunks(),
            key=self.keys[file][rows],
            traits={"characters": pc.utf8_length(question)},
        )

    def report(self) -> dict[str, Any]:
        """What the files hold: different problems and duplicates by file, and how many questions two files share.

        An overlap does no harm here, since a question's key alone decides its split; in the files as they are published
        it is a test problem that stands in training. Audits and runs show it.
        """
        return {
            "problems": {name: table.num_rows for name, table in self.problems.items()},
            "duplicates": dict(self.duplicates),
            "overlaps": [{"files": list(pair), "questions": count} for pair, count in self.overlaps.items()],
        }


def read_problems(path: Path) -> pa.Table:
    """The problems of one file: question and answer as large strings without white space around them, and line.

    The line is counted from 1, in a Parquet file the row. Raises UserError with file and line for torn lines, wrong
    columns, an empty question or answer, a line above `LONGEST_LINE`, what is not UTF-8, and an empty file.
    """
    try:
        rows = list(_reader(path)(path))
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    if not rows:
        raise UserError("holds no problem", where=str(path))
    for number, question, answer in rows:
        if not question or not answer:
            word = "answer" if question else "question"
            raise UserError(f"the {word} is empty", where=_at(path, number))
    lines, questions, answers = zip(*rows, strict=True)
    text = pa.large_string()
    return pa.table({"question": pa.array(questions, text), "answer": pa.array(answers, text), "line": lines})


def _at(path: Path, number: int) -> str:
    return f"{path}, line {number}"


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers, each read no further than it may be long."""
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise UserError(f"is longer than {LONGEST_LINE:,} bytes", where=_at(path, number))
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                mend = "save it as UTF-8"
                raise UserError(f"is not UTF-8 at byte {error.start}", where=_at(path, number), mend=mend) from None


def _read_text(path: Path) -> Iterator[Row]:
    lines = _lines(path)
    for number, question in lines:
        _, answer = next(lines, (0, None))
        if answer is None:
            mend = "write a question and its answer in turns"
            raise UserError("a question without an answer ends the file", where=_at(path, number), mend=mend)
        yield number, question.strip(), answer.strip()


def _read_jsonl(path: Path) -> Iterator[Row]:
    for number, line in _lines(path):
        if not line.strip():
            raise UserError("is empty", where=_at(path, number), mend="leave the line out")
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise UserError("is not JSON", where=_at(path, number), mend="write one object a line") from None
        _require_columns(row if isinstance(row, dict) else (), path, number)
        yield number, _cell(row["question"], path, number), _cell(row["answer"], path, number)


def _cell(value: Any, path: Path, number: int) -> str:
    """A text or a whole number as text; the text must be one that UTF-8 can hold."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        kind = "an empty value" if value is None else f"a {type(value).__name__}"
        mend = "give a text or a whole number"
        raise UserError(f"{kind} is no question or answer", where=_at(path, number), mend=mend)
    try:
        text = str(value).strip()
        text.encode()
    except ValueError:
        raise UserError("holds half a surrogate pair, or too many digits", where=_at(path, number)) from None
    return text


def _read_csv(path: Path) -> Iterator[Row]:
    rows = csv.reader((line for _, line in _lines(path)), strict=True)
    try:
        head = [name.strip() for name in next(rows, [])]
        if not head:
            return
        _require_columns(head, path, 1)
        places = head.index("question"), head.index("answer")
        for row in rows:
            if len(row) != len(head):
                what = f"has {len(row)} cells where the head has {len(head)}" if row else "is empty"
                raise UserError(what, where=_at(path, rows.line_num))
            yield rows.line_num, row[places[0]].strip(), row[places[1]].strip()
    except csv.Error as error:
        mend = "see whether a quote is left open"
        raise UserError(f"is not CSV: {error}", where=_at(path, rows.line_num), mend=mend) from None


def _read_parquet(path: Path) -> Iterator[Row]:
    try:
        with pq.ParquetFile(path) as source:
            _require_columns(source.schema_arrow.names, path, 1)
            number = 0
            for batch in source.iter_batches(columns=["question", "answer"]):
                columns = (batch.column(name).to_pylist() for name in ("question", "answer"))
                for pair in zip(*columns, strict=True):
                    number += 1
                    question, answer = (_cell(value, path, number) for value in pair)
                    if max(len(question), len(answer)) > LONGEST_LINE:
                        raise UserError(f"is longer than {LONGEST_LINE:,} characters", where=_at(path, number))
                    yield number, question, answer
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise UserError(f"is not Parquet: {str(error).splitlines()[0][:200]}", where=str(path)) from None


def _require_columns(names: Iterable[str], path: Path, number: int) -> None:
    found = list(names)
    for name in ("question", "answer"):
        if found.count(name) != 1:
            what = f"has {found.count(name) or 'no'} column{'s' if found.count(name) else ''} {name!r}"
            what += f" but {', '.join(map(repr, found))[:100]}" if found else ""
            raise UserError(what, where=_at(path, number), mend="the columns question and answer are needed, once each")


_READERS: Final[Mapping[str, Callable[[Path], Iterator[Row]]]] = {
    ".txt": _read_text,
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _reader(path: Path) -> Callable[[Path], Iterator[Row]]:
    if path.suffix.lower() not in _READERS:
        raise UserError(f"is none of {', '.join(_READERS)}", where=str(path))
    return _READERS[path.suffix.lower()]


def from_path(path: Path) -> Task:
    """The task of a file or folder, named `files/` and the file's or folder's name.

    Rows are drawn at random with replacement. Answers are Integer where every answer of every file is a whole
    number, else Text. A question that stands twice in a file counts once. Raises UserError as `read_problems` does,
    for a path that is missing or holds no file, and where one question has two answers.
    """
    path = path.expanduser().resolve()
    files = _files(path)
    try:
        stamps = tuple((file.stat().st_size, file.stat().st_mtime_ns) for file in files.values())
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from None
    return _made(path, tuple(files.items()), stamps)


def _files(path: Path) -> dict[str, Path]:
    """Files by their names relative to the path, in the order of their levels."""
    if path.is_file():
        return {path.name: path}
    if not path.is_dir():
        raise UserError("no such file or folder", where=str(path))
    found = [file for file in path.rglob("*") if file.suffix.lower() in _READERS and file.is_file()]
    files = {file.relative_to(path).as_posix(): file for file in found if not file.name.startswith(".")}
    if not files:
        raise UserError("holds no file", where=str(path), mend=f"put {', '.join(_READERS)} files there")
    return {name: files[name] for name in sorted(files, key=_place)}


def _place(name: str) -> tuple[int, str]:
    folder = name.partition("/")[0] if "/" in name else ""
    return ORDER.index(folder if folder in ORDER else ""), name


@lru_cache(maxsize=4)
def _made(path: Path, files: tuple[tuple[str, Path], ...], stamps: tuple[tuple[int, int], ...]) -> Task:
    """The task, read once for each state of the files, which their sizes and times tell apart."""
    tables = {name: read_problems(file) for name, file in files}
    kind, answers = _answers(tables, path)
    tables = {
        name: table.set_column(1, "answer", answer)
        for (name, table), answer in zip(tables.items(), answers, strict=True)
    }
    function = _drawn(tables, kind, dict(files))
    levels = [{"file": name, "content": function.contents[name]} for name in tables]
    beyond = [level for level in levels if level["file"].startswith(f"{BEYOND}/")]
    trained = [level for level in levels if level not in beyond]
    slug = re.sub(r"[^a-z0-9]+", "-", (path.name if path.is_dir() else path.stem).lower()).strip("-") or "problems"
    return Task(
        name=f"files/{slug}",
        function=function,
        answer=kind,
        levels=tuple(trained or beyond),
        beyond=tuple(beyond if trained else ()),
        bulk=True,
        draws=BULK_DRAWS,
        found_by=f"files:{path}",
    )


def _answers(tables: Mapping[str, pa.Table], path: Path) -> tuple[Answer, list[pa.ChunkedArray]]:
    """The kind that reads every answer, and the answers in its canonical form."""
    for kind in (Integer(), Text()):
        answers = [kind.canonical(table["answer"]) for table in tables.values()]
        if not any(answer.null_count for answer in answers):
            return kind, answers
    name, answer = next((name, answer) for name, answer in zip(tables, answers, strict=True) if answer.null_count)
    line = tables[name]["line"][pc.index(pc.is_null(answer), True).as_py()].as_py()
    mend = f"answers have at most {LONGEST:,} characters and no zero byte"
    raise UserError("the answer cannot be judged", where=_at(path / name if path.is_dir() else path, line), mend=mend)


def _drawn(tables: Mapping[str, pa.Table], kind: Answer, files: Mapping[str, Path]) -> Drawn:
    """Without duplicates, and with the counts of them; UserError where one question has two answers."""
    whole = pa.concat_tables([table.select(["question", "answer", "line"]) for table in tables.values()])
    normal = pc.replace_substring_regex(whole["question"].combine_chunks(), r"\s+", " ")
    keys = hash_text(normal)
    sizes = [table.num_rows for table in tables.values()]
    file = np.repeat(np.arange(len(sizes)), sizes)
    question = normal.dictionary_encode().indices.to_numpy().astype(np.int64)
    _require_one_answer(whole, question, file, list(files.values()))
    names, width = list(tables), int(question.max()) + 1
    codes, first = np.unique(file * width + question, return_index=True)
    pairs = np.stack(np.divmod(codes, width))
    parts = np.split(first, np.searchsorted(pairs[0], np.arange(1, len(names))))
    rows = {name: np.sort(part) for name, part in zip(names, parts, strict=True)}
    return Drawn(
        problems={name: whole.take(pa.array(kept)) for name, kept in rows.items()},
        keys={name: keys[kept] for name, kept in rows.items()},
        contents={name: _content(files[name], kind) for name in names},
        duplicates={name: size - len(rows[name]) for name, size in zip(names, sizes, strict=True)},
        overlaps=_overlaps(pairs, names),
    )


def _content(file: Path, kind: Answer) -> str:
    """What tells a file's problems apart from those of another state of it; the kind decides how answers are read."""
    return hashlib.sha256(file.read_bytes() + repr(kind).encode()).hexdigest()[:16]


def _require_one_answer(whole: pa.Table, question: Any, file: Any, files: Sequence[Path]) -> None:
    answer = whole["answer"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, first = np.unique(question, return_index=True)
    wrong = np.flatnonzero(answer != answer[first][question])
    if len(wrong):
        places = [_at(files[file[row]], whole["line"][row].as_py()) for row in (first[question[wrong[0]]], wrong[0])]
        raise UserError(f"the question of {places[0]} has another answer here", where=places[1], mend="keep one")


def _overlaps(pairs: Any, names: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many questions each two files share, for those that share any. Pairs: (file, question), shape (2, n)."""
    file, question = pairs[:, np.argsort(pairs[1], kind="stable")]
    shared = np.flatnonzero(np.bincount(question) > 1)
    starts, ends = np.searchsorted(question, shared), np.searchsorted(question, shared, side="right")
    counted: Counter[tuple[str, str]] = Counter()
    for start, end in zip(starts, ends, strict=True):
        counted.update(combinations([names[number] for number in file[start:end]], 2))
    return dict(counted)
