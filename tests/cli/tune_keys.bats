#!/usr/bin/env bats
# No key of [tune] is read and then ignored: each has a value with which the answer is another.
load common

# Two defects of unequal weight, two policies to compare with, few rollouts.
keys_shop() {
    shop
    cat >>shop.ini <<'INI'
[defect.slow]
error_rate = +3pp
prior = 1%
[defect.error-spike]
prior = 20%
[policy.theirs]
extends = ours
steps = 50%/9m, 100%
[policy.tuned]
extends = ours
steps = tune(1..30)%/tune(1m..6m), 100%
[tune]
false_rollback = < 20%
start = 8
round = 4
validation = 100
INI
    python3 - <<'PY'
text = open("shop.ini").read()
text = text.replace("[defect.error-spike]\nprior = 20%\n", "")
text = text.replace("error_rate = +5pp\n", "error_rate = +5pp\nprior = 20%\n")
open("shop.ini", "w").write(text)
PY
}

@test "every key of [tune] matters" {
    keys_shop
    run -0 --separate-stderr coalmine tune shop.ini --policy tuned --budget 4000 -q
    local usual=$output
    for setting in 'minimise=blast_radius.failures' 'weights=priors' 'false_rollback=< 1%' \
        'missed=< 0.01%' 'time_to_promote=< 4m' 'reference=theirs' 'calibrate=max' \
        'holdout=slow' 'start=16' \
        'round=8' 'validation=300'; do
        run coalmine tune shop.ini --policy tuned --budget 4000 -q \
            --set "tune.$setting"
        [[ $(grep -v 'coalmine tune' <<<"$output") != $(grep -v 'coalmine tune' <<<"$usual") ]] || {
            echo "$setting changes nothing"
            return 1
        }
    done
}

@test "the reference is calibrated by the option that is asked for" {
    keys_shop
    cat >>shop.ini <<'INI'
[gate.check]
test = flagger_check
metric = errors
check = request_success_rate
min = 99%
[policy.flagger]
controller = flagger
interval = 1m
threshold = 5
step_weight = 10%
max_weight = 50%
metrics = check
INI
    by() { # option
        coalmine tune shop.ini --policy tuned --budget 2000 -q --set tune.reference=flagger \
            --set tune.calibrate="$1"
    }
    run by none
    says 'With gate.check.min = '
    run by min
    says 'With gate.check.min = '
    run by threshold
    says 'With policy.flagger.threshold = '
    run by treshold
    [[ $status == 3 ]]
    says "[tune] calibrate: neither policy flagger nor a gate of it has a number 'treshold'"
    run by provider
    says "has a number 'provider'"
}
