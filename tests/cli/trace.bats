#!/usr/bin/env bats
# coalmine trace: one rollout, told; the same one that run plays.
load common

ends() { # release: how each of the 40 replications ends, by trace
    for i in {0..39}; do
        coalmine trace shop.ini --release "$1" --replication "$i" --format jsonl | tail -n 1
    done | jq -r .end
}

@test "a replication of the quickstart is told as before" {
    cd "$TOP"
    run -0 --separate-stderr coalmine trace scenarios/quickstart.ini --replication 3 -q
    [[ -z $stderr ]]
    golden trace.txt
}

@test "data go to stdout, warnings to stderr, and --quiet keeps them away" {
    shop
    sed -i '/^gates/d' shop.ini
    run -0 --separate-stderr coalmine trace shop.ini
    [[ $stderr == *warning* && $output != *warning* ]]
    run -0 --separate-stderr coalmine trace shop.ini -q
    [[ -z $stderr && $output == *Outcome* ]]
}

@test "without options it is the first policy, the first defect, replication 0" {
    shop
    printf '[defect.other]\nerror_rate = +1pp\n[policy.theirs]\nextends = ours\n' >>shop.ini
    coalmine trace shop.ini --format jsonl | jq -c 'del(.command)' >default
    coalmine trace shop.ini --policy ours --release error-spike --replication 0 --format jsonl |
        jq -c 'del(.command)' >said
    cmp default said
    [[ $(head -n 1 default | jq -r .release) == error-spike ]]
    coalmine trace shop.ini --policy theirs --release other --format jsonl | head -n 1 |
        jq -e '.policy == "theirs" and .release == "other" and .harmless == false'
    coalmine trace shop.ini --release healthy --format jsonl | head -n 1 |
        jq -e '.release == "healthy" and .harmless'
}

@test "a scenario without defects plays the healthy release" {
    shop
    sed -i '/^\[defect/,/^error_rate/d' shop.ini
    coalmine trace shop.ini -q | grep -q 'release healthy under policy ours'
    run -2 coalmine trace shop.ini --release error-spike
    says "there is no 'error-spike' (one of: healthy)"
}

@test "replication I of trace is replication I of run" {
    shop
    coalmine run shop.ini --format csv -q >rows
    for release in healthy error-spike; do
        for how in promoted rolled_back timed_out; do
            share=$(awk -F, -v r="$release" -v h="$how" \
                '$5 == r && $6 == "ends" && $7 == h { print $8 * 40 }' rows)
            [[ $share == "$(ends $release | grep -cx $how || true)" ]]
        done
    done
    mean=$(awk -F, '$5 == "error-spike" && $6 == "blast_radius.failures.rollout" && $7 == "mean" {
        print $8 * 40 }' rows)
    sum=$(for i in {0..39}; do
        coalmine trace shop.ini --replication "$i" --format jsonl | tail -n 1
    done | jq .during_rollout.failures | awk '{ sum += $1 } END { print sum }')
    [[ $mean == "$sum" ]]
}

@test "jsonl is one valid object a line, without NaN" {
    shop
    coalmine trace shop.ini --format jsonl >events
    jq -es 'length > 5' events
    python3 - events <<'PY'
import json, sys
def refuse(word): raise ValueError(word)
rows = [json.loads(line, parse_constant=refuse) for line in open(sys.argv[1])]
assert rows[0]["schema_version"] == 1 and rows[0]["event"] == "rollout"
assert rows[-1]["event"] == "outcome" and rows[-1]["end"] == "rolled_back"
times = [row["at_s"] for row in rows[1:-1]]
assert times == sorted(times)
looks = [row for row in rows if row["event"] == "look"]
assert len(looks) == rows[-1]["evaluations"] > 0
assert looks[-1]["label"] == "fail" and looks[-1]["value"] > looks[-1]["limit"] == 0.01
assert looks[-1]["low"] is None
PY
}

@test "folding can be turned off" {
    shop
    coalmine trace shop.ini --release healthy --set gate.success.max=90% -q >folded
    coalmine trace shop.ini --release healthy --set gate.success.max=90% -q --all >all
    grep -q '20 looks passed, every 15s' folded
    run -1 grep -q 'looks passed' all
    [[ $(grep -c ' success  pass ' folded) -eq 1 && $(grep -c ' success  pass ' all) -eq 20 ]]
}

@test "the odd one is found, and the line in its header shows it again" {
    shop
    run -0 coalmine trace shop.ini -q --find false-rollback --set gate.success.max=0%
    says 'release healthy'
    says 'A false rollback: the'
    line=$(sed -n 's/^    coalmine //p' <<<"$output")
    [[ $line == *'--release healthy --replication '* ]]
    again=$(eval "coalmine $line -q")
    [[ $again == "$output" ]]
    first=$(ends error-spike | grep -nx rolled_back | head -n 1 | cut -d : -f 1)
    run -0 coalmine trace shop.ini --find rolled_back
    says "replication $((first - 1)):"
    run -0 coalmine trace shop.ini --find detected --replication 7
    says "replication 7:"
}

@test "what is not found is exit status 1, with nothing on stdout" {
    shop
    run -1 --separate-stderr coalmine trace shop.ini --find paused
    [[ -z $output ]]
    says '--find paused: no replication from 0 on, of 40, ends so'
    run -1 coalmine trace shop.ini --find rolled_back --replication 40
}

@test "what cannot be found is a mistake" {
    shop
    run -2 --separate-stderr coalmine trace shop.ini --find false_rollback --release error-spike
    [[ -z $output ]]
    says '--find false_rollback: release error-spike is bad'
    run -2 coalmine trace shop.ini --find missed --release healthy
    says '--find missed: release healthy is harmless'
    run -2 coalmine trace shop.ini --find promotd
    says "there is no 'promotd' (did you mean 'promoted'?)"
}

@test "unknown names are answered with the nearest and exit status 2" {
    shop
    run -2 --separate-stderr coalmine trace shop.ini --policy uors
    [[ -z $output ]]
    says "--policy: there is no 'uors' (did you mean 'ours'?)"
    run -2 coalmine trace shop.ini --release error-spkie
    says "--release: there is no 'error-spkie' (did you mean 'error-spike'?)"
    run -2 coalmine trace shop.ini --release nonsense
    says '(one of: healthy, error-spike)'
    run -2 coalmine trace shop.ini --format json
    says "there is no 'json' (did you mean 'jsonl'?)"
    run -2 coalmine trace shop.ini --polcy ours
    says "unknown option '--polcy' (did you mean '--policy'?)"
    for bad in -1 1.5 x '' 1e300; do
        run -2 coalmine trace shop.ini --replication "$bad"
        says 'replications are numbered from 0'
    done
    run -2 coalmine trace
    says 'which scenario? (coalmine trace FILE'
    run -2 coalmine trace shop.ini other.ini
    says "traces one scenario, but got 'shop.ini' and 'other.ini'"
    run -3 coalmine trace nowhere.ini
}

@test "--seed, --set and --flow act as in run" {
    shop
    coalmine trace shop.ini >one
    for option in '--seed 2' '--set scenario.seed=2'; do
        # shellcheck disable=SC2086 # words
        coalmine trace shop.ini $option >two
        run -1 cmp -s one two
    done
    coalmine trace shop.ini --flow requests | grep -q 'requests flow'
    run -2 coalmine trace shop.ini --flow count
    says '--flow:'
    run -3 coalmine trace shop.ini --set policy.ours.look_every=5
}

@test "a scenario can come from standard input" {
    shop
    coalmine trace - --format jsonl <shop.ini | tail -n 1 >a
    coalmine trace shop.ini --format jsonl | tail -n 1 >b
    cmp a b
}

@test "a reader that leaves early is no error, a full disk is" {
    shop
    for format in text jsonl; do
        run -0 bash -c "set -o pipefail
            '$COALMINE' trace shop.ini -q --format $format | head -c 1 >/dev/null"
        [[ -z $output ]]
        run -1 bash -c "'$COALMINE' trace shop.ini -q --format $format >/dev/full"
        says 'cannot write to standard output: No space left on device'
    done
}

@test "a controller's sentences are told with their numbers, and repeated ones folded" {
    local file=$TOP/scenarios/policies/flagger-docs.ini
    run -0 --separate-stderr coalmine trace "$file" --policy docs \
        --release broken -q --format jsonl
    jq -r 'select(.event == "say").sentence' <<<"$output" >said
    [[ $(head -n 1 said) == "New revision detected! Scaling up app" ]]
    grep -qx 'Advance app canary weight 5' said
    [[ $(grep -cE '^Halt app advancement success rate [0-9.]+% < 99%$' said) == 5 ]]
    grep -qx 'Rolling back app failed checks threshold reached 5' said
    run -0 --separate-stderr coalmine trace "$file" --policy docs \
        --release broken -q
    [[ $output == *"5 looks said fail"* ]]
}
