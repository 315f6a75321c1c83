#!/usr/bin/env bats
# Stores: what a study leaves in a file, whatever happens on the way.
load common

# Six cells, two policies, a healthy and a bad release.
# shellcheck disable=SC2016 # ${...} is the sweep's, $0 the inner shell's
shop_study() {
    shop
    cat >>shop.ini <<'INI'
[policy.patient]
controller = steps
steps = 10%/5m, 100%
look_every = 2m
gates = success
INI
    sed -i 's/^rate = .*/rate = ${rate = 30, 100, 300} rps/
            s/^failures = .*/failures = ${n = 1, 3}/
            s/^replications = .*/replications = 300/' shop.ini
}

play() { # store, more options
    coalmine sweep shop.ini -q --out "$@" >/dev/null
}

exports() { # store: everything that is in it
    for format in table csv long json markdown; do
        coalmine show "$1" -q --format "$format"
    done
    coalmine show "$1" -q --outcomes
}

@test "shards and a merge come to the same bytes as one run" {
    shop_study
    play whole.db
    for i in 1 2 3; do
        play "part$i.db" --shard "$i/3"
    done
    coalmine merge merged.db part3.db part1.db part2.db
    diff <(exports whole.db) <(exports merged.db)
    coalmine merge merged.db part1.db # folds
    diff <(exports whole.db) <(exports merged.db)
}

@test "threads change nothing" {
    shop_study
    play one.db -j1
    play two.db -j2
    diff <(exports one.db) <(exports two.db)
}

@test "exports say what every row is about, and nothing else" {
    shop_study
    play study.db
    run -0 --separate-stderr coalmine show study.db --format csv
    [[ -z $stderr && ${#lines[@]} == 13 ]]
    [[ ${lines[0]} == scenario,version,seed,replications,cell,rate,n,policy,false_rollback.* ]]
    run -0 --separate-stderr coalmine show study.db --format long --where 'rate >= 100 && n == 3'
    [[ ${lines[0]} == *,policy,release,measure,statistic,value,low,high,n,unit,note ]]
    want='3,100,3 5,300,3 cell,rate,variable.n ' # n is a column of its own
    [[ $(cut -d, -f5-7 <<<"$output" | sort -u | tr '\n' ' ') == "$want" ]]
    run -0 --separate-stderr coalmine show study.db --format json
    jq -e '.schema_version == 1 and (.cells | length) == 6 and
           .cells[5].variables == {"rate": 300, "n": 3} and
           .cells[0].replications == 300' <<<"$output"
    run -0 coalmine show study.db --format csv --where 'cell == 4 || cell == 1'
    [[ ${#lines[@]} == 5 ]]
    run -2 coalmine show study.db --where 'rat < 30'
    says "no variable 'rat' (there are: rate, n)"
    run -0 --separate-stderr coalmine show study.db --outcomes --where 'rate == 30 rps'
    [[ ${#lines[@]} == $((1 + 2 * 2 * 2 * 300)) ]]
}

@test "a number in a wide export is that of the long one" {
    shop_study
    play study.db
    want=$(coalmine show study.db --format long |
        awk -F, '$5 == 4 && $8 == "patient" && $10 == "missed" { print $12 }')
    got=$(coalmine show study.db --format csv | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "missed.error-spike.share") column = i }
        $5 == 4 && $8 == "patient" { print $column }')
    [[ -n $want && $got == "$want" ]]
}

@test "what is no store is refused and left alone" {
    shop_study
    echo garbage >study.db
    run -1 coalmine sweep shop.ini -q --out study.db
    says "'study.db' is not a store: it is no SQLite database"
    [[ $(<study.db) == garbage && ! -e study.db-lock ]]
    run -1 coalmine show study.db
    says 'no SQLite database'
    sqlite3 songs.db 'CREATE TABLE songs (name)'
    run -1 coalmine show songs.db
    says 'not a store of studies'
    run -1 coalmine sweep shop.ini -q --out nowhere/study.db
    says 'nowhere/study.db'
    run -1 coalmine show nowhere.db
    says 'No such file'
}

@test "where nothing can be written it is said, and reading goes on" {
    shop_study
    run -1 coalmine sweep shop.ini -q --out /sys/study.db
    says "cannot write '/sys/study.db-lock'"
    play study.db
    # shellcheck disable=SC2016
    run -1 bash -c '"$0" show study.db --format long >/dev/full' "$COALMINE"
    says 'No space left on device'
}

@test "somebody who may only read a store reads it, and cannot write" {
    folder=$(mktemp -d) # bats' own is closed to others
    cp "$COALMINE" "$folder/coalmine"
    cd "$folder"
    shop_study
    play study.db
    exports study.db >before
    chmod a+rx,a-w . study.db
    as=(env)
    # Nothing is read-only for root, who can be somebody else.
    ((UID)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    run -0 "${as[@]}" ./coalmine show study.db --format long -q
    diff <(coalmine show study.db --format long -q) <(printf '%s\n' "$output")
    run -1 "${as[@]}" ./coalmine sweep shop.ini -q --replications 600 --out study.db
    says "cannot write 'study.db-lock': Permission denied"
    exports study.db | diff before -
    chmod u+w .
    rm -r "$folder"
}

@test "a full disk ends the run and leaves a good store" {
    shop_study
    play whole.db --replications 1000
    for kilobytes in 8 40 100 400; do
        # shellcheck disable=SC2016
        run -1 bash -c 'ulimit -f "$1" && "$0" sweep shop.ini -q --replications 1000 --out "$2"' \
            "$COALMINE" "$kilobytes" "full$kilobytes.db"
        says "'full$kilobytes.db'"
        [[ $(sqlite3 "full$kilobytes.db" 'PRAGMA integrity_check') == ok ]]
        play "full$kilobytes.db" --replications 1000
        diff <(exports whole.db) <(exports "full$kilobytes.db")
    done
}

# A store in the middle of a commit that changes every row, as a kill leaves it.
half_written() { # store copy
    python3 - "$@" <<'PY'
import shutil, sqlite3, sys
store, copy = sys.argv[1:]
shutil.copy(store, "work.db")
db = sqlite3.connect("work.db", isolation_level=None)
db.executescript("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;"
                 "UPDATE outcome SET looks = looks + 1000")
for end in "", "-journal":
    shutil.copy("work.db" + end, copy + end)
db.execute("ROLLBACK")
PY
}

@test "what a killed writer left half done is taken back by the next to read" {
    shop_study
    play study.db
    half_written study.db copy.db
    run -1 cmp -s study.db copy.db
    diff <(exports study.db) <(exports copy.db)
    [[ ! -e copy.db-journal ]]
}

@test "two writers at once: the second waits, and finds the work of the first" {
    shop_study
    play whole.db --replications 3000
    coalmine sweep shop.ini --replications 3000 --out study.db >/dev/null 2>first &
    until [[ -e study.db-lock ]]; do sleep 0.01; done
    coalmine sweep shop.ini --replications 3000 --out study.db >/dev/null 2>second
    wait $!
    cat first second
    grep -q "waiting for 'study.db': process [0-9]* is writing it" first second
    [[ $(grep -c '^study.db: 0 rollouts played' first second | grep -c ':1$') == 1 ]]
    diff <(coalmine show whole.db --format long) <(coalmine show study.db --format long)
}

@test "a study is shown as far as it is, with what is to be known about it" {
    shop_study
    play study.db --where 'rate < 300'
    sqlite3 study.db "DELETE FROM block WHERE block = 0 AND series = 1;
                      UPDATE block SET version = '0.0.9' WHERE series = 6"
    run -0 --separate-stderr coalmine show study.db
    says '4 of the 6 cells of the study are in the store'
    says '1 of 4 cells are incomplete'
    says 'several versions of the program'
    [[ $output != *several* ]]
    run -0 --separate-stderr coalmine show study.db -q
    [[ -z $stderr ]]
    run -0 --separate-stderr coalmine sweep shop.ini --out study.db
    says 'warning: The replications were played by several versions'
    run -0 --separate-stderr coalmine show study.db
    [[ $stderr != *cells* ]]
}

@test "stores that disagree are not merged" {
    shop_study
    play study.db
    cp study.db other.db
    sqlite3 other.db 'UPDATE outcome SET looks = looks + 1 WHERE id = (1 << 32) + 7'
    run -1 coalmine merge study.db other.db
    says "'study.db' and 'other.db' disagree: replication 7 of "
    cp study.db other.db
    sqlite3 other.db 'PRAGMA user_version = 9'
    run -1 coalmine merge study.db other.db
    says 'schema 9, and this program reads schema 1'
    run -2 coalmine merge study.db
    says 'which stores?'
}
