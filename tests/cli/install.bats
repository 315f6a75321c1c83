#!/usr/bin/env bats
# make install into a staging folder: what is there finds its own files, and all of it goes again.
load common

# With the compiler of the build under test, so that nothing is compiled anew; other builds (with
# sanitizers) are the same program and are left out.
install_into() { # target
    local flags
    flags=$(<"$TOP/build/flags") || return
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --silent -C "$TOP" "$1" CC="${flags%% -std=*}" \
        DESTDIR="$PWD/stage" prefix=/opt/coalmine
}

@test "what make install puts somewhere is found there, and make uninstall takes it away" {
    [[ ${BUILD:-build} == build && $(<"$TOP/build/flags") == *' -O2 -g ' ]] || skip 'another build'
    install_into install
    local at=$PWD/stage/opt/coalmine
    # where it was installed, without a tree to fall back on
    run -0 "$at/bin/coalmine" --version
    for file in man/man1/coalmine.1 man/man5/coalmine-scenario.5 zsh/site-functions/_coalmine \
        bash-completion/completions/coalmine fish/vendor_completions.d/coalmine.fish \
        coalmine/scenarios/presets/web-api.ini coalmine/scenarios/quickstart.ini \
        doc/coalmine/README.md doc/coalmine/docs/reference.md; do
        [[ -s $at/share/$file ]]
    done
    [[ ! -d $TOP/plots || -d $at/share/coalmine/plots ]]
    grep -qF '/opt/coalmine/share/coalmine/scenarios' "$at/share/man/man1/coalmine.1"
    cmp "$at/share/bash-completion/completions/coalmine" <(coalmine docs --completion bash)
    # the numbers are those of the program that was tested
    cp -r "$TOP/scenarios/quickstart.ini" .
    [[ $("$at/bin/coalmine" run quickstart.ini -q --replications 20 --format csv) == \
        $(coalmine run quickstart.ini -q --replications 20 --format csv) ]]
    # and so are its pictures
    if command -v gnuplot; then
        "$at/bin/coalmine" plot quickstart.ini -q --kind timeline -o pictures
        [[ -s pictures/timeline-limit-error-spike-0.svg ]]
    fi
    install_into uninstall
    [[ -z $(find stage -type f) ]]
}
