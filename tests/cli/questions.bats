#!/usr/bin/env bats
# coalmine questions: what people ask, and the commands that answer. What these print is held by
# tests/questions/run.
load common

@test "all questions are listed with their files and commands" {
    run -0 --separate-stderr coalmine questions
    [[ -z $stderr ]]
    says "  1  How long must I bake at 1 % with 30 rps to see +0.5 pp errors?"
    says "     scenarios/questions/q01-bake-at-one-percent.ini"
    says "       coalmine run scenarios/questions/q01-bake-at-one-percent.ini"
    [[ $(grep -cE '^ *[0-9]+  .*\?$' <<<"$output") -ge 20 ]]
}

@test "one question shows its answer and how it was checked, in any format" {
    run -0 coalmine questions 5
    says "5. What is the chance that a bad release is promoted?"
    says "Checked: "
    [[ $output != *"6. "* ]]
    run -0 coalmine questions 5 --format markdown
    says "## 5. What is the chance"
    coalmine questions 5 --format json | jq -e '.[0].number == 5 and .[0].exit == 0'
}

@test "its commands run from any folder, and may end as the question says" {
    run -0 coalmine questions 9 --run
    says "Rolled back at 00:04:00"
    run -0 coalmine questions 20 --run
    says '$ coalmine judge scenarios/questions/data/gaps-control.csv'
    says "High."
}

@test "what is not there is named" {
    run -2 coalmine questions 99
    says "there is no question '99' (from 1 to "
    run -2 coalmine questions 5x
    run -2 coalmine questions 5 6
    says "got '5' and '6'"
    run -2 coalmine questions --run
    says "--run needs the number of a question"
}
