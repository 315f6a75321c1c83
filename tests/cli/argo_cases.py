"""Cases of tests/cli/every-key for Argo Rollouts' canary strategy and its metrics."""
from gate_cases import CLASS, SLOW

METRIC = """policy.p.steps =
policy.p.gates =
policy.p.controller = argo
policy.p.steps = 10%, pause 3m, 50%, pause 3m
policy.p.gates = g
policy.p.background = g
policy.p.starting_step = 2
gate.g.max =
gate.g.test = argo_metric
gate.g.interval = 1m
metric.m.window = 1m
gate.g.success_condition = result[0] <= 0.02"""
KINDS = {"policy.argo": METRIC, "gate.argo_metric": METRIC}

BORNE = "gate.g.failure_limit = 2"
BY_PODS = "policy.p.traffic_routing = no\npolicy.p.replicas = 10\npods.stable = 10\n" \
          "pods.start_up = uniform(low=20s, high=2m)"
PODS = "policy.p.replicas = 10\npods.stable = 10\npods.start_up = uniform(low=20s, high=2m)"
STUCK = "pods.start_up = fixed(value=4m)"
BOTH = "gate.g.failure_condition = result[0] > 0.03"
ABSENT = "traffic.rate = 6 rpm\ngate.g.failure_limit = 1"
ERRORS = "telemetry.monitor = prometheus\ntelemetry.provider_errors = 50%"

CASES = {
    "gate.argo_metric.metric": (CLASS + "\nmetric.n.signal = error_ratio\nmetric.n.class = c",
                                "m", "n"),
    "gate.argo_metric.success_condition": (BOTH, None, "result[0] <= 0.005"),
    "gate.argo_metric.failure_condition": ("", None, "result[0] > 0.03"),
    "gate.argo_metric.result": ("gate.g.success_condition = result <= 0.02",
                                ("vector", "gate.g.success_condition = result[0] <= 0.01"),
                                "scalar"),
    "gate.argo_metric.no_data": (ABSENT, "nan", "empty"),
    "gate.argo_metric.interval": ("", "1m", "30s"),
    "gate.argo_metric.initial_delay": ("", None, "90s"),
    "gate.argo_metric.count": ("", None, "1"),
    "gate.argo_metric.failure_limit": ("", None, "2", "-1"),
    "gate.argo_metric.inconclusive_limit": (BOTH, None, "3"),
    "gate.argo_metric.consecutive_error_limit": (ERRORS, None, "1"),
    "gate.argo_metric.consecutive_success_limit": ("", None, "1"),
    "gate.argo_metric.dry_run": ("", "no", "yes"),
    "policy.argo.steps": ("", "10%, pause 3m", "10%, pause 9m"),
    "policy.argo.gates": ("policy.p.background =\npolicy.p.starting_step =\n"
                          "policy.p.steps = 10%, pause 2m, analysis\ngate.g.count = 2", None, "none"),
    "policy.argo.background": ("policy.p.background =\npolicy.p.starting_step =", None, "g"),
    "policy.argo.starting_step": ("", "1", "3"),
    "policy.argo.hooks": ("hook.h.false_alarm = 50%\nhook.i.false_alarm = 10%\n"
                          "policy.p.steps = 10%, experiment h", "h",
                          ("i", "policy.p.steps = 10%, experiment i")),
    "policy.argo.replicas": (BY_PODS, "10", "5"),
    "policy.argo.traffic_routing": (PODS, "yes", "no"),
    "policy.argo.max_weight": ("policy.p.steps = 12.5%, pause 3m, 50%, pause 3m", None, "1000"),
    "policy.argo.max_surge": (BY_PODS, None, "1"),
    "policy.argo.max_unavailable": (BY_PODS, None, "0"),
    "policy.argo.dynamic_stable_scale": (PODS, "no", "yes"),
    "policy.argo.min_pods": (PODS, None, "5"),
    "policy.argo.progress_threshold": (PODS, None, "50%"),
    "policy.argo.abort_scale_down_delay": (
        f"{PODS}\npolicy.p.retries = 1\npolicy.p.retry_after = 2m", None, "5m"),
    "policy.argo.progress_deadline": (f"{STUCK}\npolicy.p.progress_deadline_abort = yes",
                                      None, "2m"),
    "policy.argo.progress_deadline_abort": (f"{STUCK}\npolicy.p.progress_deadline = 2m",
                                            "no", "yes"),
    "policy.argo.retries": ("", None, "1"),
    "policy.argo.retry_after": ("policy.p.retries = 1", None, "2m"),
}
