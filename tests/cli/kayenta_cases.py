"""Cases of tests/cli/every-key for Kayenta's judge and its loop."""
# Two metrics, one of them bad; a point every ten seconds, looks at the end of steps.
JUDGE = """
scenario.replications = 200
gate.g.metric =
gate.g.max =
gate.g.test = kayenta
gate.g.step = 10s
gate.g.metrics = m, l
gate.g.group_weights = none
metric.m.window = 10s
metric.l.signal = latency_quantile
metric.l.quantile = 90%
metric.l.window = 10s
policy.p.look_every = 1m
policy.p.on_undecided = ignore
traffic.rate = 100 rps
defect.bad.latency = x1.05
defect.bad.error_rate = +0.05pp
"""
LOOP = """
policy.p.steps =
policy.p.controller = kayenta
policy.p.lifetime = 10m
policy.p.interval = 5m
policy.p.weight = 20%
""" + JUDGE.replace("policy.p.look_every = 1m\npolicy.p.on_undecided = ignore\n", "")
GAPS = "\ntraffic.rate = 1 rps\ndefect.bad.latency = x3"
# A metric that hardly ever has a value.
RARE = """
class.c.share = 0.001%
metric.n.signal = error_ratio
metric.n.class = c
gate.g.metrics = m, l, n
"""
CRITICAL = "\ngate.g.critical = yes\ndefect.bad.latency = x1.1\ngate.g.groups = a, none"

KINDS = {"gate.kayenta": JUDGE, "policy.kayenta": LOOP}
CASES = {
    "gate.kayenta.metrics": ("", "m, l", "l"),
    "gate.kayenta.groups": ("", None, "a, none", "none, a", "none"),
    "gate.kayenta.group_weights": ("gate.g.groups = a, b", None, "a 90", "b 90, c 10"),
    "gate.kayenta.direction": ("", "either", "increase", "decrease"),
    "gate.kayenta.nan_strategy": (GAPS, "remove", "replace"),
    "gate.kayenta.outliers": (GAPS, "keep", "remove"),
    "gate.kayenta.outlier_factor": (GAPS + "\ngate.g.outliers = remove", None, "0.01"),
    "gate.kayenta.critical": ("gate.g.groups = a, none", "no", "yes"),
    "gate.kayenta.must_have_data": (RARE, "no", "yes"),
    "gate.kayenta.muted": ("", "no", "no, yes"),
    "gate.kayenta.effect_size": ("gate.g.allowed_increase = 0.9", "mean_ratio", "cles"),
    "gate.kayenta.allowed_increase": ("", None, "1.2"),
    "gate.kayenta.allowed_decrease": ("", None, "0.5"),
    "gate.kayenta.critical_increase": (CRITICAL, None, "1.3"),
    "gate.kayenta.critical_decrease": (CRITICAL + "\ndefect.bad.latency = x0.9", None, "0.5"),
    "gate.kayenta.pass": ("policy.p.on_undecided = hold", None, "50"),
    "gate.kayenta.marginal": ("", None, "40"),
    "gate.kayenta.step": ("", None, "30s"),
    "gate.kayenta.look_back": ("", None, "40s"),
    "gate.kayenta.evidence": ("", "step", "release"),
    "policy.kayenta.weight": ("", None, "50%"),
    "policy.kayenta.lifetime": ("", None, "20m"),
    "policy.kayenta.interval": ("", "2m", "3m"),
    "policy.kayenta.begin_after": ("", None, "3m"),
    "policy.kayenta.gates": ("", None, "none"),
    "policy.kayenta.whole_scores": ("gate.g.groups = a, b\ngate.g.group_weights = a 50.5, b 49.5\n"
                                    "gate.g.marginal = 50\ngate.g.pass = 50.2", "no", "yes"),
}
