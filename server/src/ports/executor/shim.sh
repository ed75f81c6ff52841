#!/bin/sh
# Runs one attempt's command and outlives the server that started it. It leads a session and a process group of its own.
# What it leaves in the attempt's folder is all that anyone will know; what does not end with a line's end is not there yet:
#   claim    who runs it: pid, start time, boot; making it is what lets a second start do nothing
#   timeout  there when the time was over
#   exit     the command's status
# Arguments: attempt folder, seconds of time, seconds of grace, KiB of data a process may have, blocks of 512 bytes a file
# may have, list of cores or `-`, taskset or `-`, sleep, then the command.
# Each process that this script makes is paid for by every attempt: it makes two, of which one sleeps.
attempt=$1 seconds=$2 grace=$3 data=$4 blocks=$5 cores=$6 taskset=$7 sleep=$8
shift 8

read -r stat <"/proc/$$/stat"
read -r boot </proc/sys/kernel/random/boot_id
field=0
set -f
for start in ${stat##*) }; do
  field=$((field + 1))
  [ "$field" -lt 20 ] || break
done
set +f

# A file that is only made when it is not there cannot be made twice, whoever dies in between.
set -C
{ printf '%s %s %s\n' $$ "$start" "$boot" >"$attempt/claim"; } 2>/dev/null || exit 75
set +C

# A signal to the group reaches this process too. It waits for the command and records how that ended.
trap : TERM INT HUP

# The time keeper works without the server. Asked to end while it sleeps, it leaves the ending to whoever asked.
(
  "$sleep" "$seconds" &
  wait $! || exit
  : >"$attempt/timeout"
  kill -TERM 0
  "$sleep" "$grace"
  printf '137\n' >"$attempt/exit"
  kill -KILL 0
) </dev/null >/dev/null 2>&1 &

(
  trap - TERM INT HUP
  ulimit -c 0
  ulimit -f "$blocks"
  ulimit -d "$data"
  [ "$cores" = - ] || exec "$taskset" -c "$cores" "$@"
  exec "$@"
)
printf '%s\n' $? >"$attempt/exit"

# What the command left running ends with it.
kill -KILL 0
