"""Cases of every-key for gates whose evidence holds at many looks, posteriors and composites."""

CLASS = "class.c.share = 20%"
OTHER = CLASS + "\nmetric.n.signal = error_ratio\nmetric.n.class = c"
MORE = "scenario.replications = 400"
EARLY = "policy.p.early = next_step\ntraffic.rate = 200 rps"
EARLY_CS = EARLY + "\ngate.g.promote_margin = 0.3%"

# Parts of composites: a limit and two gates with p-values and e-values.
PARTS = """
gate.g.metric =
gate.g.max =
gate.g.of = h, i
gate.h.test = threshold
gate.h.metric = m
gate.h.max = 3%
gate.i.test = two_proportion
gate.i.metric = m
"""
EVIDENCE = """
gate.g.metric =
gate.g.max =
gate.g.of = h, i
gate.h.test = origin_mixture
gate.h.metric = m
gate.i.test = binomial_mixture
gate.i.metric = m
"""
SCORED = PARTS + "gate.g.test = score\n"
HOLM = """
gate.i.min_requests = 0
gate.g.test = holm
gate.g.of = h, i, j
gate.h.test = origin_mixture
gate.h.max =
gate.j.test = two_proportion
gate.j.metric = m
gate.j.evidence = release
gate.j.min_requests = 0
"""

LATENCY = "metric.m.signal = latency_quantile\ntraffic.rate = 60 rps"

TESTS = [
    "msprt", "asymptotic_cs", "group_sequential", "bayes", "gamma_poisson",
    ("any", PARTS), ("all", PARTS),
    ("score", PARTS + "gate.g.fail_below = 20%\ngate.i.min_requests = 0"),
    ("anytime_ks", LATENCY), ("quantile_cs", LATENCY),
    ("e_average", EVIDENCE), ("holm", EVIDENCE + "gate.g.alpha = 0.01%"),
]


def kind(name, more=""):
    """A gate in place of the limit."""
    return f"gate.g.max =\ngate.g.test = {name}\n{more}"


KINDS = {
    "gate.msprt": kind("msprt", "traffic.rate = 60 rps"),
    "gate.asymptotic_cs": kind("asymptotic_cs", "traffic.rate = 60 rps"),
    "gate.group_sequential":
        kind("group_sequential", "traffic.rate = 60 rps\ndefect.bad.error_rate = +0.3pp"),
    "gate.bayes": kind("bayes"),
    "gate.gamma_poisson": kind("gamma_poisson"),
    "gate.anytime_ks": kind("anytime_ks", LATENCY + "\ndefect.bad.latency = x1.2"),
    "gate.quantile_cs": kind("quantile_cs", LATENCY + "\ngate.g.quantile = 80%"),
    "gate.any": PARTS + "gate.g.test = any",
    "gate.all": PARTS + "gate.g.test = all",
    "gate.score": SCORED,
    "gate.e_average": EVIDENCE + "gate.g.test = e_average",
    "gate.holm": PARTS + HOLM,
}

CASES = {
    "gate.msprt.metric": (OTHER, "m", "n"),
    "gate.msprt.alpha": ("", None, "0.1%"),
    "gate.msprt.tau": ("", None, "5%"),
    "gate.msprt.sides": ("", "one", "two"),
    "gate.msprt.evidence": ("", "release", "step"),
    "gate.msprt.pooling": (MORE, "strata", "crude"),
    "gate.msprt.dispersion": ("", None, "5"),
    "gate.msprt.min_errors": ("", None, "60"),
    "gate.msprt.alpha_over": ("", None, "100"),
    "gate.asymptotic_cs.metric": (OTHER, "m", "n"),
    "gate.asymptotic_cs.alpha": ("", None, "0.1%"),
    "gate.asymptotic_cs.n_star": ("", None, "500k"),
    "gate.asymptotic_cs.sides": ("", "one", "two"),
    "gate.asymptotic_cs.effect": ("gate.g.pooling = crude\ngate.g.margin = 30%",
                                  "difference", "uplift"),
    "gate.asymptotic_cs.margin": ("", None, "1%"),
    "gate.asymptotic_cs.promote_margin": (EARLY_CS, None, "50%"),
    "gate.asymptotic_cs.promote_alpha": (EARLY_CS, None, "0.001%"),
    "gate.asymptotic_cs.evidence": ("", "release", "step"),
    "gate.asymptotic_cs.pooling": (MORE, "strata", "crude"),
    "gate.asymptotic_cs.dispersion": ("", None, "5"),
    "gate.asymptotic_cs.min_errors": ("", None, "60"),
    "gate.asymptotic_cs.alpha_over": ("", None, "100"),
    "gate.group_sequential.metric": (OTHER, "m", "n"),
    "gate.group_sequential.alpha": ("", None, "20%"),
    "gate.group_sequential.looks": ("", None, "3"),
    "gate.group_sequential.boundary":
        (MORE, "pocock", "obrien_fleming", "wang_tsiatis", "spend_obrien_fleming", "spend_pocock",
         "spend_hwang", "spend_power"),
    "gate.group_sequential.shape": ("gate.g.boundary = wang_tsiatis", None, "0.6"),
    "gate.group_sequential.fraction": ("", "looks", ("information", "gate.g.planned = 9k")),
    "gate.group_sequential.planned": ("gate.g.fraction = information", "2000", "9k"),
    "gate.group_sequential.dispersion": ("", None, "5"),
    "gate.bayes.metric": (OTHER, "m", "n"),
    "gate.bayes.probability": ("", None, "90%"),
    "gate.bayes.margin": ("", None, "1%"),
    "gate.bayes.max_loss": ("", None, "1%"),
    "gate.bayes.promote_loss": (EARLY, None, "0.2%"),
    "gate.bayes.prior_bad": ("", None, "20"),
    "gate.bayes.prior_good": ("", None, "5000"),
    "gate.bayes.evidence": ("", "step", "release"),
    "gate.bayes.dispersion": ("", None, "5"),
    "gate.bayes.min_requests": ("", None, "1000"),
    "gate.gamma_poisson.metric": (OTHER, "m", "n"),
    "gate.gamma_poisson.probability": ("", None, "90%"),
    "gate.gamma_poisson.ratio": ("", None, "3"),
    "gate.gamma_poisson.prior_shape": ("", None, "20"),
    "gate.gamma_poisson.prior_rate": ("", None, "500"),
    "gate.gamma_poisson.exposure": (MORE, "requests", "time"),
    "gate.gamma_poisson.evidence": ("", "step", "release"),
    "gate.gamma_poisson.dispersion": ("", None, "5"),
    "gate.gamma_poisson.min_errors": ("", None, "20"),
    "gate.anytime_ks.metric": (CLASS + "\nmetric.n.signal = latency_quantile\nmetric.n.class = c",
                               "m", "n"),
    "gate.anytime_ks.alpha": ("", None, "0.001%"),
    "gate.anytime_ks.t_min": ("", None, "10k"),
    "gate.anytime_ks.evidence": ("", "release", "step"),
    "gate.anytime_ks.alpha_over": ("", None, "1000"),
    "gate.quantile_cs.metric": (CLASS + "\nmetric.n.signal = latency_quantile\nmetric.n.class = c",
                                "m", "n"),
    "gate.quantile_cs.alpha": ("", None, "0.001%"),
    "gate.quantile_cs.quantile": ("", "80%", "95%"),
    "gate.quantile_cs.t_opt": ("", None, "100"),
    "gate.quantile_cs.evidence": ("", "release", "step"),
    "gate.quantile_cs.alpha_over": ("", None, "1000"),
    "gate.any.of": ("", "h", "i", "h, i"),
    "gate.all.of": ("", "h", "i", "h, i"),
    "gate.score.of": ("", "h", "i", "h, i"),
    "gate.score.weights": ("gate.i.min_requests = 0\n" + MORE, None, "1, 9"),
    "gate.score.pass_at": ("gate.g.fail_below = 20%", None, "50%"),
    "gate.score.fail_below": ("", None, "20%"),
    "gate.score.missing": ("gate.i.min_requests = 500", "ignore", "fail"),
    "gate.e_average.of": ("", "h", "i", "h, i"),
    "gate.e_average.weights": (MORE, None, "1, 99"),
    "gate.e_average.alpha": ("", None, "0.001%"),
    "gate.holm.of": ("", "h", "i, j", "h, i, j"),
    "gate.holm.alpha": ("", None, "0.001%"),
    "gate.holm.method": ("gate.g.rejected = 2\n" + MORE, "holm", "hochberg", "benjamini"),
    "gate.holm.rejected": ("", None, "2"),
}
