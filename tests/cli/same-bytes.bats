#!/usr/bin/env bats
# The same bytes come out whatever the number of threads, the compiler and its optimisation, in both
# flows and under both monitors. `make check-all` compares more builds and more replications.
load common

[[ ${CM_TEST_SIZE-} == large ]] && REPLICATIONS=4000 || REPLICATIONS=600

rows() { # binary, options: a run that fails is equal to nothing
    "$1" run "$TOP/scenarios/quickstart.ini" -q --format csv "${@:2}" || echo "failed $RANDOM"
}

sum() { # binary, option of threads
    {
        rows "$1" "$2" --replications "$REPLICATIONS"
        rows "$1" "$2" --replications "$((REPLICATIONS / 20))" --set scenario.flow=requests
        rows "$1" "$2" --replications "$((REPLICATIONS / 20))" --set telemetry.monitor=prometheus \
            --set telemetry.scrape_jitter=2s --set telemetry.scrape_loss=5% --set pods.canary=3
    } | sha256sum
}

variant() { # compiler, level: prints where it was built
    local build=build/variants/$1$2
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP" BUILD="$build" CC="$1" OPT="$2" all >&2
    echo "$TOP/$build/coalmine"
}

@test "any number of threads" {
    one=$(sum "$COALMINE" -j1)
    [[ $(rows "$COALMINE" --quick | wc -l) -gt 10 ]]
    [[ $(sum "$COALMINE" -j2) == "$one" ]]
    [[ $(sum "$COALMINE" -j3) == "$one" ]]
}

@test "gcc without optimisation" {
    [[ $(sum "$(variant gcc -O0)" -j2) == "$(sum "$COALMINE" -j2)" ]]
}

@test "clang with much of it" {
    [[ $(sum "$(variant clang -O3)" -j2) == "$(sum "$COALMINE" -j2)" ]]
}

@test "gcc with much of it, clang without" {
    [[ ${CM_TEST_SIZE-} == large ]] || skip "only in make check-all"
    [[ $(sum "$(variant gcc -O3)" -j2) == "$(sum "$COALMINE" -j2)" ]]
    [[ $(sum "$(variant clang -O0)" -j2) == "$(sum "$COALMINE" -j2)" ]]
}
