/**
 * What runs on the nodes: the supervisor of a run as the batch script, and the search for the processes of a run by their
 * marks. One text for all runs: what differs is in the folder of the run, which the nodes see too.
 *
 * The command runs in the foreground, with traps that do nothing: with `cmd & wait` the two signals of a cancellation
 * (TERM, then CONT) interrupt the wait, and a wrong code is recorded. The supervisor itself has no mark, so what has one is
 * of the command.
 *
 * `began` is made by link(2), which fails if it is there: so a run begins once at most, even if Slurm puts it back into its
 * queue or a host has given it up. `exit` is made by rename(2), when it is complete: what the shell announced ("Killed"),
 * the code, whether this shell got TERM, and whether all that had the mark of the run is gone.
 */
export const batchScript = `#!/bin/sh
found() {
  grep -lsz -e "Max file locks  *$m " -e "^BGJOBS_RUN_ID=$r\\$" /proc/[0-9]*/limits /proc/[0-9]*/environ 2>/dev/null
}
send() {
  for p in $(echo "$l" | cut -d/ -f3 | sort -un); do kill -s "$1" "$p" 2>/dev/null; done
}
# end GRACE SCANS: TERM, after GRACE seconds KILL, until SCANS scans in a row have found nothing
end() {
  l=$(found)
  if [ -n "$l" ] && [ "$1" -gt 0 ]; then
    send TERM
    send CONT
    n=0
    while [ $n -lt $(($1 * 10)) ] && l=$(found) && [ -n "$l" ]; do sleep 0.1; n=$((n + 1)); done
  fi
  n=0 clear=0
  while [ $clear -lt "$2" ]; do
    if [ -z "$l" ]; then
      clear=$((clear + 1))
      [ $clear -ge "$2" ] || l=$(found)
    else
      clear=0
      send STOP
      send KILL
      n=$((n + 1))
      [ $n -le 100 ] || return 1
      sleep 0.05
      l=$(found)
    fi
  done
}
verb=$1
case $verb in
end) m=$2 r=$3; end "$4" 2; exit ;;
send) m=$2 r=$3; l=$(found); send "$4"; exit 0 ;;
task) d=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$2") ;;
run) d=$2 ;;
esac
s=$d/slurm
t=
trap 't=1' TERM
trap : HUP INT QUIT USR1 USR2 CONT XCPU
b=$s/began.$SLURM_JOB_ID.$$
echo "$SLURM_JOB_ID $$ \${SLURMD_NODENAME:-$(hostname)} \${SLURM_JOB_NUM_NODES:-1}" >"$b" || exit 1
ln "$b" "$s/began" 2>/dev/null || { echo 'Background Jobs: this run has begun before, or was given up.' >&2; exit 1; }
rm -f "$b"
. "$s/settings"
exec 3>&2 2>"$s/exit.tmp"
(. "$s/command") <"$in"
c=$?
echo "code $c" >&2
[ -z "$t" ] || echo term >&2
k=1
if [ -e "$s/stop" ]; then
  k=2
  read -r g <"$s/stop" || g=0
fi
if end "$g" $k 2>/dev/null; then e=clear; else e=left; fi
n=\${SLURM_JOB_NUM_NODES:-1}
if [ "$n" -gt 1 ]; then
  srun --overlap --quiet --input=none -N "$n" -n "$n" --ntasks-per-node=1 /bin/sh "$script" end "$m" "$r" "$g" >/dev/null 2>&1 || e=left
fi
echo "$e" >&2
mv "$s/exit.tmp" "$s/exit"
exit $c
`;
