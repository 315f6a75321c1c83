#!/usr/bin/env bats
# coalmine solve: questions without a scenario.
load common

@test "every question has help, and an answer that programs can read" {
    for q in $(coalmine solve --help | awk '/^  [a-z]+ +[A-Z]/ {print $1}'); do
        coalmine solve "$q" --help | grep -q "coalmine solve $q"
    done
    run -0 coalmine solve design --format csv
    [[ ${lines[0]} == look,information,boundary_z,* && ${#lines[@]} == 6 ]]
    coalmine solve sample --base 0.1% --effect +0.5pp --format json | jq -e '.[3].power == 0.95'
}

@test "a bake is told with its traffic, its effect and its power" {
    run -0 --separate-stderr coalmine solve bake --rate "30 rps" --weight 1% --base 0.1% \
        --effect +0.5pp --power 95%
    [[ -z $stderr && $output == *"Bake for 1h49m at 1.0 % of 30 rps"* ]]
}

@test "what is missing is named all at once, what is wrong with its option" {
    run -2 coalmine solve bake --rate "30 rps"
    [[ $output == *"needs --weight, --base, --effect"* ]]
    run -2 coalmine solve bake --rate 30
    [[ $output == *"--rate: "*"30 rps"* ]]
    run -2 coalmine solve bake --rat 30
    [[ $output == *"did you mean '--rate'"* ]]
    [[ $output == *"listed by: coalmine solve bake --help"* ]]
    run -2 coalmine solve bkae
    [[ $output == *"did you mean 'bake'"* ]]
    run -2 coalmine solve
    [[ $output == *"needs a question"* ]]
    run -2 coalmine solve sample --base 1% --effect -0.5pp
    [[ $output == *"has to be above the base"* ]]
}

@test "numbers past what can be counted are told or refused, never wrong" {
    run -0 coalmine solve sample --base 50% --effect +0.0000000000001pp
    [[ $output == *"Let a look count from "*e+* && $output != *"from 0 requests"* ]]
    run -0 coalmine solve metric --rate "100 rps" --quantile 99.9999%
    [[ $output == *"p99.9999 over 1m"* && $output != *"p100"* ]]
    for q in "delay --cold-start 1d --window 1d" "threshold --interval 1h"; do
        # shellcheck disable=SC2086 # words are meant
        run -2 coalmine solve $q --rate "1000000 rps" --weight 100% --base 1%
        [[ $output == *"requests in a window"*"at most 1e+07"* ]]
    done
    run -2 coalmine solve metric --rate "1000000 rps" --window 1d \
        --latency "exponential(mean=100ms)" --limit 500ms
    [[ $output == *"at most 1e+06"* ]]
}
