#!/usr/bin/env bats
# coalmine judge: two arrays of the user's own.
load common

arrays() {
    printf '%s\n' ms {1..8} >control.csv
    printf '%s\n' time,ms 0,9 1,10 2,11 3, 4,12 5,13 6,14 7,15 >canary.csv
}

@test "numbers behind a verdict are those of the test" {
    arrays
    sed -i 's/^ms$//' control.csv
    # All 7 values of the canary are above the 8 of the control: U = 56, D+ = 1.
    run -1 --separate-stderr coalmine judge control.csv canary.csv --gate mann_whitney --format csv
    [[ -z $stderr && $output == *"U,56"* && $output == *"values of the canary,7"* ]]
    [[ $output == *"shift (Hodges and Lehmann),7.5"* ]]
    run -1 coalmine judge control.csv canary.csv --gate ks --format csv
    [[ $output == *"D+ (the canary is higher),1"* ]]
}

@test "exit status says whether it passes" {
    arrays
    coalmine judge control.csv control.csv --gate mann_whitney
    run -1 coalmine judge control.csv canary.csv --gate mann_whitney
    [[ $output == *"Fail: p is"* ]]
    coalmine judge control.csv canary.csv --gate ks --alpha 0.0001%
}

@test "what is wrong is named" {
    arrays
    run -2 coalmine judge control.csv
    says "which files?"
    run -2 coalmine judge control.csv canary.csv --gate welsh
    says "did you mean 'welch'"
    run -3 coalmine judge control.csv canary.csv --column ms2
    says "there is no column 'ms2'"
    echo abc >>control.csv
    run -3 coalmine judge control.csv canary.csv --gate mann_whitney
    says "control.csv:10:"
    run -2 coalmine judge control.csv canary.csv --gate ks --alpha 2
    says "--alpha"
}

@test "Kayenta's judge shows its interval, its tolerance and its effect size" {
    arrays
    run -1 coalmine judge control.csv canary.csv --format csv
    [[ $output == *"High if it is wholly above"* && $output == *"effect size,2.6"* ]]
    run -0 coalmine judge control.csv canary.csv --direction decrease
    [[ $output == *"  Pass."* ]]
    run -0 coalmine judge control.csv canary.csv --allowed-increase 3
}

@test "an array without a value neither passes nor fails" {
    printf '1\n2\n3\n' >some.csv
    printf 'x\nNaN\n' >none.csv
    for gate in mann_whitney ks welch; do
        run -0 coalmine judge --gate $gate some.csv none.csv
        [[ $output == *"No data: the test needs "* && $output != *Pass* ]]
    done
}
