#!/usr/bin/env bats
# coalmine plot: pictures that gnuplot draws without a word, beside their scripts and data.
load common

# Whatever the user said in a name or a title is text, not gnuplot.
odd() {
    shop "$1"
    sed -i "1s/.*/; 100% of 'a_b^{c}' \\\\@x \"\$(date)\" \`id\` %s ~ \& ü #{1}/" "$1"
}

valid() { # SVG files: well-formed XML, not empty
    python3 - "$@" <<'PY'
import sys, xml.dom.minidom
for name in sys.argv[1:]:
    root = xml.dom.minidom.parse(name).documentElement
    assert root.tagName == "svg" and len(root.getElementsByTagName("path")) > 5, name
PY
}

@test "kinds are listed with a sentence, and each has its script" {
    run -0 coalmine plot --kind list
    [[ $(wc -l <<<"$output") -eq $(grep -c '^CM_PLOT(' "$TOP/analysis/plots.def") ]]
    while read -r kind _; do
        [[ -s $TOP/plots/$kind.gp ]]
    done <<<"$output"
}

@test "every picture of the quickstart is drawn, in both formats, without a word from gnuplot" {
    run -0 --separate-stderr coalmine plot "$TOP/scenarios/quickstart.ini" --replications 60 \
        --format svg,png -o out -q
    [[ -z $stderr ]]
    [[ $(wc -l <<<"$output") -eq $(find out -name '*.svg' -o -name '*.png' | wc -l) ]]
    [[ $output == *"out/detection-slow-leak.svg"$'\t'"slow-leak: "* ]]
    valid out/*.svg
    for picture in out/*.png; do
        [[ $(head -c 4 "$picture") == $'\x89PNG' ]]
    done
    [[ -z $(find out -name '*.part') ]]
    for picture in out/*.svg; do
        grep -q 'font-weight="bold" >' "$picture"
    done
    for picture in out/detection-*.svg out/timeline-*.svg; do
        grep -Eq '>(seconds|minutes|hours) since the' "$picture"
    done
}

@test "users who stay and gates of other kinds are drawn as well" {
    for file in sticky-users ai-model slow-leak scrape-window policies/argo-canary \
        policies/who-does-what; do
        run -0 --separate-stderr coalmine plot "$TOP/scenarios/$file.ini" --replications 30 \
            --kind "$([[ $file == sticky* ]] && echo share,)timeline,detection,blast" -o out -q
        [[ -z $stderr ]]
    done
    valid out/*.svg
}

@test "a script draws its picture again, from its data, wherever it lies" {
    shop
    coalmine plot shop.ini --kind timeline -o out
    mv out elsewhere && cd elsewhere
    cp timeline-ours-error-spike-0.svg before && rm ./*.svg
    run -0 gnuplot timeline-ours-error-spike-0.gp
    [[ -z $output ]]
    cmp before timeline-ours-error-spike-0.svg
    gnuplot -e "format='png'" timeline-ours-error-spike-0.gp
    [[ -s timeline-ours-error-spike-0.png ]]
}

@test "titles and file names may hold anything" {
    odd "it's a_b^{c} %d #1.ini"
    run -0 --separate-stderr coalmine plot "it's a_b^{c} %d #1.ini" -o out -q --format svg,png \
        --kind timeline,detection
    [[ -z $stderr ]]
    valid out/*.svg
    grep -qF "a_b^{c} %d #1.ini, error-spike" out/timeline-ours-error-spike-0.svg
}

@test "the same scenario gives the same bytes" {
    shop
    coalmine plot shop.ini -o one -q >/dev/null
    coalmine plot shop.ini -o two -q -j1 >/dev/null
    diff -r one two
}

@test "without gnuplot: exit 6, said once, data and scripts kept" {
    shop
    mkdir nothing
    run -6 --separate-stderr env PATH="$PWD/nothing" "$COALMINE" plot shop.ini -o out -q
    [[ $stderr == "coalmine: gnuplot is not installed (Debian: apt-get install gnuplot-nox)" ]]
    [[ -z $output && -z $(find out -name '*.svg') ]]
    [[ -s out/detection-error-spike.gp && -s out/detection-error-spike-curves.csv ]]
    (cd out && gnuplot detection-error-spike.gp && [[ -s detection-error-spike.svg ]])
    run -6 --separate-stderr env PATH="$PWD/nothing" "$COALMINE" run shop.ini --plots more -q
    diff <(coalmine run shop.ini -q | sed '$d') <(printf '%s\n' "$output")
    [[ -s more/blast-error-spike-curves.csv ]]
}

@test "anything that gnuplot says is a failure, and the old picture stays" {
    shop
    mkdir bin out
    echo kept >out/detection-error-spike.svg
    cat >bin/gnuplot <<'SH'
#!/bin/sh
for part in *.part; do echo drawn >"$part"; done
echo "warning: odd" >&2
SH
    chmod +x bin/gnuplot
    PATH=$PWD/bin:$PATH
    run -6 --separate-stderr coalmine plot shop.ini --kind detection -o out
    [[ $stderr == *"out/detection-error-spike.gp: warning: odd"* ]]
    [[ $(<out/detection-error-spike.svg) == kept ]]
    printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
    run -6 --separate-stderr coalmine plot shop.ini --kind detection -o out
    [[ $stderr == *"drew nothing"* ]]
}

@test "in a terminal a picture is letters, and nothing is left behind" {
    shop
    run -0 --separate-stderr coalmine plot shop.ini --term --kind timeline,blast -q
    [[ -z $stderr && $output == *"error-spike: "*"weight"*"failed requests of one release"* ]]
    [[ $(find . -type f -not -name 'separate-stderr*') == ./shop.ini ]]
    run -0 coalmine plot shop.ini --term=sixel --kind blast -q
    [[ $output == $'\x1bP'* ]]
}

@test "what there is nothing to see of is said; asked for by name it is a mistake" {
    shop
    run -0 --separate-stderr coalmine plot shop.ini -o out
    [[ $stderr == *"coalmine: no share: users do not stay with their version"* ]]
    run -2 coalmine plot shop.ini -o out --kind share
    says "no share: users do not stay with their version ([users] stickiness)"
    run -2 coalmine plot shop.ini --kind pie
    says "there is no 'pie' (one of: list, timeline,"
    run -2 coalmine plot shop.ini --policy theirs
    run -2 coalmine plot shop.ini --release spike
    run -2 coalmine plot shop.ini --format gif
    run -2 coalmine plot
    run -3 coalmine plot missing.ini
    run -2 coalmine plot shop.ini -o missing/out
    says "--out: cannot make the folder 'missing/out': what it stands in is missing"
    run -2 --separate-stderr coalmine run shop.ini --plots missing/out
    [[ -z $output && $stderr == *"--plots: cannot make"* ]]
}

@test "a stored study is drawn as what varies in it, and says what its cells do" {
    shop
    sed -i "s/^failures = .*/failures = \${failures = 1, 2, 4}/" shop.ini
    sed -i "s/^rate = .*/rate = \${rate = 20, 100} rps/" shop.ini
    coalmine sweep shop.ini --out two.db -q >/dev/null
    run -0 --separate-stderr coalmine plot two.db -o out --format svg,png
    [[ $output == *"out/heat.svg"* && $output != *pareto* ]]
    [[ $stderr == *"no curve: a curve is of exactly one variable"* ]]
    [[ $stderr == *"no pareto: cells differ in more than their policies and gates"* ]]
    valid out/*.svg
    # the same shares as the store's own export, row by row
    coalmine show two.db --format long -q | python3 "$BATS_TEST_DIRNAME/plot_heat.py" out
    coalmine sweep shop.ini --set 'traffic.rate=100 rps' --out one.db -q >/dev/null
    run -0 --separate-stderr coalmine plot one.db -o out
    [[ $output == *"out/curve.svg"* && $output == *"out/pareto.svg"* && $output != *heat* ]]
    valid out/*.svg
    run -2 coalmine plot one.db --release healthy
    says "what a store holds has been played"
    run -2 coalmine plot one.db --kind curve --policy ours
    says "of a stored study only heat maps show one policy and have targets"
    run -2 coalmine plot one.db --kind timeline
    says "no timeline: it is about a scenario, not a stored study"
    shop
    run -2 coalmine plot shop.ini --kind heat
    says "it is about a stored study (coalmine sweep --out study.db)"
}

@test "a heat map is of the policy and the targets that are asked for" {
    shop
    printf '[policy.other]\nextends = ours\nlook_every = 2m\n' >>shop.ini
    sed -i "s/^failures = .*/failures = \${failures = 1, 2}/" shop.ini
    sed -i "s/^rate = .*/rate = \${rate = 20, 100} rps/" shop.ini
    coalmine sweep shop.ini --out two.db -q >/dev/null
    run -0 coalmine plot two.db --kind heat -o out --policy other --targets 2.5%,10%
    [[ $output == *out/heat-other.svg*"at most 2.5 % of healthy"*"miss at most 10 %"* ]]
    valid out/*.svg
    grep -q 'the line is at 2.5 %' out/heat-other.svg
    run -2 coalmine plot two.db --policy othre
    says "--policy: there is no 'othre' (did you mean 'other'?)"
    for targets in 1% 1%,2%,3% '1%,'; do
        run -2 coalmine plot two.db --targets $targets
        says "--targets"
    done
    run -2 coalmine plot two.db --targets 1%,100%
    says "'100%' is no target"
    run -2 coalmine plot shop.ini --targets 1%,5%
    says "--targets are those of a heat map"
}

# Curves may move by a hair when numbers do; what is written on them should not.
@test "the pictures of the documents say what is drawn now (else: docs/pictures/draw)" {
    cd "$TOP"
    docs/pictures/draw "$BATS_TEST_TMPDIR/new"
    for picture in docs/pictures/*.svg; do
        diff <(grep '<tspan' "$picture") <(grep '<tspan' "$BATS_TEST_TMPDIR/new/${picture##*/}")
    done
}

@test "run draws what it has played" {
    shop
    coalmine run shop.ini -q >plain
    coalmine run shop.ini -q --plots out | cmp - plain
    coalmine plot shop.ini -q -o again >/dev/null
    rm again/oc-* again/roc-* # which play more than run does
    diff -r out again
    run -2 coalmine run shop.ini --rare --plots out
    says "--rare draws no pictures"
}
