#!/usr/bin/env bats
# coalmine tune: values that a scenario leaves open are found, validated and written.
load common

# A small service whose gate and steps are open; quick to search.
open_shop() {
    cat >shop.ini <<'INI'
; a shop that leaves its gate open
[scenario]
replications = 64
horizon = 30m
[traffic]
rate = 100 rps
[defect.error-spike]
error_rate = +5pp
[metric.errors]
signal = error_ratio
window = 1m
[gate.limit]
test = threshold
metric = errors
max = 1%
failures = 3
[gate.origin]
test = origin_sprt
metric = errors
alpha = tune(0.5%..3% log)
ratio = tune(2.0..20 log)
[policy.theirs]
controller = steps
steps = 10%/5m, 100%
gates = limit
[policy.ours]
controller = steps
steps = tune(1..9)%/tune(1m..4m), 20%/1m, 100%
look_every = 10s
gates = origin
[tune]
false_rollback = < 10%
time_to_promote = <= 5m
start = 12
round = 6
validation = 200
INI
}

tuned() {
    coalmine tune shop.ini --budget 6000 -q "$@"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    open_shop
}

@test "the answer, the front and what it rests on are told" {
    run -0 --separate-stderr tuned
    [[ -z $stderr ]]
    for words in "Policy ours, tuned, rolls back" "gate.origin.ratio = " "theirs" \
        "times smaller than that of" "error-spike x0.5" "Pareto front" "rollouts" "--budget"; do
        says "$words"
    done
}

@test "threads change nothing, and the number of rollouts repeats a search in time" {
    tuned -j1 >one
    tuned -j2 >two
    cmp one two
    budget=$(grep -o -- '--budget [0-9]*$' one)
    # shellcheck disable=SC2086
    coalmine tune shop.ini -q $budget >again
    cmp one again
}

@test "--out FILE.ini is a scenario without marks that compare and run take" {
    tuned --out tuned.ini >/dev/null
    run -1 grep 'tune(' tuned.ini
    coalmine check tuned.ini
    coalmine compare tuned.ini --against theirs --replications 50 -q >/dev/null
    grep -q '^time_to_promote = < 5m' tuned.ini
    run -1 tuned --out tuned.ini
    says "is there already"
}

@test "--out DIR holds the scenario and the report in every format" {
    tuned --out found >/dev/null
    coalmine check found/scenario.ini
    jq -e '.confirmed and (.front | length > 0) and .chosen.goal.value > 0' found/report.json
    jq -e '.reference.times_smaller.low <= .reference.times_smaller.high' found/report.json
    [[ $(head -1 found/report.csv) == policy,* && -s found/report.md && -s found/report.txt ]]
    run -1 tuned --out found
    says "another scenario"
}

@test "a tuned policy of Flagger becomes a manifest" {
    cat >flagger.ini <<'INI'
; Flagger, with its interval and its limit open
[scenario]
replications = 64
[traffic]
rate = 100 rps
[defect.error-spike]
error_rate = +5pp
[metric.errors]
signal = error_ratio
window = 1m
[gate.success]
test = flagger_check
metric = errors
check = request_success_rate
min = tune(95%..99.5%)
[policy.canary]
controller = flagger
interval = tune(30s..2m)
threshold = tune(1..5)
step_weight = tune(5..10)%
max_weight = 50%
metrics = success
[tune]
false_rollback = < 20%
start = 8
round = 4
validation = 200
INI
    coalmine tune flagger.ini --budget 3000 -q --out tuned.ini >told
    coalmine export tuned.ini --policy canary --new >canary.yaml
    grep -q 'kind: Canary' canary.yaml
    threshold=$(sed -n 's/.*canary.threshold = //p' told)
    grep -q "threshold: $threshold$" canary.yaml
}

@test "other commands name the marks and what finds them" {
    for command in run compare trace calibrate; do
        run -2 coalmine "$command" shop.ini
        says "policy.ours.steps: tune(1..9)"
        says "coalmine tune shop.ini"
    done
    coalmine run shop.ini -q --replications 8 --set gate.origin.alpha=1% --set gate.origin.ratio=3 \
        --set "policy.ours.steps=5%/1m, 100%" >/dev/null
    run -0 coalmine check shop.ini
    says "4 values to tune"
}

@test "--list shows what would be tuned" {
    run -0 --separate-stderr coalmine tune shop.ini --list
    says "policy.ours.steps  tune(1..9) "
    [[ $(coalmine tune shop.ini --list --format json | jq length) == 4 ]]
}

@test "what cannot be tuned is said" {
    run -2 tuned --policy our
    says "did you mean 'ours'"
    run -3 tuned --policy theirs
    says "nothing to tune"
    run -3 tuned --set tune.holdout=error-spike
    says "every defect is held out"
    run -2 tuned --budget 5%
    says "a time (2m) or a number of rollouts"
    sed -i 's/tune([^)]*)/5/g' shop.ini
    run -2 tuned
    says "leaves nothing to tune"
    run -2 tuned --service presets/web-api.ini
    says "--service goes with a manifest"
    run -2 coalmine tune -
    says "keep what comes through a pipe"
}

@test "no candidate that keeps the limits is exit status 1, and says which came nearest" {
    sed -i 's/^time_to_promote.*/time_to_promote = < 1m/' shop.ini
    run -1 --separate-stderr tuned
    says "No candidate was proven to keep the limits"
}

@test "an interrupt ends the search with nothing reported" {
    sed -i 's/^start.*/start = 10000/; s/^replications.*/replications = 100000/' shop.ini
    "$COALMINE" tune shop.ini --budget 1000M >out 2>err &
    pid=$!
    sleep 1
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [[ $status == 5 && ! -s out ]]
    grep -q interrupted err
}

@test "a journal resumes a search that was killed, with the same answer" {
    tuned >whole
    coalmine tune shop.ini --budget 3000 -q --journal kept >/dev/null
    truncate -s -5 kept
    tuned --journal kept >resumed
    cmp whole resumed
    size=$(stat -c %s kept)
    tuned --journal kept >again
    cmp whole again
    [[ $(stat -c %s kept) == "$size" ]]
    run -1 tuned --journal kept --seed 2
    says "not the journal of this search"
}
