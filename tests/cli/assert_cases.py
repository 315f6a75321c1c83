"""Cases of every-key for [assert]: a limit that fails is exit status 4 and a line on stderr, where
without it there are only results."""

KPI = "kpi.k.value = bernoulli\nkpi.k.chance = 20%"
USERS = "users.population = 500\nusers.stickiness = hash"
# What some measures need.
NEEDS = {
    "users.exposed": USERS, "users.exposed.rollout": USERS,
    "users.harmed": USERS, "users.harmed.rollout": USERS,
    "canary_share.weight": USERS, "canary_share.first": USERS, "canary_share.deviation": USERS,
    "blast_radius.kpi": KPI, "blast_radius.kpi.rollout": KPI, "blast_radius.kpi.escaped": KPI,
    "shadow_requests": "scenario.flow = requests\npolicy.p.mirror = 50%\npolicy.p.mirror_bake = 2m",
    "expected_cost": "cost.failed_request = 1",
    "error_budget.burned": "service.slo = 99%", "error_budget.outage": "service.slo = 99%",
}
# A limit that fails for every release that the measure is about.
FAILING = {
    "false_rollback": "> 99%", "detection": "< 1%", "missed": "> 99%", "early_rollback": "> 99%",
    "smallest_effect": "> 15", "detection_time": "median_given_detected > 35m",
    "time_to_mitigation": "median > 35m", "canary_share.weight": "> 99%",
    "canary_share.first": "> 99%", "canary_share.deviation": "> 999%",
    "time_to_promote": "> 35m", "ends": "paused > 99%", "precision": "< 1%",
    "looks": "< 1", "evaluations": "< 1", "error_budget.burned": "> 99%",
    "error_budget.outage": "> 1d",
}
MEASURES = """false_rollback detection missed early_rollback smallest_effect detection_time
time_to_mitigation blast_radius.requests blast_radius.requests.rollout
blast_radius.requests.escaped blast_radius.failures blast_radius.failures.rollout
blast_radius.failures.escaped blast_radius.slow blast_radius.slow.rollout blast_radius.slow.escaped
error_budget.burned error_budget.outage
shadow_requests users.exposed users.exposed.rollout users.harmed users.harmed.rollout
canary_share.weight canary_share.first canary_share.deviation blast_radius.kpi
blast_radius.kpi.rollout blast_radius.kpi.escaped time_to_promote ends looks evaluations precision
expected_cost""".split()

CASES = {
    # Of those, one fails.
    "assert.policy": ("policy.q.extends = p\npolicy.q.look_every = 1m\nassert.x.looks = > 18\n"
                      "assert.x.release = healthy", "p", "q"),
    "assert.release": ("assert.x.looks = > 5", "healthy", "bad"),
    **{f"assert.{name}": (NEEDS.get(name, ""), None, FAILING.get(name, "> 1M"))
       for name in MEASURES},
}
