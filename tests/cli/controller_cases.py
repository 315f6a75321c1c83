"""Cases of tests/cli/every-key for CodeDeploy's shifts, and for moves of all traffic at once."""

CODEDEPLOY = """policy.p.steps =
policy.p.gates =
policy.p.controller = codedeploy
policy.p.alarms = g"""
CUSTOM = "policy.p.plan = custom"
AT_ONCE = """policy.p.steps =
policy.p.controller = all_at_once"""
BLUEGREEN = """policy.p.steps =
policy.p.controller = bluegreen"""
KINDS = {"policy.codedeploy": CODEDEPLOY, "policy.all_at_once": AT_ONCE,
         "policy.bluegreen": BLUEGREEN}

NEVER = "gate.g.max = 90%"
SCRAPED = "telemetry.monitor = prometheus\ntelemetry.provider_errors = 10%"
HOOK = "policy.p.confirm = h\nhook.h.false_alarm = 5%\n" + NEVER
HOOKS = "hook.h.false_alarm = 50%\nhook.i.false_alarm = 20%"
ACTIONS = ("rollback", "hold", "pause", "count", "ignore")

# What a controller of one step has in common with the usual one.
LOOKS = {
    "watch": ("", None, "1m"),
    "look_every": ("", None, "1m"),
    "first_look": ("", None, "2m"),
    "gates": ("", None, "none"),
    "on_fail": ("", *ACTIONS),
    "on_error": (SCRAPED, *ACTIONS),
    "on_no_data": ("traffic.rate = 1 rpm", *ACTIONS),
    "on_undecided": ("gate.g.min_requests = 3000", *ACTIONS),
    "count": ("policy.p.on_fail = count", None, "1"),
    "confirm": (HOOKS, None, "h", "i", "h, i"),
    "on_unconfirmed": (HOOK + "\nhook.h.power = 50%", "hold", "rollback"),
    "approve": ("people.reaction = exponential(mean=3m)", "none", "promotion", "steps"),
    "on_new_revision": ("revisions.every = exponential(mean=5m)",
                        "ignore", "supersede", "restart"),
}
PLANS = ("LambdaCanary10Percent5Minutes", "LambdaCanary10Percent10Minutes",
         "LambdaCanary10Percent15Minutes", "LambdaCanary10Percent30Minutes",
         "LambdaLinear10PercentEvery1Minute", "LambdaLinear10PercentEvery2Minutes",
         "LambdaLinear10PercentEvery3Minutes", "LambdaLinear10PercentEvery10Minutes",
         "LambdaAllAtOnce", "ECSCanary10Percent5Minutes", "ECSCanary10Percent15Minutes",
         "ECSLinear10PercentEvery1Minutes", "ECSLinear10PercentEvery3Minutes", "ECSAllAtOnce",
         ("custom", "policy.p.every = 7m"))
# Words that mean the same, and have to give the same.
ALIKE = {
    "policy.codedeploy.plan": [
        ("LambdaCanary10Percent5Minutes", "ECSCanary10Percent5Minutes"),
        ("LambdaCanary10Percent15Minutes", "ECSCanary10Percent15Minutes"),
        ("LambdaLinear10PercentEvery1Minute", "ECSLinear10PercentEvery1Minutes"),
        ("LambdaLinear10PercentEvery3Minutes", "ECSLinear10PercentEvery3Minutes"),
        ("LambdaAllAtOnce", "ECSAllAtOnce"),
    ],
    # There is one step: who leaves it promotes.
    "policy.all_at_once.approve": [("promotion", "steps")],
}

CASES = {
    **{f"policy.all_at_once.{key}": case for key, case in LOOKS.items()},
    **{f"policy.bluegreen.{key}": case for key, case in LOOKS.items()},
    "policy.bluegreen.preview": ("", None, "1m"),
    "policy.bluegreen.mirror": ("scenario.flow = requests", None, "50%"),
    "policy.codedeploy.plan": ("", *PLANS),
    "policy.codedeploy.increment": (CUSTOM, None, "40%"),
    "policy.codedeploy.every": (CUSTOM, None, "2m"),
    "policy.codedeploy.linear": (CUSTOM, "no", "yes"),
    "policy.codedeploy.alarms": ("", None, "none"),
    "policy.codedeploy.alarm_lag": ("", None, "90s"),
    "policy.codedeploy.rollback": ("", "yes", "no"),
    "policy.codedeploy.ignore_poll_failure": (SCRAPED, "no", "yes"),
    "policy.codedeploy.before_traffic": (HOOKS, None, "h", "i"),
    "policy.codedeploy.after_traffic": (HOOKS, None, "h", "i"),
    "policy.codedeploy.bake": ("", None, "5m"),
}
