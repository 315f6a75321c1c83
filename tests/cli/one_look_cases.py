"""Cases of every-key for rule gates, tests for one look and guards."""
from gate_cases import CLASS, MORE

OTHER = CLASS + "\nmetric.n.signal = error_ratio\nmetric.n.class = c"
SLOWER = "metric.m.signal = latency_quantile\ndefect.bad.latency = x1.1"
GAPS = "traffic.rate = 0.2 rps\npolicy.p.on_no_data = hold"
KINDS = {
    "gate.two_proportion":
        "gate.g.max =\ngate.g.test = two_proportion\ndefect.bad.error_rate = +1pp",
    "gate.m_of_n": "gate.g.test = m_of_n\npolicy.p.on_no_data = ignore",
    "gate.burn_rate": "gate.g.max =\ngate.g.metric =\ngate.g.test = burn_rate\n"
                      "metric.s.signal = error_ratio\nmetric.s.window = 30s\n"
                      "metric.n.signal = error_ratio\nmetric.n.window = 50s\n"
                      "gate.g.long_window = m\ngate.g.short_window = s\ngate.g.slo = 99%\n"
                      "gate.g.burn = 4\npolicy.p.on_no_data = ignore",
    "gate.k_sigma": "gate.g.max =\ngate.g.test = k_sigma\npolicy.p.on_undecided = ignore",
    "gate.mann_whitney": "gate.g.max =\ngate.g.test = mann_whitney\n" + SLOWER,
    "gate.ks": "gate.g.max =\ngate.g.test = ks\n" + SLOWER,
    "gate.welch": "gate.g.max =\ngate.g.test = welch\nmetric.m.signal = latency_mean\n"
                  "defect.bad.latency = x1.1",
    "gate.srm": "gate.g.max =\ngate.g.test = srm\ngate.g.alpha = 10%\n"
                "policy.p.on_error = rollback",
    "gate.min_sample": "gate.g.max =\ngate.g.test = min_sample",
    "gate.bake": "gate.g.max =\ngate.g.metric =\ngate.g.test = bake",
    "gate.cmh": "gate.g.max =\ngate.g.test = cmh\ndefect.bad.error_rate = +1pp",
    "gate.poisson_exact":
        "gate.g.max =\ngate.g.test = poisson_exact\ndefect.bad.error_rate = +1pp",
    "gate.farrington_manning": "gate.g.max =\ngate.g.test = farrington_manning\n"
                               "gate.g.max_ratio = 3\npolicy.p.early = next_step",
}

# Gates that test for one look: their common keys.
ONE_LOOK = ("two_proportion", "cmh", "poisson_exact", "farrington_manning", "mann_whitney", "ks",
            "srm", "welch")

CASES = {
    **{f"gate.{kind}.looks": ("", None, "100") for kind in ONE_LOOK},
    **{f"gate.{kind}.alpha_over": ("", None, "100") for kind in ONE_LOOK},
    **{f"gate.{kind}.min_requests": ("", None, "1000") for kind in ONE_LOOK},
    "gate.two_proportion.metric": (OTHER, "m", "n"),
    "gate.two_proportion.alpha": ("", None, "20%"),
    "gate.two_proportion.method": (MORE, "mid_p", "fisher", "pooled_z", "unpooled_z"),
    "gate.two_proportion.evidence": (MORE, "step", "release", "window"),
    "gate.two_proportion.min_errors": ("", None, "20"),
    "gate.two_proportion.dispersion": ("gate.g.method = pooled_z", None, "5"),
    "gate.m_of_n.metric": ("metric.n.signal = error_ratio\nmetric.n.window = 3m", "m", "n"),
    "gate.m_of_n.max": ("", "2%", "4%"),
    "gate.m_of_n.min": ("", None, "0.5%"),
    "gate.m_of_n.scope": ("", "canary", "alias"),
    "gate.m_of_n.breaches": ("gate.g.of_last = 3", None, "2"),
    "gate.m_of_n.of_last": ("gate.g.breaches = 2", "2", "5"),
    "gate.m_of_n.look_back": ("gate.g.of_last = 4\ngate.g.breaches = 2\n" + GAPS, "0", "9"),
    "gate.m_of_n.missing": ("gate.g.of_last = 3\ngate.g.breaches = 2\n" + GAPS,
                            "missing", "ignore", "breaching", "not_breaching"),
    "gate.m_of_n.low_samples": ("gate.g.samples = 180", "evaluate", "ignore"),
    "gate.m_of_n.samples": ("gate.g.low_samples = ignore", "20", "180"),
    "gate.burn_rate.long_window": ("", "m", "n"),
    "gate.burn_rate.short_window": ("", "s", "n"),
    "gate.burn_rate.slo": ("", "99%", "98%"),
    "gate.burn_rate.burn": ("", "4", "6"),
    "gate.burn_rate.scope": ("", "canary", "service"),
    "gate.burn_rate.min_requests": ("", None, "180"),
    "gate.k_sigma.metric": (OTHER, "m", "n"),
    "gate.k_sigma.k": ("", None, "1"),
    "gate.k_sigma.points": ("gate.g.min_points = 2", None, "2"),
    "gate.k_sigma.min_points": ("", None, "4"),
    "gate.k_sigma.average": ("gate.g.min_points = 2", None, "3"),
    "gate.k_sigma.side": ("gate.g.min_points = 4", "above", "below"),
    "gate.k_sigma.evidence": ("gate.g.min_points = 4", "release", "step"),
    "gate.mann_whitney.metric": (OTHER.replace("error_ratio", "latency_quantile"), "m", "n"),
    "gate.mann_whitney.alpha": ("", None, "20%"),
    "gate.mann_whitney.evidence": (MORE, "step", "release"),
    "gate.ks.metric": (OTHER.replace("error_ratio", "latency_quantile"), "m", "n"),
    "gate.ks.alpha": ("", None, "20%"),
    "gate.ks.evidence": (MORE, "step", "release"),
    "gate.welch.metric": (OTHER.replace("error_ratio", "latency_mean"), "m", "n"),
    "gate.welch.alpha": ("", None, "20%"),
    "gate.welch.evidence": (MORE, "step", "release"),
    "gate.welch.margin": ("", None, "50ms"),
    "gate.welch.side": ("", "above", "below"),
    "gate.srm.metric": (OTHER, "m", "n"),
    "gate.srm.alpha": ("", "10%", "40%"),
    "gate.srm.evidence": (MORE, "step", "release"),
    "gate.srm.says": ("policy.p.on_error = hold", "error", "fail"),
    "gate.min_sample.metric": (OTHER, "m", "n"),
    "gate.min_sample.requests": ("", None, "2000"),
    "gate.min_sample.control_requests": ("", None, "20k"),
    "gate.min_sample.errors": ("", None, "200"),
    "gate.min_sample.evidence": ("gate.g.requests = 3000", "step", "release"),
    "gate.bake.time": ("", None, "8m"),
    "gate.bake.since": ("", "step", "release"),
    "gate.cmh.metric": (OTHER, "m", "n"),
    "gate.cmh.alpha": ("", None, "20%"),
    "gate.cmh.evidence": (MORE, "step", "release"),
    "gate.cmh.min_errors": ("", None, "20"),
    "gate.cmh.dispersion": ("", None, "5"),
    "gate.poisson_exact.metric": (OTHER, "m", "n"),
    "gate.poisson_exact.alpha": ("", None, "20%"),
    "gate.poisson_exact.evidence": (MORE, "step", "release"),
    "gate.poisson_exact.min_errors": ("", None, "20"),
    "gate.poisson_exact.ratio": ("", None, "3"),
    "gate.poisson_exact.method": (MORE, "exact", "mid_p"),
    "gate.poisson_exact.exposure": (MORE, "share", "requests"),
    "gate.farrington_manning.metric": (OTHER, "m", "n"),
    "gate.farrington_manning.alpha": ("", None, "20%"),
    "gate.farrington_manning.evidence": (MORE, "step", "release", "window"),
    "gate.farrington_manning.max_ratio": ("", "3", "10"),
    "gate.farrington_manning.max_increase": ("", None, "4%"),
}
