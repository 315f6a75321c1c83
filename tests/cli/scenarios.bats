#!/usr/bin/env bats
# Every scenario that ships does what it is there for.
load common

# What plays a scenario with little effort: files that sweep or tune have commands of their own.
play() { # file
    if grep -q '^[^;]*tune(' "$1"; then
        coalmine tune "$1" --list
    elif grep -q '^[^;]*[$]{' "$1"; then
        coalmine sweep "$1" --replications 4 --quiet --progress none
    else
        coalmine run "$1" --replications 4 --quiet --progress none
    fi
}

@test "every scenario runs" {
    cd "$TOP"
    local file failed=0
    while IFS= read -r file; do
        # Presets are parts: they run in the files that include them.
        [[ $file == */presets/* ]] && continue
        play "$file" >/dev/null && continue
        echo "$file does not run"
        failed=1
    done < <(find scenarios -name '*.ini' | sort)
    ((failed == 0))
}
