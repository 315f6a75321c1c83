#!/usr/bin/env bats
# coalmine run: data on stdout, talk on stderr, exit codes, files.
load common

@test "a report goes to stdout, and nothing else does" {
    shop
    run -0 --separate-stderr coalmine run shop.ini
    [[ -n $output && -z $stderr ]]
    says 'a shop with a gate'
    says 'error-spike'
}

@test "every format is what it says" {
    shop
    coalmine run shop.ini --format table >said
    coalmine run shop.ini >default
    cmp said default
    coalmine run shop.ini --format json | jq -e . >/dev/null
    coalmine run shop.ini --format csv >rows
    [[ $(wc -l <rows) -gt 5 ]]
    coalmine run shop.ini --format markdown | grep -q '^|'
}

@test "threads change nothing; the seed does" {
    shop
    coalmine run shop.ini --format csv -j 1 >one
    coalmine run shop.ini --format csv -j 3 >three
    coalmine run shop.ini --format csv --threads=2 >two
    cmp one three
    cmp one two
    coalmine run shop.ini --format csv --seed 2 >other
    run -1 cmp -s one other
}

@test "--set, --replications, --quick and --seed replace what the file says, the last one wins" {
    shop
    coalmine run shop.ini --format json --set scenario.replications=50 >a
    coalmine run shop.ini --format json --quick --replications 50 >b
    diff <(jq 'del(.. | .command?)' a) <(jq 'del(.. | .command?)' b)
    grep -q -- '--set scenario.replications=50' a
    coalmine run shop.ini --format csv --set gate.success.max=50% >lax
    coalmine run shop.ini --format csv >strict
    run -1 cmp -s lax strict
}

@test "--flow chooses how traffic is drawn; neither flow depends on threads" {
    shop
    coalmine run shop.ini --format csv >by-default
    coalmine run shop.ini --format csv --flow counts >counted
    cmp by-default counted
    coalmine run shop.ini --format csv --flow requests -j 1 >drawn
    run -1 cmp -s counted drawn
    coalmine run shop.ini --format csv --flow requests -j 3 | cmp - drawn
    run -0 coalmine run shop.ini --flow requests
    says 'requests flow'
    says 'coalmine run --flow requests shop.ini'
    says 'Every request is drawn.'
    run -0 coalmine run shop.ini --set service.latency_load=500
    says 'Every request is drawn: latency depends on the requests in flight (latency_load).'
    run -2 coalmine run shop.ini --flow request
    says "did you mean 'requests'?"
    run -3 coalmine run shop.ini --flow counts --set service.latency_load=500
    says 'use requests or auto'
}

@test "a value that cannot be set is shown as it was given, with exit status 3" {
    shop
    run -3 --separate-stderr coalmine run shop.ini --set policy.ours.look_every=5
    [[ -z $output ]]
    says '--set policy.ours.look_every=5'
    says 'a unit is needed'
    run -3 coalmine run shop.ini --set policy.ours.look_evry=5s
    says "did you mean 'look_every'?"
    run -3 coalmine run shop.ini --set polcy.ours.look_every=5s
    run -3 coalmine run shop.ini --set nonsense
    run -3 coalmine run shop.ini --set =
    run -3 coalmine run shop.ini --set ''
}

@test "a scenario with mistakes is not run" {
    shop
    echo 'oops' >>shop.ini
    run -3 --separate-stderr coalmine run shop.ini
    [[ -z $output ]]
    says 'shop.ini:21:1'
    says 'nothing was run'
    run -3 coalmine run nowhere.ini
    run -3 coalmine run .
}

@test "mistakes on the command line are named, with the nearest option and exit status 2" {
    shop
    run -2 --separate-stderr coalmine run
    [[ -z $output ]]
    says 'which scenario?'
    run -2 coalmine run --sede 3 shop.ini
    says "unknown option '--sede' (did you mean '--seed'?)"
    says 'coalmine help run'
    run -2 coalmine run --see 3 shop.ini
    run -2 coalmine run -x shop.ini
    says "unknown option '-x'"
    run -2 coalmine run shop.ini --seed
    says "option '--seed' needs a value: --seed S"
    run -2 coalmine run shop.ini -qj
    says "option '-j' needs a value: -j N"
    run -2 coalmine run shop.ini --quick=yes
    says 'takes no value'
    run -2 coalmine run shop.ini other.ini
    says "runs one scenario, but got 'shop.ini' and 'other.ini'"
}

@test "a study that memory cannot hold is refused before it begins" {
    shop
    run -3 --separate-stderr coalmine run shop.ini --replications 1000M
    [[ -z $output ]]
    says 'what 1000M replications come to takes '
    [[ $stderr =~ --replications\ [0-9.]+M\ would\ fit ]]
    run -3 timeout 10 "$COALMINE" run shop.ini --set scenario.replications=1000M --out results
    [[ ! -e results ]]
}

@test "values of options are checked" {
    shop
    local bad
    for bad in 0 -1 1.5 1e9 x '' 99999999999999999999; do
        run -2 coalmine run shop.ini -j "$bad"
        says 'a number of threads is between 1 and'
    done
    for bad in 0 -5 1.5 x '' 5s 1e300; do
        run -2 coalmine run shop.ini --replications "$bad"
        says '--replications:'
    done
    run -2 coalmine run shop.ini --seed -1
    run -2 coalmine run shop.ini --format jsn
    says "there is no 'jsn' (did you mean 'json'?)"
    run -2 coalmine run shop.ini --format xml
    says 'one of: table, markdown, html, csv, json'
    run -2 coalmine run shop.ini --progress bars
    says "did you mean 'bar'?"
}

@test "--out writes every format and the scenario that made them" {
    shop
    run -0 --separate-stderr coalmine run shop.ini --out results --format csv
    says 'Results are in results'
    [[ $(cd results && echo *) == \
        'report.csv report.html report.json report.md report.txt scenario.ini' ]]
    diff results/report.csv <(printf '%s\n' "$output")
    jq -e . results/report.json >/dev/null
    coalmine check results/scenario.ini
}

@test "--out takes the same study again but not another one" {
    shop
    coalmine run shop.ini --out results -q >/dev/null
    coalmine run shop.ini --out results -q -j 1 >/dev/null
    cp -r results before
    run -2 --separate-stderr coalmine run shop.ini --out results --seed 7
    [[ -z $output ]]
    says "'results' holds the results of another scenario"
    diff -r before results
    mkdir empty
    coalmine run shop.ini --out empty -q >/dev/null
    [[ -s empty/report.json ]]
}

@test "a folder that cannot be used is refused before anything is run" {
    shop
    : >file
    run -2 --separate-stderr coalmine run shop.ini --out file --replications 500k
    [[ -z $output ]]
    says "'file' is a file, not a folder"
    run -2 coalmine run shop.ini --out a/b/c --replications 500k
    says "cannot make the folder 'a/b/c'"
    run -2 coalmine run shop.ini --out '' --replications 500k
    run -2 coalmine run shop.ini --out /proc/x --replications 500k
}

@test "the report names what changes its numbers, and nothing else" {
    shop
    coalmine run shop.ini --format json -j 1 --out "a b" -q >one
    coalmine run shop.ini --format json -j 2 >two
    cmp one two
    coalmine run shop.ini --format json --set "traffic.rate=200 rps" | jq -r .. >words
    grep -qF "coalmine run --set 'traffic.rate=200 rps' shop.ini" words
}

@test "a scenario can come from standard input" {
    shop
    coalmine run - --format csv <shop.ini >a
    coalmine run shop.ini --format csv >b
    [[ $(wc -l <a) -eq $(wc -l <b) ]]
}

@test "warnings and progress go to stderr, and --quiet keeps them away" {
    shop
    sed -i '/^gates/d' shop.ini
    run -0 --separate-stderr coalmine run shop.ini
    says 'warning'
    run -0 --separate-stderr coalmine run -q shop.ini
    [[ -z $stderr ]]
    echo oops >>shop.ini
    run -3 --separate-stderr coalmine run -q shop.ini
    says 'error'
}

@test "a bar is drawn where asked for, and taken away" {
    shop
    run -0 --separate-stderr coalmine run --progress bar --replications 20k shop.ini
    [[ -z $stderr || ($stderr == *'% left'* || $stderr == *' left'*) ]]
    [[ -z $stderr || $stderr == *$'\r\033[K' ]]
    run -0 --separate-stderr coalmine run --progress none --replications 2k shop.ini
    [[ -z $stderr ]]
}

@test "what cannot be written is exit status 1" {
    shop
    run -1 bash -c "'$COALMINE' run shop.ini >/dev/full"
    says 'cannot write to standard output: No space left on device'
    run -1 bash -c "'$COALMINE' run shop.ini >&-"
    says 'cannot write to standard output'
}

@test "a reader that leaves early is no error" {
    shop
    for format in table csv json; do
        run -0 bash -c "set -o pipefail
            '$COALMINE' run shop.ini --format $format | head -c 1 >/dev/null"
        [[ -z $output ]]
        run -0 bash -c "set -o pipefail; '$COALMINE' run shop.ini --format $format | true"
        [[ -z $output ]]
    done
}

@test "an interrupt stops with exit status 5 and reports nothing" {
    shop
    run -5 --separate-stderr timeout --preserve-status -s INT 1 "$COALMINE" run shop.ini \
        --replications 500k --out results
    [[ -z $output ]]
    says 'interrupted; nothing was reported'
    [[ ! -e results ]]
    mkdir results
    run -5 timeout --preserve-status -s INT 1 "$COALMINE" run shop.ini --replications 500k \
        --out results
    [[ -d results && -z $(ls -A results) ]]
    run -5 timeout --preserve-status -s TERM 1 "$COALMINE" run shop.ini --replications 500k -q
}
