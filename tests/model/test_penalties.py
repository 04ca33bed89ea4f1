import numpy as np
import pytest

from regcore.model.blocks import columns, models
from regcore.model.penalties import Penalty, stack
from regcore.solve import plain
from tests.tables import central_difference

CORNERS = {
    "none": Penalty(),
    "L1": Penalty(l1=0.3),
    "textbook L1": Penalty(l1=0.3, textbook=True),
    "L2": Penalty(l2=0.7),
    "elastic net": Penalty(l1=0.3, l2=0.7),
}
CLIPPED = {name: q for name, q in CORNERS.items() if not q.textbook}

RATE = 0.25


def weights(seed, p=6, k=2):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((p, k))
    W[::3] = 0.0
    return W, rng.standard_normal((p, k))


def parts_of(penalty):
    return penalty.l1, penalty.l2, penalty.textbook


def each(penalties):
    return pytest.mark.parametrize("penalty", penalties.values(), ids=penalties)


@each(CLIPPED)
def test_a_step_minimises_its_definition(penalty):
    W, G = weights(0)
    V = (1.0 - RATE * penalty.l2) * W - RATE * G
    ours = penalty.step(RATE)(W, G)

    def cost(U):
        return 0.5 * ((U - V) ** 2).sum() + RATE * penalty.l1 * np.abs(U).sum()

    rng = np.random.default_rng(1)
    neighbours = (
        ours + scale * rng.standard_normal(W.shape)
        for scale in np.repeat([1e-3, 1e-1, 1.0], 300)
    )
    assert min(cost(U) for U in neighbours) > cost(ours)


@each(CLIPPED)
def test_a_step_never_takes_two_weights_further_apart(penalty):
    (W, G), (U, _) = weights(0), weights(1)
    step = penalty.step(RATE)
    assert np.linalg.norm(step(W, G) - step(U, G)) <= np.linalg.norm(W - U)


@each(CORNERS)
def test_a_step_leaves_its_arguments_alone(penalty):
    W, G = weights(0)
    before = W.copy(), G.copy()
    penalty.step(RATE)(W, G)
    np.testing.assert_array_equal(W, before[0])
    np.testing.assert_array_equal(G, before[1])


def test_without_a_penalty_the_step_is_the_gradient_alone():
    W, G = weights(0)
    expected = plain.none_step(W, G, RATE, lam=0.0, n=1)
    np.testing.assert_array_equal(Penalty().step(RATE)(W, G), expected)


def test_the_l2_step_takes_a_percentage_then_the_gradient():
    W, G = weights(0)
    expected = plain.l2_step(W, G, RATE, lam=0.7, n=1)
    np.testing.assert_array_equal(Penalty(l2=0.7).step(RATE)(W, G), expected)


def test_the_clipped_l1_step_takes_a_constant_and_stops_at_zero():
    W, G = weights(0)
    expected = plain.l1_step(W, G, RATE, lam=0.3, n=1)
    ours = Penalty(l1=0.3).step(RATE)(W, G)
    np.testing.assert_allclose(ours, expected, rtol=1e-15, atol=1e-16)
    np.testing.assert_array_equal(ours == 0.0, expected == 0.0)
    assert (ours == 0.0).any()


def test_the_textbook_step_is_the_formula_worked_by_hand():
    # w − η·l1·sgn(w) − η·g with η = ½, l1 = ¼, every number exact in binary.
    W = np.array([[0.5], [-0.5], [0.0], [0.0625]])
    G = np.array([[0.25], [0.25], [0.25], [0.0]])
    by_hand = np.array([[0.25], [-0.5], [-0.125], [-0.0625]])
    step = Penalty(l1=0.25, textbook=True).step(0.5)
    np.testing.assert_array_equal(step(W, G), by_hand)


def test_the_textbook_step_is_the_formula_to_the_last_bit():
    W, G = weights(5)
    expected = plain.l1_textbook_step(W, G, RATE, lam=0.3, n=1)
    step = Penalty(l1=0.3, textbook=True).step(RATE)
    np.testing.assert_array_equal(step(W, G), expected)


def test_the_textbook_step_goes_to_and_fro_around_zero_where_the_clipped_one_rests():
    W, G = np.array([[0.01]]), np.zeros((1, 1))
    textbook = Penalty(l1=0.3, textbook=True).step(RATE)
    signs = []
    for _ in range(20):
        W = textbook(W, G)
        signs.append(np.sign(W[0, 0]))
    assert signs == [-1.0, 1.0] * 10
    assert Penalty(l1=0.3).step(RATE)(np.array([[0.01]]), G)[0, 0] == 0.0


@each(CORNERS)
def test_a_step_may_be_written_over_the_weights(penalty):
    W, G = weights(0)
    full = Penalty(*(np.broadcast_to(part, W.shape) for part in parts_of(penalty)))
    new = W.copy()
    full.step(RATE).write(new, RATE * G, new)
    np.testing.assert_array_equal(new, penalty.step(RATE)(W, G))


@each(CORNERS)
def test_the_parts_of_a_step_add_up_to_it(penalty):
    W, G = weights(0)
    step = penalty.step(RATE)
    parts = step.apart(W, G)
    after = step(W, G)
    np.testing.assert_array_equal(parts.gradient, -RATE * G)
    np.testing.assert_allclose(W + parts.gradient + parts.penalty, after, atol=1e-15)
    clips = penalty.l1 > 0 and not penalty.textbook
    np.testing.assert_array_equal(parts.clipped, clips & (after == 0.0))


def test_a_weight_of_which_a_step_takes_exactly_all_is_clipped():
    W, G = np.array([[0.5], [0.75]]), np.zeros((2, 1))
    parts = Penalty(l1=2.0).step(0.25).apart(W, G)
    assert parts.penalty.tolist() == [[-0.5], [-0.5]]
    assert parts.clipped.tolist() == [[True], [False]]


@pytest.mark.parametrize("reach", [0.05, 2.0])
@pytest.mark.parametrize("name", ["none", "L1", "textbook L1", "L2"])
def test_the_profile_of_a_step_is_what_it_takes_of_any_weight(name, reach):
    step = CORNERS[name].step(RATE)
    V = np.linspace(-reach, reach, 40)
    parts = step.apart(V, np.zeros(40))
    weights, part = step.profile(reach)
    assert weights[0] == -reach
    assert weights[-1] == reach
    assert (np.diff(weights) >= 0).all()
    expected = np.interp(parts.acts_on, weights, part)
    np.testing.assert_allclose(parts.penalty, expected, atol=1e-15)
    np.testing.assert_array_equal(part, -part[::-1])


@each(CORNERS)
def test_on_columns_the_biases_go_free(penalty):
    rng = np.random.default_rng(3)
    W, b = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 1, 3))
    GW, Gb = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 1, 3))
    step = stack([penalty, Penalty(l2=0.1)]).columns(2, 4, 3).step(RATE)
    V = step(columns(W, b), columns(GW, Gb))
    new_W, new_b = models(V, 2)
    np.testing.assert_array_equal(new_W[0], penalty.step(RATE)(W[0], GW[0]))
    np.testing.assert_array_equal(new_W[1], Penalty(l2=0.1).step(RATE)(W[1], GW[1]))
    np.testing.assert_array_equal(new_b, b - RATE * Gb)


@each(CORNERS)
def test_the_value_is_the_formula(penalty):
    W = np.array([[1.0, -2.0], [0.0, 4.0]])
    assert penalty.value(W) == penalty.l1 * 7.0 + penalty.l2 * 10.5


@each(CORNERS)
def test_away_from_zero_the_residual_is_the_slope_of_the_objective(penalty):
    rng = np.random.default_rng(6)
    W, G = rng.standard_normal((4, 1)), rng.standard_normal((4, 1))
    slope = central_difference(lambda U: (G * U).sum() + penalty.value(U), W)
    np.testing.assert_allclose(penalty.residual(W, G), np.abs(slope), atol=1e-8)


@pytest.mark.parametrize(
    ("gradient", "expected"), [(0.2, 0.0), (0.3, 0.0), (0.5, 0.2), (-0.5, 0.2)]
)
def test_at_zero_the_residual_is_what_l1_cannot_hold(gradient, expected):
    residual = Penalty(l1=0.3).residual(np.zeros((1, 1)), np.array([[gradient]]))
    assert residual[0, 0] == pytest.approx(expected, abs=1e-15)


def test_the_textbook_step_has_nothing_that_holds_a_weight_at_zero():
    W, G = np.zeros((1, 1)), np.array([[0.2]])
    textbook = Penalty(l1=0.3, textbook=True)
    assert textbook.residual(W, G)[0, 0] == 0.0
    assert textbook.fixed_point_residual(W, G)[0, 0] == 0.2
    assert textbook.step(RATE)(W, G)[0, 0] != 0.0


@each(CLIPPED)
def test_a_clipped_weight_rests_where_its_optimality_condition_holds(penalty):
    W, G = weights(8)
    np.testing.assert_array_equal(
        penalty.fixed_point_residual(W, G), penalty.residual(W, G)
    )


def test_a_stack_does_to_each_model_what_its_penalty_does_alone():
    penalties = list(CORNERS.values())
    pairs = [weights(seed) for seed in range(len(penalties))]
    W, G = (np.array(part) for part in zip(*pairs, strict=True))
    together = stack(penalties)
    stepped, residual = together.step(RATE)(W, G), together.residual(W, G)
    moving = together.fixed_point_residual(W, G)
    for i, penalty in enumerate(penalties):
        np.testing.assert_array_equal(stepped[i], penalty.step(RATE)(W[i], G[i]))
        np.testing.assert_array_equal(residual[i], penalty.residual(W[i], G[i]))
        np.testing.assert_array_equal(
            moving[i], penalty.fixed_point_residual(W[i], G[i])
        )
        assert together.value(W)[i] == pytest.approx(penalty.value(W[i]), rel=1e-15)


def test_a_stack_values_a_block_of_epochs():
    W = np.random.default_rng(7).standard_normal((4, 2, 3, 1))
    together = stack([Penalty(l1=0.3), Penalty(l2=0.7)])
    by_epoch = np.array([together.value(states) for states in W])
    np.testing.assert_allclose(together.value(W), by_epoch, rtol=1e-15)


@pytest.mark.parametrize("strengths", [{"l1": -1e-9}, {"l2": -1.0}])
def test_a_negative_strength_is_refused(strengths):
    with pytest.raises(
        ValueError, match=r"^A penalty's strength must not be negative\.$"
    ):
        Penalty(**strengths)


@each(CORNERS)
def test_the_duality_gap_is_the_largest_of_its_definition(penalty):
    # Ω*(−G) is the largest −Σ W·G − Ω(W): no W comes below a gap of 0, the best is it.
    W, G = weights(9)
    G *= penalty.dual_share(G)
    gap = penalty.duality_gap(W, G)
    conjugate = gap - penalty.value(W) - (W * G).sum()
    rng = np.random.default_rng(10)
    tried = [scale * rng.standard_normal(W.shape) for scale in (0.01, 0.1, 1.0, 10.0)]
    best = np.zeros_like(W)
    if np.any(penalty.l2):
        best = -np.sign(G) * np.maximum(np.abs(G) - penalty.l1, 0.0) / penalty.l2
        tried += [best + 0.01 * W for W in tried]
    costs = [-(U * G).sum() - penalty.value(U) for U in tried]
    assert max(costs) <= conjugate + 1e-12
    at_best = -(best * G).sum() - penalty.value(best)
    assert at_best == pytest.approx(conjugate, abs=1e-12)
    assert penalty.duality_gap(best, G) == pytest.approx(0.0, abs=1e-12)
    assert gap >= 0.0


def test_only_l1_alone_has_a_box_that_a_gradient_is_scaled_into():
    G = np.array([[0.6], [-1.2]])
    assert Penalty(l1=0.3).dual_share(G) == 0.25
    assert Penalty(l1=2.0).dual_share(G) == 1.0
    assert Penalty(l1=0.3, l2=0.7).dual_share(G) == 1.0
    assert Penalty(l1=0.3).dual_share(np.zeros((2, 1))) == 1.0


@each(CORNERS)
def test_while_no_sign_changes_a_step_follows_the_slope(penalty):
    W, G = weights(11)
    G *= 0.5
    rate = 1e-9
    signs = penalty.signs(W, G)
    moved = penalty.step(rate)(W, G)
    held = penalty.holds(signs)
    np.testing.assert_array_equal(moved[held], 0.0)
    slope = (W - moved) / rate
    expected = G + penalty.slope(W, signs)
    np.testing.assert_allclose(slope[~held], expected[~held], atol=1e-6)
    assert held.any() == (penalty.l1 > 0 and not penalty.textbook)
    np.testing.assert_array_equal(penalty.slope(W), penalty.l2 * W)


@each(CORNERS)
def test_the_curvature_is_the_second_difference_of_the_value(penalty):
    W, far = np.ones((1, 1)), np.full((1, 1), 0.01)
    bent = penalty.value(W + far) - 2 * penalty.value(W) + penalty.value(W - far)
    assert penalty.curvature == pytest.approx(bent / 1e-4, abs=1e-8)


def test_a_penalty_is_smooth_without_l1_and_absent_without_any():
    facts = {name: (q.smooth, q.absent) for name, q in CORNERS.items()}
    assert facts == {
        "none": (True, True),
        "L1": (False, False),
        "textbook L1": (False, False),
        "L2": (True, False),
        "elastic net": (False, False),
    }


def test_on_a_vector_the_biases_have_no_strength():
    penalty = Penalty(l1=0.3, l2=0.7, textbook=True).on(np.array([1.0, 1.0, 0.0]))
    np.testing.assert_array_equal(penalty.l1, [0.3, 0.3, 0.0])
    np.testing.assert_array_equal(penalty.l2, [0.7, 0.7, 0.0])
    assert penalty.textbook


@each(CORNERS)
def test_the_change_at_the_kinks_is_that_of_the_value_without_l2(penalty):
    W, D = weights(12)
    l1_alone = Penalty(l1=penalty.l1)
    expected = l1_alone.value(W + D) - l1_alone.value(W)
    assert penalty.kink_change(W, D) == pytest.approx(float(expected), abs=1e-14)


def test_the_stronger_penalties_fall_by_one_share_from_below_what_empties_the_model():
    G, penalty = np.array([[0.5], [-8.0]]), Penalty(l1=0.3, l2=0.7)
    ladder = [*penalty.stronger(G, 0.5), penalty]
    strengths = np.array([one.l1 for one in ladder])
    np.testing.assert_allclose(strengths[1:] / strengths[:-1], 0.5)
    assert 4.0 < strengths[0] <= 8.0
    assert {one.l2 for one in ladder} == {0.7}
    assert [*Penalty(l1=9.0).stronger(G, 0.5)] == []


def test_conditions_are_measured_by_l1_and_else_by_the_largest_gradient():
    G = np.array([[0.5], [-8.0]])
    assert Penalty(l1=0.3, l2=0.7).scale(G) == 0.3
    assert Penalty(l2=0.7).scale(G) == 8.0
    assert Penalty().scale(0.0 * G) == 1.0
