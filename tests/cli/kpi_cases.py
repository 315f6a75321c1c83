"""Cases of tests/cli/every-key for KPIs and gauges."""
from gate_cases import CLASS

KPI = """
kpi.k.value = normal
kpi.k.mean = 4
kpi.k.sd = 1
metric.m.signal = kpi
metric.m.kpi = k
gate.g.max =
gate.g.min = 3.7
defect.bad.kpi = k
defect.bad.kpi_change = -0.3
"""
OTHER_KPI = KPI + "kpi.j.value = normal\nkpi.j.mean = 4\nkpi.j.sd = 1"
NO_MEAN = "kpi.k.mean =\nkpi.k.sd =\n"
CONVERSION = KPI + NO_MEAN + "kpi.k.value = bernoulli\nkpi.k.chance = 60%\ngate.g.min = 50%"
SCORES = KPI + NO_MEAN + "kpi.k.value = ordinal\n" + "\n".join(
    f"kpi.k.score_{score} = {share}%" for score, share in enumerate((5, 5, 10, 40, 40), 1))
GAUGE = """
gauge.x.mean = 500
gauge.x.sd = 30
metric.m.signal = gauge
metric.m.gauge = x
gate.g.max = 540
defect.bad.gauge = x
defect.bad.gauge_change = +30
"""
OTHER_GAUGE = GAUGE + "gauge.y.mean = 500\ngauge.y.sd = 30"

KINDS = {
    "kpi.bernoulli": CONVERSION,
    "kpi.gamma": KPI + "kpi.k.value = gamma",
    "kpi.normal": KPI,
    "kpi.ordinal": SCORES,
}

CASES = {
    "kpi.value": (KPI, "normal", "gamma", ("bernoulli", CONVERSION), ("ordinal", SCORES)),
    "kpi.sampling": (KPI, None, "5%"),
    "kpi.delay": (KPI, None, "fixed(value=90s)"),
    "kpi.class": (CLASS + KPI, None, "c"),
    "kpi.weight": (KPI, None, "2"),
    "kpi.bernoulli.chance": ("", "60%", "55%"),
    "kpi.bernoulli.judge_noise": ("", None, "10%"),
    "kpi.gamma.mean": ("", "4", "5"),
    "kpi.gamma.sd": ("", "1", "3"),
    "kpi.normal.mean": ("", "4", "5"),
    "kpi.normal.sd": ("", "1", "3"),
    **{f"kpi.ordinal.score_{score}": (f"kpi.k.score_{other} = {rest}", share, "20%")
       for score, share, other, rest in ((1, "5%", 4, "25%"), (2, "5%", 4, "25%"),
                                         (3, "10%", 4, "30%"), (4, "40%", 5, "60%"),
                                         (5, "40%", 4, "60%"))},
    "kpi.ordinal.judge_noise": ("", None, "20%"),
    "gauge.mean": (GAUGE, "500", "520"),
    "gauge.sd": (GAUGE, "30", "60"),
    "gauge.correlation": (GAUGE, None, "10m"),
    "gauge.sample_every": (GAUGE, None, "1m"),
    "gauge.staleness": (GAUGE + "metric.m.window = 5s", None, "1s"),
    "defect.kpi": (OTHER_KPI, "k", "j"),
    "defect.kpi_change": (KPI, "-0.3", "-0.6"),
    "defect.gauge": (OTHER_GAUGE, "x", "y"),
    "defect.gauge_change": (GAUGE, "+30", "x1.2"),
    "metric.kpi": (OTHER_KPI, "k", "j"),
    "metric.gauge": (OTHER_GAUGE, "x", "y"),
}
