"""Cases of tests/cli/every-key for Flagger's controller and its gate."""
from gate_cases import CLASS, SLOW

FLAGGER = """policy.p.steps =
policy.p.gates =
policy.p.controller = flagger
policy.p.interval = 1m
policy.p.threshold = 3
policy.p.step_weight = 10%
policy.p.max_weight = 50%
policy.p.metrics = g
gate.g.test = flagger_check"""
KINDS = {"policy.flagger": FLAGGER, "gate.flagger_check": FLAGGER}

ITERATES = "policy.p.step_weight =\npolicy.p.iterations = 5"
HOOK = "hook.h.false_alarm = 30%"
PODS = "pods.start_up = fixed(value=4m)\npods.canary = 4"


def hook(context=""):
    return (f"{HOOK}\n{context}", None, "h")


CASES = {
    "policy.flagger.interval": ("", "1m", "90s"),
    "policy.flagger.threshold": ("", "3", "1"),
    "policy.flagger.step_weight": ("", "10%", "20%"),
    "policy.flagger.max_weight": ("", None, "30%"),
    "policy.flagger.step_weights": ("policy.p.step_weight =", "5%, 50%", "20%, 40%, 60%"),
    "policy.flagger.step_weight_promotion": ("", None, "10%"),
    "policy.flagger.iterations": ("policy.p.step_weight =\npolicy.p.load_test = 20%", "2", "8"),
    "policy.flagger.match": (f"{CLASS}\n{ITERATES}", None, "c"),
    "policy.flagger.mirror": ("scenario.flow = requests", "no", "yes"),
    "policy.flagger.mirror_weight": (f"{ITERATES}\npolicy.p.mirror = yes", None, "5%"),
    "policy.flagger.load_test": (ITERATES, None, "5%", "50%"),
    "policy.flagger.metrics": ("policy.p.confirm_rollout = h\n" + HOOK, "g", "none"),
    "policy.flagger.templates": ("gate.h.test = threshold\ngate.h.metric = m\ngate.h.max = 1%",
                                 None, "h"),
    "policy.flagger.confirm_rollout": hook("hook.h.opens = fixed(value=5m)"),
    "policy.flagger.pre_rollout": hook(),
    "policy.flagger.rollout": hook(),
    "policy.flagger.confirm_traffic_increase": hook(),
    "policy.flagger.confirm_promotion": hook("hook.h.opens = fixed(value=9m)"),
    "policy.flagger.post_rollout": hook("hook.h.delay = fixed(value=9s)"),
    "policy.flagger.rollback": hook(),
    "policy.flagger.event": hook("hook.h.delay = fixed(value=9s)"),
    "policy.flagger.primary_ready_threshold": (
        "pods.restart_every = 5m\npods.stable = 4\npods.start_up = fixed(value=1m)", None, "10%"),
    "policy.flagger.canary_ready_threshold": (
        f"{PODS}\npods.start_up = uniform(low=10s, high=8m)", None, "25%"),
    "policy.flagger.progress_deadline": (PODS, None, "90s"),
    "policy.flagger.target": ("policy.p.progress_deadline = 90s\npods.canary = 4\n"
                              "pods.start_up = fixed(value=100s)\npods.restart_every = 10m",
                              "deployment", "daemonset"),
    "policy.flagger.detection_delay": ("", None, "40s"),
    "policy.flagger.skip_analysis": ("", "no", "yes"),
    "policy.flagger.suspend": ("", "no", "yes"),
    "policy.flagger.session_affinity": ("", "no", "yes"),
    "gate.flagger_check.metric": (CLASS + "\nmetric.n.signal = error_ratio\nmetric.n.class = c",
                                  "m", "n"),
    "gate.flagger_check.check": ("gate.g.max = 99%", "query", "request_success_rate",
                                 ("request_duration", SLOW)),
    "gate.flagger_check.min": ("gate.g.max =\ngate.g.check = request_success_rate", "90%", "98%"),
    "gate.flagger_check.max": ("", "2%", "1%"),
}

ELSEWHERE = {
    "policy.flagger.provider": "istio, gatewayapi and kubernetes have routes of their own, and the "
                               "others differ in their events alone: tests/oracle/oracle_flagger.c",
}
