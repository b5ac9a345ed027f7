"""Neural distinguishers: convolutions over the bits of ciphertext pairs, trained on fresh pairs made on the device.

`Gohr` is the residual net of Gohr, "Improving attacks on round-reduced Speck32/64 using deep learning", CRYPTO 2019:
the words of a pair are channels, their bits positions, so that a filter of width one sees one bit of every word.
`Dilated` is in the manner of DBitNet (Bellini, Gerault, Hambitzer and Rossi, "A cipher-agnostic neural training
pipeline with automated finding of good input differences", 2022): the pair is one row of bits, and dilated
convolutions halve its width until bits far apart have met; it needs to know nothing of words.

Both answer the questions of `block/...-distinguish` and nothing else. A fit reads from its training problems which
cipher, rounds, difference and kind of pair they are, and then draws pairs of its own without end, each seen once, under
fresh random keys: no problem of the test is ever drawn but by chance (one in 2**64 a pair of Speck).
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from enigmath.baselines.allocation import keep_freed_memory
from enigmath.baselines.training import PRECISIONS, autocast, chosen_precision
from enigmath.bench.contracts import Budget, Examples, Fit, Meter, Task, UserError, unknown
from enigmath.bench.contracts.registry import find_task
from enigmath.bench.primitives.block_cipher import Against, KeyedFunction, labelled_pairs
from enigmath.bench.primitives.catalogue import BLOCK_CIPHERS

REAL: Final = "real"
_WORDS: Final = ("distinguish", "pairs", "masked")
"""What the names of the tasks end in that these networks learn."""
_AGAINST: Final[Mapping[str, Against]] = {"distinguish": "random", "masked": "masked"}
"""What a question's word says that real pairs are told from; it is the other answer as well."""
_QUESTION: Final = re.compile(
    r"([a-z0-9-]{1,20})\.(distinguish|masked)\([0-9]{1,3}((?:,[0-9a-f]{1,512}){1,64})\)", re.ASCII
)
CHANNELS_LAST: Final = torch.channels_last
"""How weights lie in memory: a convolution over one row of bits costs half as much as `Conv1d` on a processor."""


@dataclass(frozen=True)
class Asked:
    """What the training problems are about: the keywords of `labelled_pairs`."""

    cipher: KeyedFunction
    rounds: int
    difference: tuple[int, ...]
    pairs: int
    against: Against

    @property
    def words(self) -> int:
        """Words of a problem, over all its pairs."""
        return 2 * self.pairs * self.cipher.ciphertext_words


class Residual(nn.Module):
    """Two convolutions over three bits each, added to what came in."""

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(filters, filters, (1, 3), padding=(0, 1)),
            nn.BatchNorm2d(filters),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, (1, 3), padding=(0, 1)),
            nn.BatchNorm2d(filters),
            nn.ReLU(inplace=True),
        )

    def forward(self, signal: Tensor) -> Tensor:
        """Shape (batch, filters, 1, bits) in and out."""
        return torch.add(signal, self.layers(signal))


class Flatten(nn.Module):
    """Bit by bit, all filters of each: as the signal lies in memory, so that nothing is copied either way."""

    def forward(self, signal: Tensor) -> Tensor:
        """Shape (batch, filters, 1, bits) to (batch, bits * filters)."""
        return signal.permute(0, 2, 3, 1).flatten(1)


class Halving(nn.Module):
    """A convolution over two bits half a width apart, then one over neighbours; the width is nearly halved."""

    def __init__(self, before: int, after: int, apart: int) -> None:
        super().__init__()
        far, close = nn.Conv2d(before, after, (1, 2), dilation=(1, apart)), nn.Conv2d(after, after, (1, 2))
        self.apart = nn.Sequential(far, nn.ReLU(), nn.BatchNorm2d(after))
        self.near = nn.Sequential(nn.ZeroPad2d((1, 0, 0, 0)), close, nn.ReLU(), nn.BatchNorm2d(after))

    def forward(self, signal: Tensor) -> Tensor:
        """Shape (batch, before, 1, width) to (batch, after, 1, width - apart)."""
        signal = self.apart(signal)
        return torch.add(signal, self.near(signal))


def dense(before: int, after: int) -> list[nn.Module]:
    """One layer of the head."""
    return [nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU()]


@dataclass
class Distinguisher:
    """The keywords that both nets share.

    learning_rate falls from its peak to `last_rate` over the budget; 5e-3 is best for a few thousand steps, 2e-3 for
    tens of thousands. batch: pairs a step; decay: L2 penalty; check: steps between two points of the curve; precision:
    of the products, as in other networks. The weights that did best on validation are kept.
    """

    learning_rate: float = 5e-3
    last_rate: float = 1e-4
    batch: int = 1000
    decay: float = 1e-5
    check: int = 200
    precision: str = "auto"
    seed: int = 0
    device: str = "cpu"
    shortcut: ClassVar[bool] = False
    one_level: ClassVar[bool] = True
    _network: nn.Module | None = field(default=None, init=False, repr=False, compare=False)
    _asked: Asked | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS, where=type(self).__name__)

    def require(self, task: Task) -> None:
        """UserError for a task that is not about pairs of ciphertexts of a block cipher known here."""
        told = {"rounds", "difference"} <= set(task.level(1))
        if not told or task.name.rpartition("-")[2] not in _WORDS:
            known = ", ".join(sorted(BLOCK_CIPHERS))
            mend = f"it learns tasks that end in {', '.join(f'-{word}' for word in _WORDS)}, of {known}"
            raise UserError(f"{task.name} is no task of telling pairs apart", where=type(self).__name__, mend=mend)

    def build(self, asked: Asked) -> nn.Module:
        """The net with fresh weights: bits of shape (batch, words, word_bits) to one logit each."""
        raise NotImplementedError

    def fit(self, train: Examples, validation: Examples, budget: Budget) -> Fit:
        """Learn from fresh pairs like those of the training problems."""
        asked = _what_is_asked(train, type(self).__name__)
        device = torch.device(self.device)
        generator = torch.Generator(device).manual_seed(self.seed)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(self.seed)
            network = self.build(asked).to(device, memory_format=CHANNELS_LAST)  # type: ignore[call-overload]
        self._network, self._asked = network, asked
        bits, known = _bits(validation.questions, asked)
        labels = np.array([answer == REAL for answer in validation.answers], bool)[known]
        held = (torch.from_numpy(bits[known]).to(device), torch.from_numpy(labels).float().to(device))
        meter = budget.start()
        fit = self._train(network, _fresh(asked, generator, device, self.batch), held, meter)
        facts = {
            "parameters": sum(weight.numel() for weight in network.parameters()),
            "steps": meter.steps,
            "examples": meter.examples,
            "threads": torch.get_num_threads(),
            "fresh": True,
            "precision": chosen_precision(self.precision, device),
        }
        return Fit(fit, meter.curve, facts)

    def _train(self, network: nn.Module, batches: Iterator[Any], held: tuple[Tensor, Tensor], meter: Meter) -> Any:
        keep_freed_memory()
        device = held[0].device
        precision = chosen_precision(self.precision, device)
        optimizer = torch.optim.Adam(network.parameters(), self.learning_rate, weight_decay=self.decay, fused=True)
        best, kept = -1.0, {name: value.clone() for name, value in network.state_dict().items()}
        while meter.left():
            network.train()
            total, before = torch.zeros((), device=device), meter.steps
            while meter.steps < before + self.check and meter.left():
                for group in optimizer.param_groups:
                    group["lr"] = self.last_rate + (self.learning_rate - self.last_rate) * (1 - meter.spent)
                bits, labels = next(batches)
                with autocast(precision, device):
                    logits = network(bits)
                loss = nn.functional.mse_loss(torch.sigmoid(logits.float()), labels)  # Gohr's choice
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.detach()
                meter.spend(examples=len(labels))
            right = _accuracy(network, *held)
            meter.point(loss=float(total) / (meter.steps - before), validation_exact=right)
            if not math.isfinite(float(total)):
                network.load_state_dict(kept)
                return "diverged"
            if right >= best:
                best, kept = right, {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(kept)
        return "fitted"

    @torch.no_grad()
    def predict(self, questions: Sequence[str]) -> list[str | None]:
        """`real`, or the other answer; None for a question of another form than those of training."""
        if self._network is None or self._asked is None:
            raise UserError("not fitted yet", where=type(self).__name__, mend="fit it or load its weights first")
        bits, known = _bits(questions, self._asked)
        self._network.eval()
        logits = [
            self._network(torch.from_numpy(bits[start : start + 8192]).to(self.device)).cpu()
            for start in range(0, len(bits), 8192)
        ]
        real = torch.cat(logits).numpy() > 0 if logits else np.zeros(0, bool)
        said = [REAL if label else self._asked.against for label in real]
        return [word if sure else None for word, sure in zip(said, known, strict=True)]

    def config(self) -> dict[str, Any]:
        """The keywords, as plain values."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.init}

    def save(self, path: Path) -> None:
        """Weights as tensors, keywords and what was asked as JSON, in one safetensors file."""
        if self._network is None or self._asked is None:
            raise UserError("nothing to save", where=type(self).__name__, mend="fit it first")
        asked = vars(self._asked) | {"cipher": self._asked.cipher.name}
        about = {"model": type(self).__name__, "config": self.config(), "asked": asked}
        weights = {name: value.contiguous() for name, value in self._network.state_dict().items()}
        save_file(weights, path, metadata={"about": json.dumps(about, sort_keys=True)})

    def load(self, path: Path) -> None:
        """Read what `save` wrote; UserError for a file that is not such."""
        try:
            with safe_open(path, framework="pt", device="cpu") as file:
                about = json.loads((file.metadata() or {})["about"])
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            told = about["asked"]
            asked = Asked(**{**told, "cipher": BLOCK_CIPHERS[told["cipher"]], "difference": tuple(told["difference"])})
            network = self.build(asked)
            network.load_state_dict(weights)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"no weights to read: {reason}", where=str(path), mend="fit the model again") from None
        self._asked, self._network = asked, network.to(self.device).eval()


@dataclass
class Gohr(Distinguisher):
    """Gohr's residual net: `depth` blocks of `filters` filters, then two dense layers of 64.

    Published for Speck32/64 with depth 10: .929, .788, .616 and .514 at 5 to 8 rounds.
    """

    depth: int = 1
    filters: int = 32

    def build(self, asked: Asked) -> nn.Module:
        """One filter of width one over all words, the residual tower, the head."""
        return nn.Sequential(
            nn.Unflatten(2, (1, -1)),
            nn.Conv2d(asked.words, self.filters, 1),
            nn.BatchNorm2d(self.filters),
            nn.ReLU(inplace=True),
            *(Residual(self.filters) for _ in range(self.depth)),
            Flatten(),
            *dense(self.filters * asked.cipher.word_bits, 64),
            *dense(64, 64),
            nn.Linear(64, 1),
            nn.Flatten(0),
        )


@dataclass
class Dilated(Distinguisher):
    """Dilated convolutions over the bits in a row, 16 filters more at each halving, then two dense layers of 256."""

    filters: int = 32

    def build(self, asked: Asked) -> nn.Module:
        """Halve the width down to three bits or so, then the head."""
        width, before, layers = asked.words * asked.cipher.word_bits, 1, list[nn.Module]()
        after = self.filters
        while width > 4:
            apart = width // 2 - 1
            layers.append(Halving(before, after, apart))
            width, before, after = width - apart, after, after + 16
        return nn.Sequential(
            nn.Flatten(1),
            nn.Unflatten(1, (1, 1, -1)),
            *layers,
            Flatten(),
            *dense(before * width, 256),
            *dense(256, 256),
            nn.Linear(256, 1),
            nn.Flatten(0),
        )


def _what_is_asked(train: Examples, where: str) -> Asked:
    """Cipher, rounds, difference and kind of pairs, from the level that the training problems belong to."""
    columns = [train.table[name].unique().to_pylist() if name in train.table.column_names else [] for name in _NAMES]
    if any(len(column) != 1 for column in columns):
        mend = "give it a distinguisher task at one level a cell"
        raise UserError("learns from problems of one task and one level", where=where, mend=mend)
    (name,), (number,) = columns
    found = _QUESTION.fullmatch(train.questions[0])
    if found is None or found[1] not in BLOCK_CIPHERS:
        known = ", ".join(sorted(BLOCK_CIPHERS))
        mend = f"give a task that ends in -distinguish, -pairs or -masked, of {known}"
        raise UserError(f"{name} is no task of telling pairs apart", where=where, mend=mend)
    level = find_task(name).level(number)
    cipher, against = BLOCK_CIPHERS[found[1]], _AGAINST[found[2]]
    digits = cipher.word_bits // 4
    difference = level["difference"]
    words = tuple(int(difference[start : start + digits], 16) for start in range(0, len(difference), digits))
    return Asked(cipher, level["rounds"], words, level.get("pairs", 1), against)


_NAMES: Final = ("task", "level")


def _fresh(
    asked: Asked, generator: torch.Generator, device: torch.device, batch: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches without end: bits of shape (batch, words, word_bits) as floats, and labels."""
    bits = asked.cipher.word_bits
    places = torch.arange(bits - 1, -1, -1, device=device)

    def draw(count: int, width: int) -> list[Tensor]:
        kind = torch.int32 if width <= 16 else torch.int64
        if width == 64:
            halves = torch.randint(0, 2**32, (count, 2, batch), generator=generator, device=device)
            return list(halves[:, 0] << 32 | halves[:, 1])
        shape = (count, batch)
        return list(torch.randint(0, 2**width, shape, generator=generator, device=device, dtype=kind))

    while True:
        label, words = labelled_pairs(asked.cipher, draw, asked.rounds, asked.difference, asked.pairs, asked.against)
        rows = torch.stack(words, dim=1)[:, :, None]
        yield (rows >> places & 1).float(), label.float()


def _bits(questions: Sequence[str], asked: Asked) -> tuple[Any, Any]:
    """The bits of each question, shape (n, words, word_bits) as floats, and which questions have the right form."""
    count = asked.words * asked.cipher.word_bits
    found = [_QUESTION.fullmatch(question) for question in questions]
    kind = (asked.cipher.name, asked.against)
    texts = [match[3].replace(",", "") if match and (match[1], _AGAINST[match[2]]) == kind else "" for match in found]
    known = np.array([len(text) * 4 == count for text in texts], bool)
    whole = "".join(text if sure else "0" * (count // 4) for text, sure in zip(texts, known, strict=True))
    octets = np.frombuffer(bytes.fromhex(whole), np.uint8)
    shape = (len(texts), asked.words, asked.cipher.word_bits)
    return np.unpackbits(octets).reshape(shape).astype(np.float32), known


@torch.no_grad()
def _accuracy(network: nn.Module, bits: Tensor, labels: Tensor) -> float:
    network.eval()
    right = sum(
        int(((network(bits[start : start + 8192]) > 0) == (labels[start : start + 8192] > 0.5)).sum())
        for start in range(0, len(labels), 8192)
    )
    return right / max(len(labels), 1)
