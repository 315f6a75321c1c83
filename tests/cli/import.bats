#!/usr/bin/env bats
# coalmine import: what becomes of manifests, and what is said about them.
load common

manifests() {
    ln -sf "$TOP"/tests/interop/manifests/* .
}

imports() { # file ...: it imports, and what comes out passes its own check
    coalmine import -q -o out.ini "$@" && coalmine check out.ini >said 2>&1
}

@test "a canary becomes a scenario, and everything that is not in it is told" {
    manifests
    run -0 --separate-stderr coalmine import canary.yaml
    golden import-canary.ini
    # shellcheck disable=SC2154 # set by run --separate-stderr
    output=$stderr
    golden import-canary.txt
}

@test "a rollout brings its analyses along, and what they ask in their own units" {
    manifests
    run -0 --separate-stderr coalmine import rollout.yaml analysis.yaml -o rollout.ini
    output=$stderr
    golden import-rollout.txt
    output=$(<rollout.ini)
    golden import-rollout.ini
    coalmine run rollout.ini --replications 20 -q >report
    grep -q '^  imported' report
}

@test "a configuration of Kayenta is judged by one gate, with what its pipeline does not say" {
    manifests
    run -0 --separate-stderr coalmine import judge.json -o judge.ini
    output=$stderr
    golden import-judge.txt
    output=$(<judge.ini)
    golden import-judge.ini
    coalmine run judge.ini --replications 20 -q >report
    grep -q '^  imported' report
}

@test "a request to Kayenta brings lifetime and thresholds along" {
    manifests
    { echo '{"canaryConfig":' && cat judge.json && echo ', "executionRequest": {
        "thresholds": {"pass": 80, "marginal": 60}, "lifetimeDurationMins": 120,
        "analysisIntervalMins": 40, "beginAfterMins": 10, "scopes": []}}'; } >request.json
    run -0 --separate-stderr coalmine import request.json -q
    for line in 'pass = 80' 'marginal = 60' 'lifetime = 2h' 'interval = 40m' 'begin_after = 10m'; do
        says "$line ; request.json:"
    done
    sed -i 's/120/"long"/' request.json
    run -3 coalmine import request.json
    says "lifetimeDurationMins: 'long' is not a number"
}

@test "what a controller refuses is not imported" {
    manifests
    sed 's/count: 10/count: 1/' analysis.yaml >odd.yaml
    run -3 --separate-stderr coalmine import rollout.yaml odd.yaml
    [[ -z $output && ! -e scenario.ini ]]
    says 'scenario.ini (imported):'
}

@test "templates that no file holds are asked for by name" {
    manifests
    run -0 --separate-stderr coalmine import rollout.yaml -o rollout.ini
    says "asked: no file holds the AnalysisTemplate 'health'"
    says "asked: no file holds the ClusterAnalysisTemplate 'probe'"
    coalmine check rollout.ini
    run -3 --separate-stderr coalmine import analysis.yaml
    says "analysis.yaml:1:1: error: no policy in 2 documents"
}

@test "an analysis that Argo refuses is refused with its line" {
    manifests
    sed 's/count: 3/count: 0/' analysis.yaml >endless.yaml
    run -3 coalmine import rollout.yaml endless.yaml
    says "endless.yaml:37:7: error: metric 'probe' has an interval and no count"
    sed 's/setWeight: 10/{setWeight: 10, pause: {}}/' rollout.yaml >two.yaml
    run -3 coalmine import two.yaml
    says 'error: '
    sed 's/canary:$/blueGreen:/' rollout.yaml >blue.yaml
    run -3 coalmine import blue.yaml
    says "Rollout 'shop' has no spec.strategy.canary"
}

@test "what is imported runs as it is, by itself and as a manifest" {
    manifests
    coalmine import canary.yaml -q -o canary.ini
    coalmine run canary.ini --replications 20 -q >report
    grep -q '^  imported' report
    run -0 --separate-stderr coalmine run canary.yaml --replications 20
    says 'assumed: traffic, service and environment'
    coalmine trace canary.yaml -q >told
    [[ -s told ]]
}

@test "--service stands for the preset and for what would be assumed" {
    manifests
    shop service.ini
    sed -i '/^.metric/,$d' service.ini
    run -0 --separate-stderr coalmine import canary.yaml --service service.ini
    says 'include = service.ini'
    [[ $output != *presets* && $output != *defect* && $output != *latency\ =* ]]
    mkdir deep
    coalmine import canary.yaml -q --service service.ini -o deep/out.ini
    coalmine run deep/out.ini --replications 20 -q >report
    grep -q 'error-spike: +5pp' report
    coalmine run canary.yaml --service service.ini --replications 20 -q >report
    grep -q 'error-spike: +5pp' report
    run -2 coalmine run service.ini --service service.ini
    says '--service goes with a manifest'
}

@test "the policy has the name that it is given" {
    manifests
    run -0 --separate-stderr coalmine import canary.yaml -q --name ours
    says '[policy.ours]'
    run -2 coalmine import canary.yaml --name 'No Name'
    says 'a name is a-z first'
}

@test "--strict refuses what is ignored or asked, and takes what is only assumed" {
    manifests
    run -3 --separate-stderr coalmine import canary.yaml --strict
    [[ -z $output ]]
    says '--strict'
    printf '%s\n' 'apiVersion: flagger.app/v1beta1' 'kind: Canary' 'metadata: {name: a}' \
        'spec: {analysis: {interval: 1m, threshold: 2, stepWeight: 50, maxWeight: 50}}' >a.yaml
    coalmine import a.yaml --strict -o a.ini
    coalmine check a.ini
}

@test "every mistake is named with its line, and nothing is imported" {
    manifests
    run -3 --separate-stderr coalmine import wrong.yaml
    [[ -z $output ]]
    output=$stderr
    golden import-wrong.txt
}

@test "templates of one name are an error where one of them is meant" {
    manifests
    run -3 coalmine import twice.yaml
    says "MetricTemplate 'tail' is there twice: twice.yaml:14 and twice.yaml:19"
    sed 's/templateRef.*/query: sum(rate(a[1m]))/' twice.yaml >once.yaml
    imports once.yaml
}

@test "one policy is imported: of several the one that is named" {
    manifests
    sed 's/^  name: shop/  name: other/' canary.yaml >other.yaml
    run -3 coalmine import canary.yaml other.yaml
    says "a second policy: Canary 'other'; the first is 'shop' (canary.yaml:2)"
    sed -i '/^---/,$d' other.yaml
    imports canary.yaml other.yaml --policy other
    run -3 coalmine import canary.yaml --policy nobody
    says "there is no policy 'nobody'"
}

@test "what is no policy is said to be none" {
    echo 'kind: Service' >service.yaml
    run -3 coalmine import service.yaml
    says "service.yaml:1:1: error: 'Service' is no policy"
    echo 'just text' >text.yaml
    run -3 coalmine import text.yaml
    says 'a document that is no map'
    : >empty.yaml
    run -3 coalmine import empty.yaml
    says 'no policy in 0 documents'
    run -3 coalmine import nowhere.yaml
    says "there is no file 'nowhere.yaml'"
    run -2 coalmine import
    says 'which manifest?'
}

@test "real manifests import, or say which line is wrong" {
    shopt -s nullglob
    shared=$(realpath -m "${CM_MANIFESTS-$TOP/../shared/manifests}")
    files=("$shared"/flagger/*.yaml "$shared"/argo/*.yaml)
    [[ ${#files[@]} -gt 0 ]] || skip 'there are none beside the source tree'
    for file in "${files[@]}"; do
        if coalmine import "$file" -q -o out.ini 2>said; then
            coalmine check out.ini
        else
            [[ $? == 3 ]]
            grep -F "$file:" said | grep -q ': error: '
        fi
    done
}

@test "hostile files get an answer within a second and 256 MiB" {
    python3 - <<'PY'
open('deep.yaml', 'w').write('[' * 900000)
open('deep.json', 'w').write('{"a":' * 200000)
open('bomb.yaml', 'w').write('a0: &a0 [x, x]\n' + ''.join(
    f'a{i}: &a{i} [*a{i-1}, *a{i-1}, *a{i-1}]\n' for i in range(1, 200)))
open('long.yaml', 'w').write('kind: ' + 'x' * 1000000)
open('huge.yaml', 'w').write('kind: ' + 'x' * 90000000)
open('keys.yaml', 'w').write('kind: Canary\n' + ''.join(f'k{i}: 1\n' for i in range(45000)))
open('bytes.yaml', 'wb').write(bytes(range(256)) * 100)
open('flat.yaml', 'w').write('apiVersion: flagger.app/v1beta1\nkind: Canary\nspec: {analysis: '
    '{interval: 1m, threshold: 1, stepWeight: 5, metrics: ['
    + '{name: request-duration},' * 9000 + ']}}')
open('steps.yaml', 'w').write('apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {strategy: '
    '{canary: {steps: [' + '{setWeight: 1},' * 24000 + ']}}}')
open('weights.yaml', 'w').write('apiVersion: flagger.app/v1beta1\nkind: Canary\nspec: {analysis: '
    '{interval: 1m, threshold: 1, stepWeights: [' + '1,' * 90000 + ']}}')
open('judge.json', 'w').write('{"judge": {}, "metrics": [' + '{"name": "errors"},' * 20000 + ']}')
PY
    local limit='ulimit -v 262144' # which a sanitizer's shadow memory does not fit into
    [[ $COALMINE != *sanitize* ]] || limit=:
    for file in *.yaml *.json; do
        run timeout 5 bash -c "$limit; exec '$COALMINE' import '$file' -q"
        [[ $status == 3 ]]
    done
}
