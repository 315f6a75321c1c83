"""Cases of tests/cli/every-key for gates that hold at every look."""
CLASS = "class.c.share = 20%"
SLOW = "metric.m.signal = latency_quantile\ngate.g.max = 700ms"
MORE = "scenario.replications = 400"
SLOWER = CLASS + """
metric.l.signal = latency_quantile
metric.l2.signal = latency_quantile
metric.l2.class = c
gate.g.slower = 300ms, 600ms"""
ACCEPTING = MORE + "\npolicy.p.early = next_step\ntraffic.rate = 200 rps"

# What gates that hold at every look have in common.
ANY_LOOK = {
    "metric": (CLASS + "\nmetric.n.signal = error_ratio\nmetric.n.class = c", "m", "n"),
    "alpha": ("", None, "0.001%"),
    "evidence": (MORE, "release", "step"),
    "alpha_per": (MORE + "\ngate.g.evidence = step", "release", "step"),
    "dispersion": ("", None, "5"),
    "margin": ("", None, "10"),
}


def any_look(kind, *without):
    return {f"gate.{kind}.{key}": case for key, case in ANY_LOOK.items() if key not in without}


# What a kind needs beside what its keys are tested with.
KINDS = {
    "gate.sprt": "gate.g.max =\ngate.g.test = sprt\ngate.g.target = 0.5%",
    "gate.origin_sprt": "gate.g.max =\ngate.g.test = origin_sprt",
    "gate.binomial_mixture": "gate.g.max =\ngate.g.test = binomial_mixture",
    "gate.dirichlet_multinomial": "gate.g.max =\ngate.g.test = dirichlet_multinomial",
    "gate.safe_2x2": "gate.g.max =\ngate.g.test = safe_2x2\nscenario.replications = 400",
    "gate.betting": "gate.g.max =\ngate.g.test = betting\ngate.g.target = 0.5%",
    "gate.origin_sr": "gate.g.max =\ngate.g.test = origin_sr",
    "gate.origin_cusum": "gate.g.max =\ngate.g.test = origin_cusum",
    "gate.tail_origin": SLOW + "\ngate.g.max =\ngate.g.test = tail_origin",
}
CASES = {
    **any_look("sprt", "margin"),
    "gate.sprt.target": ("", "0.5%", "2%"),
    "gate.sprt.ratio": ("", None, "20"),
    "gate.sprt.beta": (ACCEPTING, None, "0.001%"),
    "gate.sprt.limits": (MORE, "ville", "wald"),
    "gate.sprt.after_pass": (ACCEPTING + "\ngate.g.target = 2%", "go_on", "finish"),
    "gate.sprt.pass_needs_evidence": (ACCEPTING, "no", "yes"),
    **any_look("origin_sprt"),
    "gate.origin_sprt.ratio": ("", None, "20"),
    "gate.origin_sprt.beta": (ACCEPTING, None, "0.001%"),
    "gate.origin_sprt.limits": (MORE, "ville", "wald"),
    "gate.origin_sprt.after_pass": (ACCEPTING + "\ngate.g.margin = 5", "go_on", "finish"),
    "gate.origin_sprt.pass_needs_evidence": (ACCEPTING, "no", "yes"),
    **any_look("binomial_mixture"),
    "gate.binomial_mixture.concentration": ("", None, "2"),
    **any_look("dirichlet_multinomial", "margin"),
    "gate.dirichlet_multinomial.latency": (SLOWER, ("none", "gate.g.slower ="), "l", "l2"),
    "gate.dirichlet_multinomial.slower": (SLOWER + "\ngate.g.latency = l",
                                          "300ms", "600ms", "300ms, 600ms"),
    "gate.dirichlet_multinomial.concentration": ("", None, "2"),
    "gate.dirichlet_multinomial.combine": (SLOWER + "\ngate.g.latency = l", "mean", "product"),
    **any_look("safe_2x2", "margin"),
    "gate.safe_2x2.prior": ("", None, "20"),
    **any_look("betting", "margin"),
    "gate.betting.target": ("", "0.5%", "2%"),
    "gate.betting.bet_on": ("", "request", "stratum"),
    "gate.betting.stake": ("", "fixed", "plug_in", "kelly"),
    "gate.betting.lambda": ("gate.g.stake = fixed", None, "100"),
    "gate.betting.cut": ("", None, "0.001"),
    **any_look("origin_sr", "alpha_per"),
    "gate.origin_sr.looks": ("", None, "10k"),
    "gate.origin_sr.ratios": ("", None, "1.1"),
    **any_look("origin_cusum", "alpha", "alpha_per"),
    "gate.origin_cusum.ratio": ("", None, "20"),
    "gate.origin_cusum.limit": ("", None, "2"),
    **any_look("tail_origin", "metric", "margin"),
    "gate.tail_origin.metric": (
        CLASS + "\nmetric.n.signal = latency_quantile\nmetric.n.class = c", "m", "n"),
    "gate.tail_origin.levels": ("", None, "0.99"),
    "gate.tail_origin.ratios": ("", None, "1.1"),
    "gate.tail_origin.history": ("gate.g.levels = 0.999\n" + MORE, None, "5s"),
}
