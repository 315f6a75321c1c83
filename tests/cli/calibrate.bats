#!/usr/bin/env bats
# coalmine calibrate: the value that gives a rate of false rollbacks, and where it goes.
load common

calibrated() { # rate: a small shop whose gate adds up evidence
    shop
    sed -i 's/^test = threshold/test = origin_mixture/; /^max/d; s/^failures.*/alpha = 1% ; mine/
        s/success/origin/' shop.ini
    coalmine calibrate shop.ini --replications 400 -q "$@"
}

@test "the value, its rate on other seeds and what it detects are told" {
    run -0 --separate-stderr calibrated --false-rollback 2%
    [[ -z $stderr && $output == *"gate.origin.alpha = "*"policy ours rolls back"*"healthy"* ]]
    [[ $output == *"error-spike"* ]]
}

@test "--write replaces the value and nothing else" {
    calibrated --false-rollback 5% >told
    cp shop.ini before
    coalmine calibrate shop.ini --replications 400 -q --false-rollback 5% --write >again
    cmp told again
    run -1 diff before shop.ini
    [[ ${#lines[@]} == 4 && ${lines[3]} == "> alpha = "*"% ; mine" ]]
}

@test "--out makes a scenario of its own and replaces none" {
    calibrated --out new.ini >/dev/null
    coalmine check new.ini
    grep -q '^alpha = .*% .*; --set' new.ini
    run -1 calibrated --out new.ini
    [[ $output == *"is there already"* ]]
}

@test "what cannot be calibrated is said" {
    run -2 calibrated --gate orgin
    [[ $output == *"did you mean 'origin'"* ]]
    run -2 calibrated --policy theirs
    [[ $output == *"no policy 'theirs'"* ]]
    run -2 calibrated --false-rollback 1
    [[ $output == *"--false-rollback"* ]]
}

@test "a value that cannot be written is said before anything is played" {
    shop
    touch there.ini
    run -1 timeout 5 "$COALMINE" calibrate shop.ini -q --replications 100000000 --out there.ini
    [[ $output == *"is there already"* ]]
    cp "$TOP/tests/interop/manifests/canary.yaml" .
    run -2 timeout 5 "$COALMINE" calibrate canary.yaml -q --write --replications 100000000
    [[ $output == *"'canary.yaml' is a manifest"* ]]
}

@test "a limit that is not written has no range to be sought in" {
    cp "$TOP/tests/interop/manifests/canary.yaml" .
    run -2 coalmine calibrate canary.yaml -q --gate request-success-rate --option max
    [[ $output == *"gate.request-success-rate.max is none or 0"* ]]
}

@test "a line that --write adds ends as the others do" {
    calibrated >/dev/null
    sed -i '/^alpha/d; s/$/\r/' shop.ini
    coalmine calibrate shop.ini --replications 400 -q --false-rollback 5% --write >/dev/null
    grep -q $'^alpha = .*%\r$' shop.ini
    run -1 grep -v $'\r$' shop.ini
}
