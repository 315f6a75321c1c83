#!/usr/bin/env bats
# coalmine run --rare: rates that are too small to be counted.
load common

@test "a rate is estimated for every policy, with what tells whether to believe it" {
    shop
    run -0 --separate-stderr coalmine run shop.ini --rare --replications 400 -q --format csv
    [[ ${lines[0]} == policy,false_rollback,* && ${lines[1]} == ours,* && -z $stderr ]]
    coalmine run shop.ini --rare --replications 400 -q -j1 --format csv >one
    coalmine run shop.ini --rare --replications 400 -q -j2 --format csv >two
    cmp one two
}

@test "what moves the healthy error ratio is refused" {
    shop
    run -3 coalmine run shop.ini --rare --set environment.drift=0.2
    says "--rare: drift moves the healthy error ratio"
    run -2 coalmine run shop.ini --rare --out here
    says "--rare writes to standard output only"
}
