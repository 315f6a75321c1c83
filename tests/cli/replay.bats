#!/usr/bin/env bats
# coalmine replay: a policy against a recorded release.
load common

@test "a recorded release is read by a policy, and its end is told" {
    cd "$TOP"
    run -0 --separate-stderr coalmine replay scenarios/data/release-41.csv \
        --scenario scenarios/quickstart.ini --policy evidence -q
    [[ -z $stderr && $output == *"Rolled back at 00:20:00, in step 3 by gate origin"* ]]
    [[ $output != *"false rollback"* ]]
    coalmine replay scenarios/data/release-41.csv --scenario scenarios/quickstart.ini \
        --policy evidence -q --format jsonl | tail -n 1 |
        jq -e '.end == "rolled_back" and .false_rollback == null'
}

@test "what is missing, or wrong, is named" {
    run -2 coalmine replay
    says "which table?"
    run -2 coalmine replay x.csv
    says "which scenario has the policy?"
    shop
    printf 'time,errors.canary\n0,x\n' >x.csv
    run -3 coalmine replay x.csv --scenario shop.ini
    says "x.csv:2: a cell"
    printf 'time,other.canary\n0,1\n' >x.csv
    run -3 coalmine replay x.csv --scenario shop.ini
    says "a metric that the scenario does not have"
    run -2 coalmine replay x.csv --scenario shop.ini --policy theirs
    says "theirs"
}

@test "more errors than requests are refused" {
    shop
    printf 'time,errors.canary.requests,errors.canary.errors\n60,10,1\n120,1,5\n' >table.csv
    run -3 coalmine replay table.csv --scenario shop.ini
    [[ $output == *"table.csv:3: the row has more errors than requests"* ]]
}
