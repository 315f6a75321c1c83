#!/usr/bin/env bats
# What the program says about itself, and to those who do not know it yet.
load common

@test "without arguments a short usage goes to stderr and the exit status is 2" {
    run -2 --separate-stderr coalmine
    [[ -z $output ]]
    says 'Usage: coalmine COMMAND'
}

@test "--help prints the usage to stdout" {
    run -0 --separate-stderr coalmine --help
    [[ -z $stderr ]]
    golden usage.txt
    run -0 --separate-stderr coalmine -h
    golden usage.txt
}

@test "--version prints one line" {
    run -0 --separate-stderr coalmine --version
    [[ $output =~ ^coalmine\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "help lists commands, sections and pages" {
    run -0 --separate-stderr coalmine help
    [[ -z $stderr ]]
    golden help.txt
}

@test "the help of every command is as before, however it is asked for" {
    for command in run trace questions import check template lesson help docs; do
        run -0 --separate-stderr coalmine help "$command"
        golden "help-$command.txt"
        run -0 --separate-stderr coalmine "$command" --help
        golden "help-$command.txt"
        run -0 --separate-stderr coalmine "$command" -h
        golden "help-$command.txt"
    done
}

@test "the pages are as before" {
    for page in files units exit-codes; do
        run -0 --separate-stderr coalmine help "$page"
        golden "help-$page.txt"
    done
    run -0 coalmine help include
    golden help-files.txt
    run -2 coalmine help inlcude
    says "did you mean 'include'?"
}

@test "every command, section and page that help lists has its own help" {
    coalmine help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' >topics
    [[ $(wc -l <topics) -gt 15 ]]
    while IFS= read -r topic; do
        run -0 --separate-stderr coalmine help "$topic"
        [[ ${#lines[@]} -gt 3 && -z $stderr ]]
    done <topics
}

@test "sections, kinds and keys are topics, in singular, plural or by their last word" {
    run -0 coalmine help gates
    says '[gate.NAME]'
    says 'threshold '
    run -0 coalmine help gate.threshold
    says 'with test = threshold'
    says 'max = none'
    run -0 coalmine help gate.threshold.failures
    says 'failures = 1'
    run -0 coalmine help traffic.dispersion
    says 'gamma_poisson'
    run -0 coalmine help defect.profile
    says 'pulse '
    run -0 coalmine help policy.ours.look_every
    says 'look_every ='
    run -0 coalmine help lognormal
    says 'lognormal(median=..., sigma=...)'
}

@test "an unknown topic is answered with the nearest one and exit status 2" {
    run -2 --separate-stderr coalmine help trafic
    [[ -z $output ]]
    says "unknown topic 'trafic' (did you mean 'traffic'?)"
    run -2 coalmine help dispersoin
    says "did you mean 'dispersion'?"
    run -2 coalmine help exit-cods
    says "did you mean 'exit-codes'?"
    run -2 coalmine help nothing-like-it
    says 'Topics are listed by: coalmine help'
    run -2 coalmine help ''
    run -2 coalmine help gates traffic
    says 'explains one topic'
}

@test "an unknown command is answered with the nearest one and exit status 2" {
    run -2 --separate-stderr coalmine rnu
    [[ -z $output ]]
    says "unknown command 'rnu' (did you mean 'run'?)"
    run -2 coalmine chekc
    says "did you mean 'check'?"
    run -2 coalmine --hepl
    says "did you mean '--help'?"
    run -2 coalmine shop.ini
    says 'To run a scenario: coalmine run shop.ini'
    run -2 coalmine ''
}

@test "the template passes its own check and can be run" {
    coalmine template >my.ini
    run -0 --separate-stderr coalmine check my.ini
    [[ $output == 'my.ini: ok, 1 policy, 2 releases, '* ]]
    coalmine run --quick -q my.ini >report
    [[ -s report ]]
}

@test "the template has no line that is too long to be read back" {
    coalmine template | awk 'length($0) > 100 { exit 1 }'
}

@test "template and docs take no argument" {
    run -2 coalmine template my.ini
    says "takes no argument, but got 'my.ini'"
    run -2 coalmine docs --all
    says "unknown option '--all'"
}

@test "what cannot be written is an error, unless nobody wants to read it" {
    for command in template docs help --help --version 'help run' 'run --help'; do
        # shellcheck disable=SC2086 # words
        run -1 bash -c "'$COALMINE' $command >/dev/full"
        says 'cannot write to standard output: No space left on device'
        # shellcheck disable=SC2086
        run -1 bash -c "'$COALMINE' $command >&-"
        says 'cannot write to standard output'
        # shellcheck disable=SC2016 # for the inner shell
        run -0 bash -c "set -o pipefail; '$COALMINE' $command | head -c 1 >/dev/null"
        [[ -z $output ]]
    done
}
