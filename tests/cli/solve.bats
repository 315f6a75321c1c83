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
    run -2 coalmine solve bkae
    [[ $output == *"did you mean 'bake'"* ]]
    run -2 coalmine solve
    [[ $output == *"needs a question"* ]]
    run -2 coalmine solve sample --base 1% --effect -0.5pp
    [[ $output == *"has to be above the base"* ]]
}
