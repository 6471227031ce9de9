"""What those above do differently: planted differences are found, others are not told, nobody is named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sdrlib.errors import UsageError
from sdrlib.knowledge import LANGUAGES
from sdrlib.questions.conversion import compare, only
from sdrlib.questions.differently import differently
from sdrlib.words import Words
from tests.questions.test_conversion import counts, team_of
from tests.teams import settings

HOSTILE = "<img src=x onerror=alert(1)>"


def evidence(tops, others, *, emails=0.2, attempts=3.0, seed=1):
    """A team of which the first ``tops`` connect far better and write ``emails`` of their activity as e-mails."""
    rng = np.random.default_rng(seed)
    made = counts(team_of([400] * tops + [160] * others))
    reps = list(made.reps["rep_id"])
    mix, habits = [], []
    for i, rep in enumerate(reps):
        mail = int(1000 * ((emails if i < tops else 0.2) + rng.uniform(-0.01, 0.01)))
        mix += [(rep, "channel", "email", mail), (rep, "channel", "call", 1000 - mail)]
        mix += [(rep, "persona", HOSTILE, 1000)]
        mean = (attempts if i < tops else 3.0) + rng.uniform(-0.1, 0.1)
        habits += [(rep, "attempts", 100.0, 100 * mean, 0.0)]
    frame = pd.DataFrame(mix, columns=["rep_id", "dimension", "level", "activities"])
    known = pd.DataFrame(habits, columns=["rep_id", "habit", "n", "total", "squares"])
    return compare(replace(made, mix=frame, habits=known), settings())


def of(found, dimension, level=""):
    return next(d for d in found.differences if (d.dimension, d.level) == (dimension, level))


def test_a_planted_difference_of_mix_and_of_habit_is_found():
    found = differently(evidence(6, 20, emails=0.4, attempts=5.0))
    mail, often = of(found, "channel", "email"), of(found, "attempts")
    assert (found.tops["connect_rate"], found.others["connect_rate"]) == (6, 20)
    assert (mail.tops, mail.others) == (6, 20)
    assert mail.differs
    assert often.differs
    assert mail.top == pytest.approx(0.4, abs=0.02)
    assert mail.other == pytest.approx(0.2, abs=0.02)
    assert often.low > 0


def test_without_a_difference_none_is_told():
    found = differently(evidence(6, 20))
    assert not any(d.differs for d in found.differences)
    (told,) = found.sentences(Words("en"))
    assert "none differs for certain" in told


def test_a_share_that_everybody_has_alike_has_no_spread():
    assert of(differently(evidence(6, 20)), "persona", HOSTILE).reason == "no_spread"


def test_one_person_above_is_never_compared():
    found = differently(evidence(1, 12, emails=0.6))
    assert found.differences == ()
    assert found.sentences(Words("en")) == [
        "Connect rate: 1 person above and 12 others with enough data. To set them side by side takes two above and "
        "three others."
    ]


def test_few_people_above_stay_in_the_analysts_frame():
    found = differently(evidence(2, 12, emails=0.6))
    assert of(found, "channel", "email").differs
    (told,) = found.sentences(Words("en"))
    assert "too few people are above to compare them" in told
    assert "60%" not in told
    assert len(found.to_frame()) == len(found.differences)


def test_nobody_above_is_said():
    found = differently(evidence(0, 8))
    assert found.sentences(Words("en")) == [
        "Nobody is established above colleagues on a rate: nothing can be set side by side."
    ]


def test_a_cut_of_the_team_is_refused():
    with pytest.raises(UsageError, match="whole team"):
        differently(only(evidence(6, 20), ("r0",)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_names_nobody_and_claims_no_cause(language):
    found = differently(evidence(6, 20, emails=0.4, attempts=5.0))
    told = " ".join(found.sentences(Words(language)))
    assert {"en": "It differs; why, a comparison does not tell", "fr": "une comparaison ne dit pas pourquoi"}[
        language
    ] in told
    assert "rep_id" not in found.to_frame().columns
    assert not any(rep in told for rep in ("r0", "r1", "r7"))
    assert HOSTILE not in found._repr_html_()


def test_the_order_of_people_never_matters():
    plain = evidence(6, 20, emails=0.3, attempts=4.0)
    turned = replace(
        plain,
        findings=plain.findings[::-1],
        counts=replace(plain.counts, mix=plain.counts.mix[::-1], habits=plain.counts.habits[::-1]),
    )
    one, two = differently(plain).to_frame(), differently(turned).to_frame()
    pd.testing.assert_frame_equal(one, two)
