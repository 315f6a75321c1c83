#!/usr/bin/env bats
# coalmine lesson: the course in a terminal, and lessons of one's own. What the course says is held
# by tests/lessons.
load common

# A lesson of one's own, with what it promises.
own() {
    shop own.ini
    cat - own.ini >lesson.ini
}

at_terminal() { # what is typed, then the command
    python3 -c '
import os, pty, sys
typed = sys.argv[1].encode()
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
said = b""
while True:
    try:
        part = os.read(terminal, 1000)
    except OSError:
        break
    if not part:
        break
    said += part
    if part.rstrip().endswith(b"]") and typed:
        os.write(terminal, typed[:1])
        typed = typed[1:]
sys.stdout.buffer.write(said.replace(b"\r", b""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
' "$1" "$COALMINE" "${@:2}"
}

@test "without a number the lessons are listed, in their order" {
    run -0 --separate-stderr coalmine lesson
    [[ -z $stderr && ${#lines[@]} -gt 12 ]]
    for n in {1..12}; do
        [[ ${lines[n - 1]} =~ ^\ *$n\ +[0-9]+\ min\ \ [A-Z].*\.$ && ${#lines[n - 1]} -le 100 ]]
    done
}

@test "a lesson is found by its number, its name or both, from any folder" {
    run -0 --separate-stderr coalmine lesson 4
    [[ -z $stderr && ${lines[0]} == 'Lesson 4: '* ]]
    four=$output
    for name in 04 low-traffic 04-low-traffic; do
        run -0 coalmine lesson "$name" --no-pause --no-plot
        [[ ${lines[0]} == "${four%%$'\n'*}" ]]
    done
    for part in Question Try See Why Exercise Picture; do
        grep -qx "$part" <<<"$four"
    done
}

@test "a lesson that is not there is answered with the nearest one, or with how many there are" {
    run -2 --separate-stderr coalmine lesson peekin
    [[ -z $output ]]
    says "there is no lesson 'peekin' (did you mean 'peeking'?)"
    for n in 13 0 -- '' 99999999999999999999; do
        run -2 coalmine lesson -- "$n"
    done
    run -2 coalmine lesson 13
    says 'they have numbers from 1 to 12'
    run -2 coalmine lesson 1 2
    says "gives one lesson, but got '1' and '2'"
    run -3 coalmine lesson nowhere.ini
    says 'nowhere.ini'
}

@test "a lesson of one's own runs where it is, and shows no more than it speaks of" {
    own <<'INI'
; Mine.
; question: What does one step
;     see?
; try: coalmine run lesson.ini -q
; see: The study in a line.
;     | lesson.ini: 40 replications of the healthy release ... 100 rps
; why: So it is.
INI
    run -0 --separate-stderr coalmine lesson lesson.ini
    [[ -z $stderr && ${lines[0]} == Mine. ]]
    says '  What does one step see?'
    says 'all of it: coalmine lesson lesson.ini --all'
    [[ $output != *'How rollouts end'* ]]
    run -0 coalmine lesson lesson.ini --all
    says 'How rollouts end'
    [[ $output != *'all of it'* ]]
}

@test "a promise that is not kept is said, with exit status 1, and the lesson goes on" {
    own <<'INI'
; Mine.
; try: coalmine solve sample --base 0.1% --effect +0.5pp
; see: Words side by side, whole words only.
;     | Let a look count from 4,398 requests ... on, to tell
;     | 95.0 % 4,398 4,398 498
;     | 5.0 % 4,398 4,398 498
; why: The end.
INI
    run -1 --separate-stderr coalmine lesson lesson.ini
    [[ $stderr == 'coalmine lesson: the command does not print: 5.0 % 4,398 4,398 498' ]]
    says 'The end.'
    sed -i 's/| 5.0 %/| 95.0 %/' lesson.ini
    run -1 coalmine lesson lesson.ini # twice, but it is printed once
    sed -i '0,/| 95.0 %.*/s//| 80.0 % ... 268/' lesson.ini
    run -0 coalmine lesson lesson.ini
    sed -i 's/| 80.0 %/| 99.0 %/; s/268/766/' lesson.ini
    run -1 --separate-stderr coalmine lesson lesson.ini # below, where it has to be above
    [[ $stderr == 'coalmine lesson: the command does not print: 95.0 % 4,398 4,398 498' ]]
}

@test "commands are words for coalmine and nothing else" {
    local bad
    # shellcheck disable=SC2016 # for the lesson
    for bad in ls coalmine 'coalmine lesson lesson.ini' 'coalmine run x | cat' "coalmine run 'x" \
        'coalmine run $HOME'; do
        own <<<"; Mine."$'\n'"; try: $bad"$'\n'"; why: The end."
        run -1 --separate-stderr coalmine lesson lesson.ini
        [[ -n $stderr && $output != *'The end.'* ]]
    done
    own <<'INI'
; Mine.
; try: coalmine run nowhere.ini
; why: The end.
INI
    run -3 coalmine lesson lesson.ini
    [[ $output != *'The end.'* ]]
    own <<'INI'
; Mine.
; try: coalmine run lesson.ini -q --set 'scenario.horizon=31m' --set "traffic.rate=90 rps"
; see: Both quotations were read.
;     | ... horizon 31m,
;     | coalmine run ... 'traffic.rate=90 rps' lesson.ini
INI
    run -0 coalmine lesson lesson.ini
}

@test "a file that is no lesson says so, and one with odd bytes is shown without them" {
    shop
    run -3 --separate-stderr coalmine lesson shop.ini
    [[ -z $output ]]
    says "'shop.ini' is no lesson"
    printf '; A \033[31mtitle\n; question: Really?\n;     | odd \033]0;x\007 bytes\n' >odd.ini
    run -0 coalmine lesson odd.ini
    says 'Really?'
    [[ $output != *$'\033'* && $output != *$'\007'* ]]
    : >empty.ini
    run -3 coalmine lesson empty.ini
}

@test "at a terminal a command waits for Enter" {
    own <<'INI'
; Mine.
; try: coalmine solve sample --base 0.1% --effect +0.5pp
; see: One.
; try: coalmine solve sample --base 0.1% --effect +0.5pp
; see: Two.
INI
    run -0 at_terminal $'\n\n' lesson lesson.ini
    [[ $(grep -o 'Enter' <<<"$output" | wc -l) -eq 2 ]]
    says 'Two.'
    # the end of input stands for every Enter that is left
    run -0 at_terminal $'\004' lesson lesson.ini
    [[ $(grep -o 'Enter' <<<"$output" | wc -l) -eq 1 ]]
    says 'Two.'
    run -0 at_terminal '' lesson lesson.ini --no-pause
    [[ $output != *Enter* && $output == *Two.* ]]
}

@test "a picture is drawn at a terminal, and a lesson does not depend on it" {
    own <<'INI'
; Mine.
; picture: coalmine plot lesson.ini --kind lattice
; why: The end.
INI
    run -0 --separate-stderr coalmine lesson lesson.ini
    [[ -z $stderr && $output != *'of healthy checks fail'* ]]
    printf '#!/bin/sh\nPATH=/nonexistent exec "%s" "$@"\n' "$COALMINE" >poor
    chmod +x poor
    COALMINE=$PWD/poor run -0 at_terminal $'\n' lesson lesson.ini
    says 'The end.'
    [[ $output == *gnuplot* && $output != *'of healthy checks fail'* ]]
    command -v gnuplot || skip 'gnuplot is not there'
    run -0 at_terminal $'\n' lesson lesson.ini
    says 'of healthy checks fail'
    says 'The end.'
    run -0 at_terminal '' lesson lesson.ini --no-plot
    [[ $output != *'of healthy checks fail'* && $output == *'coalmine plot lesson.ini'* ]]
}
