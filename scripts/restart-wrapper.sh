#!/usr/bin/env bash
# Runs `metdc run` and starts it again when it has crashed, hangs, or asks for it.
#
#   scripts/restart-wrapper.sh [options] [--] [arguments of metdc run]
#
#   --hang SECONDS         no progress on /health for so long is a hang: the program is ended and started anew (60)
#   --grace SECONDS        after SIGTERM the program has so long to end, then it is killed (15)
#   --young SECONDS        who lived for less died young: pauses of 0, 1, 2, 4 … seconds before the next start (60)
#   --longest SECONDS      the longest of these pauses (60)
#   --reset-every MINUTES  end the whole program in order every so often and start it anew; 0 is never (0). Not while a
#                          core or near window of a listing is open, but when it is over
#
# Started again after: a crash (any other exit code, a signal), a hang, exit code 75 (it asks for it).
# Not started again after: exit code 0 (it was told to end) and 2 (command line or configuration are wrong).
# SIGTERM, SIGINT and SIGHUP end the program in order, and then the wrapper, with the program's exit code.
#
# The program says where it serves /health in a file that the wrapper names (METDC_ADDRESS_FILE), so that it is found
# whatever the configuration says. Says what it does on stderr.
set -u

self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in /*) self=$link ;; *) self=${self%/*}/$link ;; esac
done
home=$(cd "$(dirname "$self")/.." && pwd -P) || exit 1

hang=60
grace=15
young=60
longest=60
reset_minutes=0

say() { printf '%s restart-wrapper: %s\n' "$(date '+%Y-%m-%dT%H:%M:%S%z')" "$*" >&2; }
usage() {
    printf 'restart-wrapper: %s; see --help\n' "$*" >&2
    exit 2
}

number() {
    case $2 in '' | *[!0-9]* | ???????*) usage "$1 takes a whole number, not '$2'" ;; esac
    [ "$2" -ge "$3" ] || usage "$1 takes at least $3, not $2"
}

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$self"
            exit 0
            ;;
        --hang | --grace | --young | --longest | --reset-every)
            [ $# -ge 2 ] || usage "$1 takes a whole number"
            value=$2
            least=1
            case $1 in --reset-every | --young | --longest) least=0 ;; esac
            number "$1" "$value" "$least"
            value=$((10#$value))
            case $1 in
                --hang) hang=$value ;;
                --grace) grace=$value ;;
                --young) young=$value ;;
                --longest) longest=$value ;;
                --reset-every) reset_minutes=$value ;;
            esac
            shift 2
            ;;
        --)
            shift
            break
            ;;
        *) break ;;
    esac
done

folder=$(mktemp -d "${TMPDIR:-/tmp}/metdc-wrapper.XXXXXX") || exit 1
address_file=$folder/address
answer_file=$folder/answer
why_file=$folder/why # why the wrapper itself ended the program: hang or reset
program=''           # its process id while it runs
watcher=''
pausing=''
ending='' # the signal that told the wrapper to end

# shellcheck disable=SC2317,SC2329 # called by a trap
clean() {
    [ -n "$watcher" ] && kill "$watcher" 2>/dev/null
    rm -rf "$folder"
}
# shellcheck disable=SC2317,SC2329 # called by traps
told_to_end() {
    [ -n "$ending" ] && return
    ending=$1
    [ -n "$pausing" ] && kill "$pausing" 2>/dev/null
    [ -n "$watcher" ] && kill "$watcher" 2>/dev/null
    if [ -n "$program" ]; then
        say "SIG$1: ending metdc in order"
        end_it "$program" &
    fi
}
trap clean EXIT
trap 'told_to_end TERM' TERM
trap 'told_to_end INT' INT
trap 'told_to_end HUP' HUP

# Asks /health once; the answer is in its file when it is whole. Needs nothing beside bash.
ask() {
    local address host line body='' status=''
    IFS=' ' read -r address _ <"$address_file" 2>/dev/null || return 1
    case $address in *:*) ;; *) return 1 ;; esac
    host=${address%:*}
    host=${host#[}
    exec 3<>"/dev/tcp/${host%]}/${address##*:}" || return 1
    printf 'GET /health HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n' "$address" >&3
    IFS=' ' read -r -u 3 _ status _ || return 1
    while IFS= read -r -u 3 line || [ -n "$line" ]; do
        body+=$line
    done
    printf '%s %s\n' "$status" "$body" >"$answer_file.new" && mv "$answer_file.new" "$answer_file"
}

# Prints the value of a field of the answer $1, a number or a word.
field() {
    [[ $1 =~ \"$2\":\"?([A-Za-z0-9_]+) ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# Ends the process $1 in order, or kills it when that takes too long.
end_it() {
    local until=$((SECONDS + grace))
    kill -TERM "$1" 2>/dev/null
    while kill -0 "$1" 2>/dev/null; do
        if [ "$SECONDS" -ge "$until" ]; then
            say "metdc (process $1) does not end within $grace s: killing it"
            kill -KILL "$1" 2>/dev/null
            return
        fi
        sleep 0.2
    done
}

# Runs beside the program $1: ends it when it hangs, and when a reset is due.
watch() {
    local pid=$1 asking='' asked=0 answer='' last='' seen='' moved=$SECONDS born=$SECONDS told=''
    trap - EXIT
    trap '[ -n "$asking" ] && kill -KILL "$asking" 2>/dev/null; exit 0' TERM
    trap '' INT HUP
    while kill -0 "$pid" 2>/dev/null; do
        if [ -n "$asking" ] && { ! kill -0 "$asking" 2>/dev/null || [ $((SECONDS - asked)) -ge 5 ]; }; then
            kill -KILL "$asking" 2>/dev/null
            wait "$asking" 2>/dev/null
            asking=''
        fi
        answer=''
        [ -r "$answer_file" ] && IFS= read -r answer <"$answer_file" && rm -f "$answer_file"
        if [ "${answer%% *}" = 200 ] && [ "$(field "$answer" pid)" = "$pid" ]; then
            seen=yes
            if [ "$(field "$answer" progress)" != "$last" ]; then
                last=$(field "$answer" progress)
                moved=$SECONDS
            fi
            if [ "$reset_minutes" -gt 0 ] && [ $((SECONDS - born)) -ge $((reset_minutes * 60)) ] &&
                [ "$(field "$answer" listing_window)" = false ]; then
                say "metdc (process $pid) runs for $reset_minutes min: starting it anew"
                printf 'reset\n' >"$why_file"
                end_it "$pid"
                return
            fi
        fi
        if [ -z "$seen" ] && grep -q -s '^none' "$address_file"; then
            moved=$SECONDS # it runs, and says that it could not open its port
            [ -n "$told" ] || say 'metdc could not open its port (see its log): until it can, only its end is watched'
            told=yes
        fi
        if [ $((SECONDS - moved)) -ge "$hang" ]; then
            say "metdc (process $pid) makes no progress for $hang s: ending it"
            printf 'hang\n' >"$why_file"
            kill -QUIT "$pid" 2>/dev/null # then it says what its threads are at, if it still can
            sleep 1
            end_it "$pid"
            return
        fi
        if [ -z "$asking" ]; then
            ask 2>/dev/null &
            asking=$!
            asked=$SECONDS
        fi
        sleep 0.5
    done
}

# Waits for the process $1, however often a signal comes; its exit code is in code.
await() {
    local once_more
    while true; do
        wait "$1"
        code=$?
        kill -0 "$1" 2>/dev/null || break
    done
    if [ "$code" -gt 128 ]; then # its own end by a signal, or one that came to the wrapper in the last moment
        wait "$1" 2>/dev/null
        once_more=$?
        [ "$once_more" -ne 127 ] && code=$once_more
    fi
}

pause() {
    [ "$1" -gt 0 ] || return
    sleep "$1" &
    pausing=$!
    [ -n "$ending" ] && kill "$pausing" 2>/dev/null # told in between
    wait "$pausing"
    kill "$pausing" 2>/dev/null
    pausing=''
}

# What is not built yet is built before anybody waits for /health.
"$home/scripts/metdc" --version >/dev/null &
program=$!
await "$program"
program=''
[ -n "$ending" ] && exit 0
[ "$code" -eq 0 ] || say "metdc --version has ended with exit code $code; trying to run it all the same"

export METDC_ADDRESS_FILE=$address_file
deaths=0
while [ -z "$ending" ]; do
    rm -f "$address_file" "$answer_file" "$why_file"
    born=$SECONDS
    "$home/scripts/metdc" run "$@" &
    program=$!
    watch "$program" &
    watcher=$!
    [ -n "$ending" ] && end_it "$program" & # told in between
    await "$program"
    ended=$program
    program=''
    kill "$watcher" 2>/dev/null
    wait "$watcher" 2>/dev/null
    watcher=''
    lived=$((SECONDS - born))
    why=''
    [ -r "$why_file" ] && IFS= read -r why <"$why_file"

    if [ -n "$ending" ]; then
        say "metdc has ended with exit code $code"
        exit "$code"
    fi
    case $code:$why in
        2:*)
            say 'metdc says that its command line or configuration is wrong (exit code 2): not started again'
            exit 2
            ;;
        0:)
            say 'metdc has ended in order and is not started again'
            exit 0
            ;;
        *:reset)
            say "metdc (process $ended) has ended with exit code $code"
            deaths=0
            continue
            ;;
    esac
    [ "$lived" -ge "$young" ] && deaths=0
    seconds=0
    [ "$deaths" -gt 0 ] && seconds=$((1 << (deaths > 16 ? 15 : deaths - 1)))
    [ "$seconds" -gt "$longest" ] && seconds=$longest
    deaths=$((deaths + 1))
    say "metdc (process $ended) has ended after $lived s with exit code $code: starting it anew in $seconds s"
    pause "$seconds"
done
exit 0 # told to end while nothing ran
