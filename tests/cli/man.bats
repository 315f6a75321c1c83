#!/usr/bin/env bats
# The manual pages: well-formed, and with everything that the tables have.
load common

page() { # section, as a terminal of 120 columns shows it
    coalmine docs --man "$1" >page.roff
    MANWIDTH=120 man -E UTF-8 -l -P cat page.roff 2>/dev/null | col -bx
}

@test "both pages are formatted without a warning" {
    command -v man groff >/dev/null || skip "no man"
    for section in 1 5; do
        coalmine docs --man $section >page.roff
        run -0 --separate-stderr man --warnings -E UTF-8 -l -Tutf8 -Z page.roff
        [[ -z $stderr ]]
        run -0 groff -man -Tutf8 -ww -z page.roff
        [[ -z $output ]]
        [[ $(head -c 3 page.roff) == '.\"' ]]
        # no line of text that roff would take for a request of its own
        grep '^\.' page.roff >requests
        grep -vE '^\.(\\"|TH|SH|SS|PP|TP|RS|RE|nf|fi|nh|ad|br)( |$)' requests >odd || true
        [[ ! -s odd ]]
    done
}

@test "coalmine(1) has every command and every option" {
    command -v man >/dev/null || skip "no man"
    page 1 >page.txt
    while read -r command _; do
        grep -qF "coalmine $command [OPTION...]" page.txt
        coalmine "$command" --help | grep -oE -- ' --[a-z-]+' | sort -u | while read -r option; do
            [[ $option == --help ]] || grep -qE -- "^ +(-., )?$option\b" page.txt || {
                echo "$command $option is missing"
                exit 1
            }
        done
    done < <(coalmine --help | awk '/^  [a-z]/ { print $1 }')
    for heading in NAME SYNOPSIS 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES 'SEE ALSO'; do
        grep -qx "$heading" page.txt
    done
    grep -qE '^ +4 +an assertion of the scenario fails' page.txt
}

@test "coalmine-scenario(5) has every key of the reference" {
    command -v man >/dev/null || skip "no man"
    page 5 >page.txt
    # shellcheck disable=SC2016 # backticks of Markdown
    coalmine docs | sed -nE 's/^\| `([a-z0-9_.]+)` \|.*/\1/p' | sort -u >keys
    [[ $(wc -l <keys) -gt 200 ]]
    sed -nE 's/^ +([a-z0-9_.]+) = .*/\1/p' page.txt | sort -u >found
    comm -23 keys found >missing
    [[ ! -s missing ]] || { cat missing; false; }
}

@test "a page that there is not is named" {
    run -2 --separate-stderr coalmine docs --man 99
    says "--man: there is no '99' (one of: 1, 5)"
    run -2 --separate-stderr coalmine docs more
    says "takes no argument, but got 'more'"
}
