#!/usr/bin/env bats
# The same bytes come out whatever the number of threads, the compiler and its optimisation.
load common

sum() { # binary, option of threads
    "$1" run "$TOP/scenarios/quickstart.ini" --replications 600 --format csv "$2" | sha256sum
}

variant() { # compiler, level: prints where it was built
    local build=build/variants/$1$2
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$TOP" BUILD="$build" CC="$1" OPT="$2" all >&2
    echo "$TOP/$build/coalmine"
}

@test "any number of threads" {
    one=$(sum "$COALMINE" -j1)
    [[ -n $one ]]
    [[ $(sum "$COALMINE" -j2) == "$one" ]]
    [[ $(sum "$COALMINE" -j3) == "$one" ]]
}

@test "gcc without optimisation" {
    [[ $(sum "$(variant gcc -O0)" -j2) == "$(sum "$COALMINE" -j2)" ]]
}

@test "clang with much of it" {
    [[ $(sum "$(variant clang -O3)" -j2) == "$(sum "$COALMINE" -j2)" ]]
}
