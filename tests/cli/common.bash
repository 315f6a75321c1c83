# What the command line tests share. Every test runs in a folder of its own; coalmine is the binary
# under test. GOLDEN=update bats tests/cli writes the goldens anew: look at what changed.
# shellcheck shell=bash
bats_require_minimum_version 1.5.0
TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
COALMINE=${COALMINE:-$TOP/build/coalmine}
[[ $COALMINE == /* ]] || COALMINE=$TOP/$COALMINE

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

coalmine() {
    "$COALMINE" "$@"
}

# A small study: one policy, one defect; quick to simulate.
shop() {
    cat >"${1:-shop.ini}" <<'INI'
; a shop with a gate
[scenario]
replications = 40
horizon = 30m
[traffic]
rate = 100 rps
[defect.error-spike]
error_rate = +5pp
[metric.errors]
signal = error_ratio
window = 1m
[gate.success]
test = threshold
metric = errors
max = 1%
failures = 3
[policy.ours]
controller = steps
steps = 10%/5m, 100%
gates = success
INI
}

# $output against tests/golden/NAME.
golden() {
    local file=$TOP/tests/golden/$1
    [[ ${GOLDEN-} != update ]] || printf '%s\n' "$output" >"$file"
    diff "$file" <(printf '%s\n' "$output")
}

says() { # text: it is part of what was said
    [[ $output$'\n'${stderr-} == *"$1"* ]] || {
        printf 'not said: %s\nsaid: %s\n%s\n' "$1" "$output" "${stderr-}"
        return 1
    }
}
