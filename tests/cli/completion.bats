#!/usr/bin/env bats
# What the Tab key offers, from the tables and the scenario on the line, in every shell there is.
load common

# What the program says may follow, without the meanings.
offers() { # words; the last is the one being written
    coalmine docs --complete -- coalmine "$@" | cut -f1
}

@test "commands, options and their values are offered" {
    [[ $(offers tr) == trace ]]
    offers '' | grep -qx solve
    [[ $(offers run --form) == --format ]]
    [[ $(offers trace --format '') == $'text\njsonl' ]]
    [[ $(offers run --format=c) == --format=csv ]]
    [[ $(offers run --flow r) == requests ]]
    [[ $(offers run --progress b) == bar ]]
    [[ $(offers trace --find=prom) == --find=promoted ]]
    [[ -z $(offers run --seed '') ]]
    [[ -z $(offers nonsense '') ]]
}

@test "every option of every command is offered" {
    for command in $(offers ''); do
        offers "$command" - | sort >offered
        [[ $command != solve ]] || continue # its own are its questions'
        coalmine "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
            sort >options
        diff options offered
    done
    offers solve bake -- | grep -qx -- --weight
    [[ $(offers solve bake --control=b) == --control=baseline ]]
    offers judge --gate kayenta -- | grep -qx -- --column
    [[ $(offers judge --gate kay) == kayenta ]]
}

@test "arguments are words where there are some, and files" {
    [[ $(offers solve ba) == bake ]]
    [[ $(offers lesson 3) == 3 ]]
    offers questions '' | grep -qx 7
    offers help gate.thr | grep -qx gate.threshold.max
    [[ $(offers run '') == ':file ini yaml yml json' ]]
    [[ $(offers replay '') == ':file csv' ]]
    [[ $(offers run --out '') == ':dir' ]]
    [[ $(offers run --junit '') == ':file' ]]
    offers run --service '' | grep -qx ':file ini'
    [[ $(offers run --service=presets/web) == $':file ini\n--service=presets/web-api.ini' ]]
    [[ $(offers show '') == ':file db' ]]
    [[ $(offers merge all.db '') == ':file db' ]]
    [[ $(offers plot '') == ':file ini yaml yml json db' ]]
    [[ $(offers report '') == ':file ini yaml yml json db' ]]
    [[ $(offers export --into '') == ':file yaml yml json' ]]
    [[ $(offers sweep --list=c) == --list=csv ]]
    [[ $(offers sweep --list '') == ':file ini yaml yml json' ]] # its value stands behind =
}

@test "the scenario on the line gives its names and keys" {
    shop
    [[ $(offers run shop.ini --set policy.ours.st) == policy.ours.steps= ]]
    [[ $(offers run shop.ini --set gate.success.failu) == gate.success.failures= ]]
    [[ $(offers run shop.ini --set=gate.success.failu) == --set=gate.success.failures= ]]
    [[ $(offers run shop.ini --set gate.success.count=w) == gate.success.count=within ]]
    [[ $(offers trace shop.ini --policy '') == ours ]]
    [[ $(offers trace shop.ini --release '') == $'error-spike\nhealthy' ]]
    [[ $(offers calibrate shop.ini --gate=) == --gate=success ]]
    # without one, what every scenario has; also if it cannot be read
    [[ $(offers run --set traffic.arrivals=gam) == traffic.arrivals=gamma_poisson ]]
    echo nonsense >shop.ini
    [[ $(offers run shop.ini --set traffic.ra) == traffic.rate= ]]
}

# bash as readline would call it: words are also parted at = and :.
bash_offers() { # line
    bash -c '
        source <("$0" docs --completion bash)
        COMP_LINE=$1 COMP_POINT=${#1}
        read -ra COMP_WORDS <<<"$(sed "s/[=:]/ & /g" <<<"$1")"
        [[ $1 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _coalmine "$0" "" "" 2>&1
        printf "%s\n" "${COMPREPLY[@]}"' "$COALMINE" "$1"
}

@test "bash" {
    shop
    mkdir results
    touch notes.txt
    [[ $(bash_offers 'coalmine tra') == trace ]]
    [[ $(bash_offers 'coalmine run --form') == --format ]]
    [[ $(bash_offers 'coalmine run --format ma') == markdown ]]
    # what follows the = is all that is replaced
    [[ $(bash_offers 'coalmine run --format=ma') == markdown ]]
    [[ $(bash_offers 'coalmine trace --format=') == $'text\njsonl' ]]
    [[ $(bash_offers 'coalmine run sh') == shop.ini ]]
    [[ $(bash_offers 'coalmine run ' | sort) == $'results\nshop.ini' ]]
    touch study.db
    [[ $(bash_offers 'coalmine run s') == shop.ini ]]
    [[ $(bash_offers 'coalmine report s' | sort) == $'shop.ini\nstudy.db' ]]
    [[ $(bash_offers 'coalmine run --out ') == results ]]
    [[ $(bash_offers 'coalmine run --out=re') == results ]]
    [[ $(bash_offers 'coalmine run shop.ini --set policy.ours.st') == policy.ours.steps= ]]
    [[ $(bash_offers 'coalmine run shop.ini --set gate.success.count=w') == within ]]
    bash -n <(coalmine docs --completion bash)
    ! command -v shellcheck || coalmine docs --completion bash | shellcheck -s bash -
}

# zsh without a terminal: what the script hands to the shell's own functions.
zsh_offers() { # line
    zsh -fc '
        _describe() { local a=$2; print -l -- "${(@)${(@P)a}%%:*}" }
        _files() { print -r -- "files $*" }
        compset() { : }
        source <("$1" docs --completion zsh)
        words=("${(@s: :)2}") CURRENT=$#words PREFIX=$words[-1]
        words[1]=$1
        _coalmine' zsh "$COALMINE" "$1"
}

@test "zsh" {
    command -v zsh || skip "no zsh"
    shop
    [[ $(zsh_offers 'coalmine tra') == trace ]]
    [[ $(zsh_offers 'coalmine run --format=ma') == --format=markdown ]]
    [[ $(zsh_offers 'coalmine run shop.ini --set policy.ours.st') == policy.ours.steps= ]]
    [[ $(zsh_offers 'coalmine run --out d') == 'files -/' ]]
    [[ $(zsh_offers 'coalmine run s') == 'files -g *.(ini|yaml|yml|json)(-.)' ]]
    zsh -fn <(coalmine docs --completion zsh)
}

fish_offers() { # line
    local -x HOME=$BATS_RUN_TMPDIR XDG_CONFIG_HOME=$BATS_RUN_TMPDIR
    # shellcheck disable=SC2016 # fish expands it
    PATH=$(dirname "$COALMINE"):$PATH fish --no-config -c '
        source (coalmine docs --completion fish | psub)
        complete -C "$argv[1]"' "$1" | cut -f1
}

@test "fish" {
    command -v fish || skip "no fish"
    shop
    mkdir results
    touch notes.txt
    [[ $(fish_offers 'coalmine tra') == trace ]]
    [[ $(fish_offers 'coalmine run --form') == --format ]]
    [[ $(fish_offers 'coalmine run --format=ma') == --format=markdown ]]
    [[ $(fish_offers 'coalmine run --format ma') == markdown ]]
    [[ $(fish_offers 'coalmine run shop.ini --set policy.ours.st') == policy.ours.steps= ]]
    [[ $(fish_offers 'coalmine run sh') == shop.ini ]]
    [[ $(fish_offers 'coalmine run ' | sort) == $'results/\nshop.ini' ]]
    [[ $(fish_offers 'coalmine run --out=re') == --out=results/ ]]
}

@test "a shell that there is no script for is named" {
    run -2 --separate-stderr coalmine docs --completion ksh
    says "--completion: there is no 'ksh' (did you mean 'zsh'?)"
}
