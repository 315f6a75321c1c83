#!/usr/bin/env bats
# coalmine check: every mistake of every file, one line for a good one.
load common

@test "a good file is one line" {
    shop
    run -0 --separate-stderr coalmine check shop.ini
    [[ -z $stderr ]]
    [[ $output == 'shop.ini: ok, 1 policy, 2 releases, flow counts: '* ]]
}

@test "which flow will run is said, and why" {
    shop
    run -0 --separate-stderr coalmine check shop.ini
    [[ $output == *', flow counts: exact, no request depends on another' ]]
    printf '[service]\nlatency_load = 500\n' >>shop.ini
    run -0 --separate-stderr coalmine check shop.ini
    [[ $output == *', flow requests: latency depends on the requests in flight (latency_load)' ]]
}

@test "every mistake is named with its place, and the exit status is 3" {
    shop
    sed -i 's/^failures = 3/failuers = 3/; s/^rate = 100 rps/rate = 100/' shop.ini
    sed -i 's/= success/= succes/' shop.ini
    run -3 --separate-stderr coalmine check shop.ini
    [[ -z $output ]]
    says "shop.ini:6:8: error: [traffic] rate: a unit is needed (100 rps, 100 rpm)"
    says "unknown key 'failuers' (did you mean 'failures'?)"
    says "(did you mean 'success'?)"
    says '3 errors'
}

@test "every file is checked, whatever is wrong with those before it" {
    shop good.ini
    shop bad.ini
    echo 'x y z' >>bad.ini
    run -3 --separate-stderr coalmine check bad.ini nowhere.ini good.ini
    says 'bad.ini:'
    says "there is no file 'nowhere.ini'"
    [[ $output == 'good.ini: ok'* ]]
}

@test "a missing file is answered with the nearest name" {
    shop
    run -3 coalmine check shpo.ini
    says "there is no file 'shpo.ini' (did you mean 'shop.ini'?)"
    run -3 coalmine check shop
    says "did you mean 'shop.ini'?"
    mkdir sub
    shop sub/deep.ini
    run -3 coalmine check sub/dep.ini
    says "did you mean 'sub/deep.ini'?"
}

@test "what is no scenario is refused with words" {
    mkdir folder
    : >empty.ini
    head -c 5000 "$COALMINE" >program.ini
    run -3 coalmine check folder
    says "'folder' is a directory, not a file"
    run -3 coalmine check empty.ini
    says 'error'
    run -3 coalmine check program.ini
    says 'error'
    run -3 coalmine check ''
    run -3 coalmine check shop.ini/
    run -3 coalmine check /dev/null
}

@test "standard input and pipes can be checked" {
    shop
    run -0 bash -c "'$COALMINE' check - <shop.ini"
    says ': ok'
    run -0 bash -c "cat shop.ini | '$COALMINE' check /dev/stdin"
    says ': ok'
    run -3 bash -c "echo '[' | '$COALMINE' check -"
    says '<stdin>:1'
}

@test "an include is looked for beside the file that names it" {
    mkdir -p sub/parts
    shop sub/parts/base.ini
    printf '[scenario]\ninclude = parts/base.ini\nreplications = 7\n' >sub/top.ini
    run -0 coalmine check sub/top.ini
    run -0 coalmine check --resolved sub/top.ini
    says 'replications = 7'
    says 'sub/parts/base.ini:6'
    (cd sub/parts && run -0 coalmine check ../top.ini)
}

@test "an include that is nowhere names both places, or the nearest name" {
    shop base.ini
    printf '[scenario]\ninclude = bsae.ini\n' >top.ini
    run -3 coalmine check top.ini
    says "did you mean 'base.ini'?"
    printf '[scenario]\ninclude = presets/nothing-like-it.ini\n' >top.ini
    run -3 coalmine check top.ini
    says 'scenarios/presets/nothing-like-it.ini'
}

@test "one file has one name, so that a cycle is seen" {
    mkdir sub
    printf '[scenario]\ninclude = ./sub/../a.ini\n' >a.ini
    run -3 coalmine check a.ini
    says 'a.ini'
    [[ $output != *'sub/../'*'sub/../'*'sub/../'* ]]
}

@test "--resolved prints a file that loads to the same, with where each value is from" {
    shop
    run -0 --separate-stderr coalmine check --resolved shop.ini
    says 'shop.ini: ok'
    says '; shop.ini:6'
    says '; default'
    printf '%s\n' "$output" >again.ini
    coalmine check --resolved shop.ini 2>/dev/null | sed 's/ *; .*//' >first
    coalmine check --resolved again.ini 2>/dev/null | sed 's/ *; .*//' >second
    diff first second
}

@test "a resolved scenario loads in any folder, wherever its files were named" {
    mkdir -p sub/data elsewhere
    printf 'a\n0.1\n0.3\n' | tee sub/data/latency.csv >faster.csv
    shop sub/shop.ini
    printf '[service]\nlatency = empirical(file=data/latency.csv)\n' >>sub/shop.ini
    printf 'time,count\n0,60\n' >minutes.csv
    seq 60 60 9000 | sed 's/$/,60/' >>minutes.csv
    printf '[scenario]\ninclude = sub/shop.ini\n[traffic]\nrate = 1 rps\n' >top.ini
    for file in sub/shop.ini top.ini; do
        coalmine check --resolved "$file" >elsewhere/resolved.ini 2>/dev/null
        (cd elsewhere && run -0 coalmine check resolved.ini)
    done
    grep -qF "empirical(file=$PWD/sub/data/latency.csv," elsewhere/resolved.ini
    sed -i '/^rate/d' sub/shop.ini
    coalmine run sub/shop.ini -q --replications 2 --out elsewhere/out >/dev/null \
        --set traffic.arrivals=replay --set traffic.file=minutes.csv --set traffic.step=1m \
        --set 'service.latency=empirical(file=faster.csv)'
    grep -qF "file = $PWD/minutes.csv" elsewhere/out/scenario.ini
    (cd / && run -0 coalmine check "$OLDPWD/elsewhere/out/scenario.ini")
}

@test "check without a file, or with an unknown option, is a usage error" {
    run -2 --separate-stderr coalmine check
    says 'which scenario?'
    run -2 coalmine check --resolvd shop.ini
    says "unknown option '--resolvd' (did you mean '--resolved'?)"
    run -2 coalmine check -z shop.ini
    says "unknown option '-z'"
    run -2 coalmine check --resolved=yes shop.ini
    says "option '--resolved' takes no value"
}
