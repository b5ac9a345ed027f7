"""Probes of questions, answers and likelihoods tell a planted lookup table from a planted exact solver."""

from enigmath.bench.contracts import Embedded, Inspectable, Keeper, Likelihood, Sampler


def test_the_planted_models_are_at_the_two_ends_and_have_every_protocol(planted, planted_shapes):
    for made in (planted, planted_shapes):
        assert made["solver"].right.all()
        assert made["table"].right[made["table"].rows()].mean() < 0.4
        for label in ("table", "solver"):
            for protocol in (Embedded, Inspectable, Likelihood, Sampler):
                assert isinstance(made[label].model, protocol)
        assert isinstance(made["table"].model, Keeper)
        train = made["table"].data.train.slice(0, 300)
        assert made["table"].judged(train, made["table"].ask(train["question"].to_pylist())).all()
        assert set(made["table"].shortcuts) == {"majority", "nearest-aligned"}
