#!/usr/bin/env bats
# coalmine report: pages that a validator and a browser agree with.
load common

# HTML without a warning, and nothing that a browser would have to ask for.
valid() {
    tidy -quiet -errors "$1"
    run -1 grep -E '<script|<link|src=|href="?http|url\(.?http|@import' "$1"
}

@test "of a scenario: verdict, pictures and scenario in one valid page" {
    shop
    run -0 coalmine report shop.ini --replications 40 -q
    [[ -z $output ]]
    valid report.html
    [[ $(grep -c '<figure>' report.html) -ge 3 ]]
    grep -q 'coalmine report --replications 40 shop.ini' report.html
    grep -q 'The whole scenario' report.html
    grep -q '^\[policy.ours\]' report.html
}

@test "a page that is there is replaced, but not by a scenario that is wrong" {
    shop
    echo 'the page of yesterday' >report.html
    run -3 coalmine report shop.ini --set traffic.rate=many
    [[ $(<report.html) == 'the page of yesterday' ]]
    coalmine report shop.ini --replications 20 --no-plots -q
    valid report.html
    run -1 grep yesterday report.html
    coalmine report --help | tr -s ' \n' ' ' | grep -q 'one that is there is replaced'
}

@test "the numbers of a page are those of run, with and without pictures" {
    shop
    coalmine run shop.ini --replications 40 --format html -q >run.html
    coalmine report shop.ini --replications 40 --no-plots -o page.html -q
    coalmine report shop.ini --replications 40 -o drawn.html -q
    diff <(grep -v 'coalmine run' run.html) <(grep -v 'coalmine report' page.html)
    diff <(grep '^<tr>' page.html) <(grep '^<tr>' drawn.html)
}

@test "of a stored study: every cell, once" {
    shop
    # shellcheck disable=SC2016
    coalmine sweep shop.ini --set 'traffic.rate=${30, 60} rps' --replications 20 --out study.db -q
    run -0 coalmine report study.db -o study.html
    says 'The report is in study.html'
    valid study.html
    [[ $(grep -c '<summary>Cell ' study.html) -eq 2 ]]
    grep -q '<summary>Cell 1: .* = 60' study.html
    for option in --seed=2 --replications=9 --set=traffic.rate=9rps --service=shop.ini; do
        run -2 coalmine report study.db "$option"
        says 'what a store holds has been played'
    done
}

@test "without gnuplot the page is made, and the exit status tells" {
    shop
    mkdir bin && ln -s "$(command -v env)" bin/
    run -6 env PATH="$PWD/bin" "$COALMINE" report shop.ini --replications 20 -o page.html -q
    says gnuplot
    valid page.html
    [[ $(grep -c '<figure>' page.html) -eq 0 ]]
}

@test "a place that cannot be written is told before anything is played" {
    shop
    run -2 coalmine report shop.ini -o nowhere/page.html
    says nowhere
    run -3 coalmine report missing.ini
}

@test "a browser shows it whole, on a phone and in the dark" {
    command -v chromium >/dev/null || skip 'chromium is not here'
    shop
    coalmine report shop.ini --replications 40 -q
    for width in 400 1200; do
        timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
            --user-data-dir="$PWD/profile" --window-size="$width",900 \
            --screenshot="$PWD/page-$width.png" "file://$PWD/report.html" 2>said
        [[ $(head -c 4 "page-$width.png") == $'\x89PNG' ]]
    done
    # Wider than its window is only what scrolls by itself.
    sed 's|</body>|<script>document.title = document.documentElement.scrollWidth</script>&|' \
        report.html >measured.html
    timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" \
        --window-size=500,900 --dump-dom "file://$PWD/measured.html" 2>said >dom
    [[ $(sed -n 's|.*<title>\([0-9]*\)</title>.*|\1|p' dom) -le 500 ]]
}
