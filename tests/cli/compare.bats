#!/usr/bin/env bats
# coalmine compare: policies against each other on the same releases.
load common

two() { # a policy that forgives more than the other
    shop
    printf '[gate.strict]\ntest = threshold\nmetric = errors\nmax = 1%%\nfailures = 1\n' >>shop.ini
    printf '[policy.theirs]\nextends = ours\ngates = strict\n' >>shop.ini
}

@test "the same policy differs from itself by nothing" {
    shop
    printf '[policy.twin]\nextends = ours\n' >>shop.ini
    coalmine compare shop.ini -q --format json >told
    jq -e '.fair and all(.shares[]; .difference == 0) and all(.amounts[]; .difference == 0)' told
    jq -e 'all(.amounts[]; .times_fewer == 1)' told
}

@test "an unfair comparison says so, and its differences are those of the means" {
    two
    run -0 --separate-stderr coalmine compare shop.ini -q --replications 2000
    [[ -z $stderr && $output == *"Against ours"*"not a fair comparison"* ]]
    coalmine compare shop.ini -q --replications 2000 --format json >told
    jq -e '.fair | not' told
    jq -e 'all(.shares[]; (.this_policy - .reference - .difference | fabs) < 1e-12)' told
    coalmine run shop.ini -q --replications 2000 --format csv >rows
    want=$(grep theirs rows | awk -F, '$6 == "blast_radius.failures" && $7 == "mean" {print $8}')
    jq -e --argjson want "$want" \
        'any(.amounts[]; .what == "failures" and (.this_policy - $want | fabs) < 1e-9)' told
}

@test "policies are equalised by gates of their own" {
    two
    run -0 coalmine compare shop.ini -q --equalise --replications 300 --false-rollback 5%
    [[ $output == *"ours with gate.success.failures = "*"theirs with gate.strict.failures = "* ]]
    printf '[policy.third]\nextends = ours\n' >>shop.ini
    run -2 coalmine compare shop.ini -q --equalise
    says "ask the same gate 'success'"
    run -2 coalmine compare shop.ini -q --against nobody
    says "the study has no policy 'nobody'"
}

@test "--equalise leaves JSON to programs" {
    two
    coalmine compare shop.ini -q --equalise --replications 100 --format json >told 2>said
    jq -e .shares told
    grep -q "ours with gate.success.failures = " said
}
