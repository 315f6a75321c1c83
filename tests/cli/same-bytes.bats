#!/usr/bin/env bats
# The same bytes come out whatever the number of threads, the compiler and its optimisation, in both
# flows. `make check-all` compares more builds and more replications.
load common

[[ ${CM_TEST_SIZE-} == large ]] && REPLICATIONS=4000 || REPLICATIONS=600

sum() { # binary, option of threads
    {
        "$1" run "$TOP/scenarios/quickstart.ini" -q --replications $REPLICATIONS --format csv "$2"
        "$1" run "$TOP/scenarios/quickstart.ini" -q --replications $((REPLICATIONS / 20)) \
            --set scenario.flow=requests --format csv "$2"
    } | sha256sum
}

variant() { # compiler, level: prints where it was built
    local build=build/variants/$1$2
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP" BUILD="$build" CC="$1" OPT="$2" all >&2
    echo "$TOP/$build/coalmine"
}

@test "any number of threads" {
    one=$(sum "$COALMINE" -j1)
    [[ $("$COALMINE" run "$TOP/scenarios/quickstart.ini" -q --quick --format csv | wc -l) -gt 10 ]]
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
