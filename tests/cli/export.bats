#!/usr/bin/env bats
# coalmine export: values of a policy back into its manifest, byte by byte.
load common

imported() {
    cp "$TOP/tests/interop/manifests/canary.yaml" canary.yaml
    coalmine import canary.yaml -o canary.ini -q
    cp canary.yaml before.yaml
}

@test "what an import gave changes nothing" {
    imported
    run -0 coalmine export canary.ini --policy imported --into canary.yaml -q --write
    [[ -z $output ]]
    cmp before.yaml canary.yaml
}

@test "a value that was tuned is one line of difference, and nothing is written unasked" {
    imported
    run -0 --separate-stderr coalmine export canary.ini --into canary.yaml -q \
        --set gate.tail.max=750ms
    [[ -z $stderr && ${lines[3]} == "-        thresholdRange: {max: 0.8}" &&
        ${lines[4]} == "+        thresholdRange: {max: 0.75}" ]]
    [[ ${#lines[@]} == 5 ]]
    cmp before.yaml canary.yaml
}

@test "the import of an export gives the same policy" {
    imported
    coalmine export canary.ini --into canary.yaml -q --write --set policy.imported.interval=1m30s \
        --set policy.imported.threshold=9 --set gate.request-success-rate.min=98.5% >/dev/null
    [[ $(diff before.yaml canary.yaml | grep -c '^>') == 3 ]]
    coalmine import canary.yaml -q | grep -v '^;' >again
    grep -q '^interval = 1m30s' again
    grep -q '^threshold = 9' again
    grep -q '^min = 98.5%' again
}

@test "what the manifest has no place for is named, and is an error" {
    imported
    run -1 coalmine export canary.ini --into canary.yaml -q --set policy.imported.mirror=yes
    says "not carried: policy.imported.mirror = yes is not in the manifest"
    run -2 coalmine export canary.ini
    says "into which manifest?"
    run -3 coalmine export canary.ini --into nowhere.yaml -q
}

@test "a new manifest is read back as the policy that it was made of" {
    cat >mine.ini <<'INI'
[scenario]
include = presets/web-api.ini
[defect.spike]
error_rate = +2pp
[metric.errors]
signal = error_ratio
window = 2m
[metric.p99]
signal = latency_quantile
window = 1m
[gate.ok]
test = flagger_check
metric = errors
check = request_success_rate
min = 99.5%
[gate.fast]
test = flagger_check
metric = p99
check = request_duration
max = 2500ms
[hook.smoke]
[policy.shop]
controller = flagger
interval = 90s
threshold = 7
step_weights = 1%, 5%, 20%
metrics = ok, fast
pre_rollout = smoke
INI
    coalmine export mine.ini --new -q >new.yaml
    coalmine import new.yaml -q >again
    for line in 'interval = 1m30s' 'threshold = 7' 'step_weights = 1%, 5%, 20%' 'min = 99.5%' \
        'max = 2500ms' 'window = 2m' 'pre_rollout = smoke'; do
        grep -q "^$line" again
    done
    sed -i 's/^controller = flagger/controller = steps/; /^interval/d; /^threshold/d' mine.ini
    sed -i '/^step_weights/d; /^metrics/d; /^pre_rollout/d' mine.ini
    run -3 coalmine export mine.ini --new -q
    says "for flagger only"
}

@test "a manifest that is changed keeps its mode, and a link is left alone" {
    imported
    chmod 640 canary.yaml
    coalmine export canary.ini --into canary.yaml -q --write --set policy.imported.threshold=9
    [[ $(stat -c %a canary.yaml) == 640 ]]
    ln -s canary.yaml link.yaml
    run -1 coalmine export canary.ini --into link.yaml -q --write
    says "'link.yaml' is a link"
    [[ -L link.yaml ]]
}
