#!/usr/bin/env bats
# run with [assert]: verdicts, exit status, JUnit, and that nothing else changes.
load common

# What holds, what fails and what 40 replications cannot tell.
asserting() {
    shop
    cat >>shop.ini <<'INI'
[assert]
detection = > 80%
false_rollback = < 10%
[assert.tight]
release = healthy
time_to_promote = mean < 4m
INI
}

@test "a run whose assertions hold is done, and says so" {
    shop
    printf '[assert]\nfalse_rollback = < 10%%\n' >>shop.ini
    run -0 --separate-stderr coalmine run shop.ini
    says 'Assertions: 1 holds'
    [[ $stderr != *undecided* ]]
}

@test "an assertion that fails is named, with exit status 4, whatever the format" {
    asserting
    for format in table csv json markdown; do
        run -4 --separate-stderr coalmine run shop.ini -q --format $format
        says 'coalmine: ours, healthy: time_to_promote mean < 4m fails: '
    done
}

@test "what is undecided is a warning, and under --strict a failure" {
    shop
    printf '[assert]\nfalse_rollback = < 1%%\n' >>shop.ini
    run -0 --separate-stderr coalmine run shop.ini
    says 'Assertions: 1 is undecided'
    says 'About 300 replications would probably decide'
    says 'coalmine: 1 assertion is undecided: more --replications may decide'
    run -0 --separate-stderr coalmine run shop.ini -q
    [[ -z $stderr ]]
    run -4 --separate-stderr coalmine run shop.ini -q --strict
    says 'coalmine: ours, healthy: false_rollback < 1% is undecided: < 7.2 %'
    run -0 --separate-stderr coalmine run shop.ini -q --strict --replications 300
}

@test "assertions move no number" {
    shop
    run -0 --separate-stderr coalmine run shop.ini -q --format csv
    local before=$output
    asserting
    run -4 --separate-stderr coalmine run shop.ini -q --format csv
    [[ $output == "$before" ]]
}

@test "json says what passed" {
    asserting
    run -4 --separate-stderr coalmine run shop.ini -q --format json
    [[ $(jq -c '[.passed, .assertions[].passed]' <<<"$output") == '[false,true,true,false]' ]]
    shop
    run -0 --separate-stderr coalmine run shop.ini -q --format json
    [[ $(jq 'has("assertions")' <<<"$output") == false ]]
}

@test "junit is XML with a testcase for each" {
    asserting
    sed -i 's/^false_rollback.*/false_rollback = < 1%/' shop.ini
    run -4 coalmine run shop.ini -q --junit out.xml
    python3 - <<'PY'
import xml.etree.ElementTree as tree
suite = tree.parse("out.xml").getroot().find("testsuite")
assert suite.get("name") == "shop.ini", suite.attrib
assert [suite.get(k) for k in ("tests", "failures", "skipped")] == ["3", "1", "1"], suite.attrib
found = [(c.get("name"), [x.tag for x in c]) for c in suite]
assert found == [("ours, healthy: false_rollback < 1%", ["skipped"]),
                 ("ours, error-spike: detection > 80%", []),
                 ("ours, healthy: time_to_promote mean < 4m", ["failure"])], found
PY
    cp out.xml before.xml
    run -4 coalmine run shop.ini -q -j1 --junit out.xml
    cmp out.xml before.xml
    run -4 coalmine run shop.ini -q --strict --junit out.xml
    grep -q 'failures="2" errors="0" skipped="0"' out.xml
}

@test "the folder of a study has the verdicts, too" {
    asserting
    run -4 coalmine run shop.ini -q --out results
    grep -q '1 fails' results/report.txt
    jq -e '.passed == false' results/report.json
}

@test "whoever asks for a test without assertions is told" {
    shop
    run -2 --separate-stderr coalmine run shop.ini --strict
    says "--strict: 'shop.ini' asserts nothing"
    run -2 --separate-stderr coalmine run shop.ini --junit out.xml
    says "--junit: 'shop.ini' asserts nothing"
    [[ ! -e out.xml ]]
    asserting
    run -2 --separate-stderr coalmine run shop.ini --rare --strict
    says '--rare holds nothing against [assert]'
}

@test "a file that cannot be written is said before anything is simulated" {
    asserting
    run -2 --separate-stderr coalmine run shop.ini --replications 100k --junit none/out.xml
    says "--junit: cannot write 'none/out.xml': No such file or directory"
    mkdir folder
    run -2 --separate-stderr coalmine run shop.ini --replications 100k --junit folder
    says "'folder' is there already, and no plain file"
}

@test "a limit can be set from the command line, dots and all" {
    asserting
    run -4 --separate-stderr coalmine run shop.ini -q --set 'assert.blast_radius.failures=> 1M'
    says 'blast_radius.failures mean > 1000000 fails'
    run -0 --separate-stderr coalmine run shop.ini -q --set 'assert.tight.time_to_promote=< 20m'
    shop
    run -4 --separate-stderr coalmine run shop.ini -q --set 'assert.blast_radius.failures=> 1M'
}

@test "commands that hold no assertions say that they leave them out" {
    asserting
    run -0 --separate-stderr coalmine compare shop.ini
    says 'coalmine compare: [assert] is left out: coalmine run holds it against its results'
    run -0 --separate-stderr coalmine compare shop.ini -q
    [[ -z $stderr ]]
    run -0 --separate-stderr coalmine run shop.ini --rare --replications 10
    says 'coalmine run: [assert] is left out'
}
