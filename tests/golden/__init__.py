"""Golden cases: figures computed by other programs (R mostly), and what puts each question to us."""

import json
from pathlib import Path

import numpy as np

from sdrlib.stats import (
    difference,
    dispersion,
    effect,
    evalue,
    intervals,
    limits,
    maturity,
    multiplicity,
    plan,
    posterior,
    sequential,
    spread,
    stratified,
    trend,
    two_rates,
)

CASES = Path(__file__).with_name("statistics.json")
SLOW = 300  # trials above which Boschloo's test is not asked for


def named(result, **names):
    """The fields of a result under the names the golden file uses."""
    return {name: getattr(result, field) for name, field in names.items()}


def interval(result):
    return named(result, estimate="estimate", lo="low", hi="high")


def indices(mask):
    return np.flatnonzero(mask)


def _rates(function):
    return lambda i: interval(function(i["x"], i["n"], i["conf"]))


def _differences(function):
    return lambda i: interval(function(i["x1"], i["n1"], i["x2"], i["n2"], i["conf"]))


def _two_prop(i):
    four = [i[k] for k in ("x1", "n1", "x2", "n2")]
    p = {"fisher": two_rates.fisher_p, "midp_central": two_rates.mid_p, "n1_chisq": two_rates.n1_chi_square_p}
    slow = {"boschloo": two_rates.boschloo_p} if i["n1"] + i["n2"] < SLOW else {}
    return {name: test(*four) for name, test in (p | slow).items()}


def _cmh(i):
    x1, n1, x2, n2 = np.transpose(i["strata_x1_n1_x2_n2"])
    r = stratified.mantel_haenszel(x1, n1, x2, n2)
    pairs = {"or_ci": ("odds_low", "odds_high"), "rd_mh_ci": ("difference_low", "difference_high")}
    pairs["rd_stratified_mn_ci"] = ("score_low", "score_high")
    single = {"cmh_stat": "chi_square", "cmh_p": "p", "cmh_stat_corrected": "chi_square_corrected"}
    single |= {
        "cmh_p_corrected": "p_corrected",
        "or_mh": "odds_ratio",
        "rd_mh": "difference",
        "rd_mh_se": "difference_se",
    }
    single |= {k: k for k in ("breslow_day", "tarone", "tarone_p")}
    return named(r, **single) | {name: [getattr(r, f) for f in fields] for name, fields in pairs.items()}


def _poisson(i):
    rate, (ratio, p) = intervals.poisson(i["x1"], i["t1"], i["conf"]), difference.poisson_ratio(**i)
    one = named(rate, rate1="estimate", rate1_lo="low", rate1_hi="high")
    return one | named(ratio, ratio="estimate", ratio_lo="low", ratio_hi="high") | {"p": p}


def _asymptotic(i):
    n, x = np.array([i["n1"], i["n2"]]), np.array([i["x1"], i["x2"]])
    p = x / n
    se = np.sqrt((p * (1 - p) / n).sum())
    r = sequential.asymptotic_cs(p[0] - p[1], se, n.sum(), n_star=i["n_star"], alpha=i["alpha"])
    return {"estimate": p[0] - p[1]} | named(r, lo="low", hi="high", p="p")


def _betabinom(i):
    r = spread.fit_betabinomial(i["x"], i["n"])
    below = spread.probability_below(r, i["x"], i["n"], i.get("cut", 0.5))
    fields = {k: k for k in ("boundary", "rho", "alpha", "beta")} | {"mu": "mean", "loglik": "log_likelihood"}
    return named(r, **fields, post_mean="rates", post_lo="low", post_hi="high") | {"p_below_cut": below}


def _funnel_exact(i):
    levels = [0.001, 0.025, 0.975, 0.999]
    columns = limits.funnel_exact(i["target"], i["n"], levels).T
    return {f"p{level}": column for level, column in zip(levels, columns, strict=True)}


def _funnel_od(i):
    r = limits.funnel_od(i["x"], i["n"], winsorise=i["winsorise"])
    drawn = dict(zip(["lo95", "lo998", "hi95", "hi998"], [*r.low.T, *r.high.T], strict=True))
    return named(r, target="target", z="z", phi_raw="dispersion_raw", phi="dispersion", tau2="between") | drawn


def _power(i):
    p1, p2, n, deff, level = i["p1"], i["p2"], i["n"], i["deff"], {"alpha": i["alpha"]}
    goal = level | {"power": i["power"]}
    down, up = plan.detectable_difference(p1, n, deff=deff, **goal)
    size, inflated = plan.sample_size(p1, p2, **goal), plan.sample_size(p1, p2, deff=deff, **goal)
    power = plan.power_two_rates(p1, p2, n, **level)
    return {
        "n_per_group": size,
        "n_per_group_deff": inflated,
        "power_at_n": power,
        "mde_down_abs": down,
        "mde_up_abs": up,
    }


def _eb_ratio(i):
    r = posterior.ratio_posterior(i["n"], i["x"], i["expected"], i["v"])
    return named(r, ratio_mean="mean", prior_cv_mean="spread", **{"p_below_0.95": "below", "p_above_1.05": "above"})


def _bayes_fdr(i):
    chosen, share = multiplicity.bayes_fdr(i["local_error"], i["q"], i["cap"])
    return {"selected": indices(chosen), "expected_fdr": share}


def _evalue(i):
    return dict(zip(("e_low", "e_high"), evalue.ratio_evalues(i.pop("observed"), i.pop("expected"), **i), strict=True))


def _beta_binomial_cs(i):
    return dict(zip(("lo", "hi"), sequential.beta_binomial_cs(**i), strict=True))


def _laney(i):
    r = trend.laney_p(i["x"], i["n"])
    return named(r, center="center", sigma_z="sigma_z", lo="low", hi="high", lo_p="low_binomial", hi_p="high_binomial")


def _xmr(i):
    r = trend.xmr(i["y"])
    screened = {"mr_bar_screened": "range_mean_screened", "lo_screened": "low_screened", "hi_screened": "high_screened"}
    return named(r, mean="mean", mr_bar="range_mean", lo="low", hi="high", mr_upper="range_high", **screened)


def _km(i):
    r = maturity.conversion_at(i["time"], i["event"], i["horizon"])
    return named(
        r, conversion="conversion", se="se", lo="low", hi="high", at_risk_at_horizon="at_risk", naive_so_far="naive"
    )


def _did(i):
    r = effect.difference_in_differences(
        *(i[f"{who}_{when}"] for who in ("treated", "control") for when in ("pre", "post"))
    )
    return named(r, did="difference", se="se", lo="low", hi="high")


def _did_rep(i):
    return named(
        effect.lot_effect(i["pre"], i["post"], i["treat"]), effect="effect", lo="low", hi="high", p="p", df="df"
    )


def _regression(i):
    r = effect.next_period(i["x"], i["n"])
    return named(r, tau2="between", mean="mean", expected_next="expected", expected_change="change")


ADAPTERS = {
    "wilson": _rates(intervals.wilson),
    "clopper_pearson": _rates(intervals.clopper_pearson),
    "newcombe_diff": _differences(difference.newcombe),
    "mn_diff": _differences(difference.miettinen_nurminen),
    "mn_ratio": _differences(difference.rate_ratio),
    "two_prop_tests": _two_prop,
    "cmh": _cmh,
    "poisson": _poisson,
    "quasi_poisson": lambda i: named(
        dispersion.quasi_poisson_ratio(i["a"], i["b"]), ratio="ratio", lo="low", hi="high", phi="dispersion", p="p"
    ),
    "ratio_delta": lambda i: dict(
        zip(("ratio", "se", "deff"), dispersion.ratio_delta(i["num"], i["den"]), strict=True)
    ),
    "betabinom": _betabinom,
    "eb_ratio": _eb_ratio,
    "funnel_exact": _funnel_exact,
    "funnel_od": _funnel_od,
    "xmr": _xmr,
    "laney_p": _laney,
    "beta_binomial_cs": _beta_binomial_cs,
    "asymptotic_cs": _asymptotic,
    "evalue_ratio": _evalue,
    "bh_by": lambda i: {m: multiplicity.adjusted_p(np.array(i["p"], float), m) for m in ("bh", "by")},
    "e_bh": lambda i: {"selected": indices(multiplicity.e_bh(i["e"], i["q"]))},
    "bayes_fdr": _bayes_fdr,
    "km_horizon": _km,
    "power": _power,
    "did_2x2": _did,
    "did_rep": _did_rep,
    "regression_to_mean": _regression,
}


def load(path=CASES):
    """The cases of a golden file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))["cases"]


def differences(case):
    """What our answer says differently from the golden one; empty when they agree.

    ``null`` asks for a missing value, ``"inf"`` for infinity; only the keys of the case are compared.
    """
    got = ADAPTERS[case["topic"]](dict(case["input"]))
    found = []
    for key, wanted in case["expected"].items():
        tolerance = case["tol"][key] if isinstance(case["tol"], dict) else case["tol"]
        if not _agree(got.get(key, "no such key"), wanted, tolerance, case["tol_kind"]):
            found.append(f"{case['id']} {key}: wanted {wanted}, got {got.get(key)}")
    return found


def _agree(got, wanted, tolerance, kind):
    if isinstance(got, str):
        return False
    ours, theirs = (np.atleast_1d(np.array(value, dtype=float)) for value in (got, wanted))
    if ours.shape != theirs.shape:
        return False
    relative, absolute = (tolerance, 0.0) if kind == "relative" else (0.0, tolerance)
    return bool(np.allclose(ours, theirs, rtol=relative, atol=absolute, equal_nan=True))
