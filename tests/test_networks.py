"""What the networks promise beyond the models' tests: positions, loops, tied weights, recurrences, hidden states."""

import pyarrow as pa
import pytest
import torch
from torch import nn

from enigmath.baselines.decoding import greedy
from enigmath.baselines.encoder_decoder import EncoderDecoder
from enigmath.baselines.encodings import Encoding, from_arrow
from enigmath.baselines.mlp import CharacterMLP
from enigmath.baselines.positions import POSITIONS, turn_of, turned
from enigmath.baselines.products import WORTH, Product, for_answers
from enigmath.baselines.recurrent import Seq2Seq, Seq2SeqGRU
from enigmath.baselines.tokens import END, MARKS, PAD, Tokenizer, learn_tokens
from enigmath.baselines.training import answer_loss
from enigmath.baselines.transformer import ROOM, Transformer, after_start
from enigmath.bench.contracts import UserError

TOKENIZER = Tokenizer(b"+0123456789", Encoding(), Encoding(), 7, 4)
PLUS, ZERO = MARKS, MARKS + 1
SHAPES = {
    **{f"transformer, {name}": (Transformer, {"layers": 2, "positions": name}) for name in POSITIONS},
    **{f"encoder-decoder, {name}": (EncoderDecoder, {"layers": 2, "positions": name}) for name in POSITIONS},
    "transformer, looped": (Transformer, {"layers": 2, "loops": 3, "positions": "coupled", "offset": 5}),
    "transformer, windowed": (Transformer, {"layers": 2, "positions": "coupled", "window": 1}),
    "encoder-decoder, looped": (EncoderDecoder, {"layers": 2, "loops": 3, "tied": True}),
    "lstm": (Seq2Seq, {"layers": 2}),
    "gru": (Seq2SeqGRU, {"layers": 2}),
    "mlp": (CharacterMLP, {"layers": 2}),
}

every_shape = pytest.mark.parametrize(("family", "keywords"), SHAPES.values(), ids=SHAPES)
both_kinds = pytest.mark.parametrize("family", [Transformer, EncoderDecoder])


def built(family, seed: int = 0, **keywords) -> nn.Module:
    """A network of width 16 in float64, with weights large enough to tell one question from another."""
    torch.manual_seed(seed)
    network = family(width=16, **keywords).build(TOKENIZER).double()
    for weight in network.parameters():
        weight.data *= 2.0
    return network.eval()


def problems(count: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Questions such as 123+456, some with PAD before them, and answers of four digits."""
    generator = torch.Generator().manual_seed(1)
    questions = torch.randint(ZERO, TOKENIZER.size, (count, 7), generator=generator)
    questions[:, 3] = PLUS
    questions[::2, :2] = PAD
    return questions, torch.randint(ZERO, TOKENIZER.size, (count, 4), generator=generator)


@torch.no_grad()
def written(network: nn.Module, questions: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """The logits that decoding would see, had it written these answers."""
    state, logits = network.read(questions), []
    for place, tokens in enumerate(after_start(answers).unbind(dim=1)):
        now, state = network.write(tokens, place, state)
        logits.append(now)
    return torch.stack(logits, dim=1)


@every_shape
def test_what_is_kept_between_tokens_is_what_reading_again_would_find(family, keywords):
    network, (questions, answers) = built(family, **keywords), problems()
    together = written(network, questions, answers)
    torch.testing.assert_close(together, network(questions, answers))
    torch.testing.assert_close(together[1:2], written(network, questions[1:2], answers[1:2]))
    assert not torch.allclose(together[0], together[1])


@both_kinds
@pytest.mark.parametrize("positions", ["columns", "sinusoidal", "rotary"])
def test_questions_longer_and_shorter_than_in_training_stand_in_like_columns(family, positions):
    network, (questions, answers) = built(family, positions=positions), problems()
    for asked in (torch.cat([questions, questions], dim=1), questions[:, 2:]):
        torch.testing.assert_close(written(network, asked, answers), network(asked, answers))


@every_shape
def test_every_weight_is_learnt(family, keywords):
    torch.manual_seed(0)
    network, (questions, answers) = family(width=16, **keywords).build(TOKENIZER), problems()
    answer_loss(network(questions, answers), answers).backward()
    assert [name for name, weight in network.named_parameters() if weight.numel() and weight.grad is None] == []


@every_shape
def test_the_last_hidden_vector_makes_the_first_token(family, keywords):
    network, (questions, answers) = built(family, **keywords), problems()
    with torch.no_grad():
        hidden = network.hidden(questions)
        first = network(questions, answers)[:, 0]
        assert hidden.shape == (len(questions), 2 * keywords.get("loops", 1), 16)
        last = hidden[:, -1]
        if family in (Transformer, EncoderDecoder):
            logits = network.logits(network.normal(last))
        elif family is CharacterMLP:
            logits = network.logits(last)
        else:
            logits = network.answer(last[:, None], *network.read(questions)[:2])[:, 0]
        torch.testing.assert_close(logits, first)


def test_rotary_scores_depend_on_the_distance_alone_and_others_on_the_column():
    tokens = problems()[0]
    for positions, relative in (("rotary", True), ("none", True), ("sinusoidal", False), ("columns", False)):
        network = built(Transformer, layers=2, positions=positions)
        places = network.embed.places(tokens)
        *_, (here, _, _) = network.through(tokens, 0, places)
        *_, (there, _, _) = network.through(tokens, 3, places)
        assert torch.allclose(here, there, atol=1e-5) == relative, positions
    same = tokens[:1].clone()
    same[:, :] = ZERO
    *_, (x, _, _) = built(Transformer, layers=2, positions="rotary").through(same, 0, places[:1])
    assert torch.allclose(x[:, 0], x[:, 5])  # alike tokens alone have nothing to tell apart


def test_a_turn_keeps_lengths_and_its_angle_is_the_column():
    x = torch.randn(5, 8)
    by = turn_of(torch.arange(5), 8)
    torch.testing.assert_close(turned(x, by).norm(dim=1), x.norm(dim=1))
    torch.testing.assert_close(by[0][:, 0], torch.arange(5).float().cos())
    torch.testing.assert_close(turned(x, by)[0], x[0])


@pytest.mark.parametrize(
    ("positions", "expected"),
    [("place-value", [0, 0, 6, 7, 0, 6, 7, 0]), ("coupled", [0, 0, 6, 7, 5, 6, 7, 5])],
)
def test_an_offset_moves_digits_and_if_coupled_signs_as_well(positions, expected):
    embed = built(Transformer, positions=positions, offset=9).embed
    tokens = torch.tensor([[PAD, PAD, ZERO, ZERO, PLUS, ZERO, ZERO, 1]])
    assert embed.places(tokens, torch.tensor([[5]])).tolist() == [expected]
    assert embed.places(tokens).tolist() == [[0, 0, 1, 2, 0, 1, 2, 0]]


@both_kinds
@pytest.mark.parametrize("positions", ["place-value", "coupled", "both"])
def test_the_offset_is_drawn_in_training_alone_and_for_each_problem(family, positions):
    network, (questions, answers) = built(family, positions=positions, offset=40), problems()
    assert torch.equal(network(questions, answers), network(questions, answers))
    network.train()
    assert not torch.equal(network(questions, answers), network(questions, answers))
    starts = network.embed.start(questions.repeat(200, 1))
    assert (int(starts.min()), int(starts.max()), len(starts.unique())) == (0, 40, 41)


def test_a_window_shows_nothing_further_away_than_its_places():
    questions, answers = problems()
    far = questions.clone()
    far[1, 6] = ZERO + (far[1, 6] - ZERO + 1) % 10  # the last place of the second number: its third
    for window, first_seen in ((1, 2), (2, 1), (0, 0)):
        network = built(Transformer, positions="coupled", window=window)  # START at place 0, then the answer at 1, 2, 3
        moved = (network(questions, answers) - network(far, answers)).abs().amax(dim=2)
        assert (moved[1] > 1e-9).tolist() == [column >= first_seen for column in range(4)], window
        assert not moved[0].any()
    halved = built(Transformer, positions="coupled", window=1).bfloat16()
    assert halved(questions, answers).dtype == written(halved, questions, answers).dtype == torch.bfloat16
    with pytest.raises(UserError, match=r"window 3 with positions 'columns'.*coupled"):
        Transformer(window=3)


def test_without_dropout_and_offset_training_draws_no_random_number():
    for family, keywords in SHAPES.values():
        network, (questions, answers) = (
            built(family, **{**keywords, "offset": 0} if "offset" in keywords else keywords),
            problems(),
        )
        before = torch.get_rng_state()
        network.train()(questions, answers)
        assert torch.equal(before, torch.get_rng_state()), family
        dropping = family(width=16, dropout=0.5, **keywords).build(TOKENIZER).train()
        assert not torch.equal(dropping(questions, answers), dropping(questions, answers)), family


def test_numbers_may_grow_past_those_of_training_by_the_margin():
    texts = from_arrow(pa.array(["1+2"])), from_arrow(pa.array(["3"]))
    tokenizer = learn_tokens("reversed", *texts, margin=30)
    network = Transformer(width=16, positions="coupled", offset=20).build(tokenizer).eval()
    network.logits.weight.data[END] = 0.0
    assert greedy(network, torch.full((2, 61), MARKS), tokenizer.longest).shape == (2, len("3") + 1 + 30)
    assert Tokenizer.from_json(tokenizer.to_json()) == tokenizer


@both_kinds
def test_loops_share_their_weights_and_change_the_answer(family):
    once, thrice = built(family, layers=2), built(family, layers=2, loops=3)
    questions, answers = problems()
    assert [weight.shape for weight in once.parameters()] == [weight.shape for weight in thrice.parameters()]
    assert not torch.allclose(once(questions, answers), thrice(questions, answers))


@both_kinds
def test_tied_logits_are_the_token_vectors_and_are_kept_once(family):
    loose, tied = built(family), built(family, tied=True)
    count = lambda network: sum(weight.numel() for weight in network.state_dict().values())
    assert count(loose) - count(tied) == 16 * TOKENIZER.size
    with torch.no_grad():
        tied.embed.token.weight[5] = 0.0
    assert torch.all(tied(*problems())[:, :, 5] == 0.0)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_one_step_by_hand_is_a_step_of_the_recurrence(cell):
    network, (questions, answers) = built(Seq2Seq, cell=cell, layers=3), problems()
    _, _, *state = network.read(questions)
    first = [part.transpose(0, 1).contiguous() for part in state]
    sequence, _ = network.decoder(network.vector(answers), tuple(first) if cell == "lstm" else first[0])
    for place in range(answers.shape[1]):
        state = network.step(answers[:, place], state)
        torch.testing.assert_close(state[0][:, -1], sequence[:, place])


@both_kinds
def test_a_memory_grows_with_the_answer(family):
    network, (questions, _) = built(family, layers=2, loops=2), problems()
    answers = torch.randint(ZERO, TOKENIZER.size, (len(questions), 2 * ROOM + 3))
    torch.testing.assert_close(written(network, questions, answers), network(questions, answers))


def test_a_product_is_the_linear_map_whatever_the_rows():
    torch.manual_seed(0)
    linear = nn.Linear(64, 256)
    product = Product(linear)
    for rows in (1, 7, WORTH // 64 // 256, 1_000):
        x = torch.randn(rows, 1, 64)
        torch.testing.assert_close(product(x), linear(x).detach())
    assert product.weight.data_ptr() == linear.weight.data_ptr()


@pytest.mark.parametrize("family", [Transformer, EncoderDecoder, Seq2Seq, CharacterMLP])
def test_answers_are_the_same_by_products_and_leave_the_network_as_it_was(family):
    torch.manual_seed(0)
    network = family(width=128).build(TOKENIZER).eval()
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    questions = problems(300)[0]
    quick = for_answers(network)
    assert sum(isinstance(module, Product) for module in quick.modules()) > 0
    assert torch.equal(greedy(quick, questions, 6), greedy(network, questions, 6))
    assert [type(module) for module in network.modules() if isinstance(module, Product)] == []
    assert all(torch.equal(before[name], weight) for name, weight in network.state_dict().items())
    assert not any(isinstance(module, Product) for module in for_answers(network.double()).modules())


@pytest.mark.parametrize(
    ("family", "keywords", "complaint"),
    [
        (Transformer, {"positions": "rotery"}, "did you mean 'rotary'"),
        (Transformer, {"positions": "rotary", "width": 12, "heads": 4}, "make width / heads even"),
        (Transformer, {"offset": 5}, "offset 5 with positions 'columns'"),
        (EncoderDecoder, {"offset": -1}, "offset -1"),
        (EncoderDecoder, {"loops": 0}, "loops is 0"),
        (Seq2Seq, {"cell": "rnn"}, "cell"),
        (Transformer, {"margin": -1}, "margin is -1"),
        (CharacterMLP, {"dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_keywords_that_cannot_work_are_refused_in_one_line(family, keywords, complaint):
    with pytest.raises(UserError, match=complaint) as caught:
        family(**keywords)
    assert "\n" not in str(caught.value)
