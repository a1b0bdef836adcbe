# shellcheck shell=sh disable=SC2154
# Sourced by the batch scripts: runs bin/$program in an allocation until the allocation's time is nearly over.
# Needs $root (the checkout), $program, and $resubmit (the command that queues the script again).
# BOT_ARGUMENTS are the bot's arguments; RESUBMIT=yes has the script queued again before its time is over.

# Python's environment is made on the node's own disk; data and config stay on the shared one.
scratch=${SCRATCHDIR:-${TMPDIR:-/tmp}}/patzta-${PBS_JOBID:-${SLURM_JOB_ID:-$$}}
mkdir -p "$scratch"
tar -C "$root" -cf - --exclude=./data --exclude=./.venv --exclude=./.git . | tar -C "$scratch" -xf -
rm -rf "$scratch/config"
ln -s "$root/config" "$scratch/config"
export PATZTA_DATA="${PATZTA_DATA:-$root/data}"
mkdir -p "$PATZTA_DATA"

ends() {
    if [ "${PBS_RESC_TOTAL_WALLTIME-}" ]; then
        echo $(($(date +%s) + PBS_RESC_TOTAL_WALLTIME))
    elif [ "${SLURM_JOB_END_TIME-}" ]; then
        echo "$SLURM_JOB_END_TIME"
    elif [ "${SLURM_JOB_ID-}" ] && command -v squeue >/dev/null; then
        end=$(squeue -h -j "$SLURM_JOB_ID" -o %e)
        case $end in *T*) date -d "$end" +%s ;; esac
    elif [ "${PBS_JOBID-}" ] && command -v qstat >/dev/null; then
        limit=$(qstat -f "$PBS_JOBID" | sed -n 's/^ *Resource_List.walltime = //p')
        case $limit in *:*:*) echo "$limit $(date +%s)" | awk -F '[: ]' '{ print $1 * 3600 + $2 * 60 + $3 + $4 }' ;; esac
    fi
}

end=$(ends)
if [ "$end" ]; then export PATZTA_ENDS="$end"; fi

# The arguments are words.
# shellcheck disable=SC2086
"$scratch/bin/$program" ${BOT_ARGUMENTS-} "$@" &
bot=$!
# The engine asks to end: the bot takes its leave, the jobs have been told by their own supervisors.
trap 'kill -TERM "$bot" 2>/dev/null' TERM INT

if [ "$end" ]; then
    (
        # Jobs are told two minutes before the end; after another minute nobody writes any more.
        left=$((end - $(date +%s) - 45))
        if [ "$left" -gt 0 ]; then sleep "$left"; fi
        if [ "${RESUBMIT-}" = yes ]; then (cd "$root" && eval "$resubmit"); fi
        kill -TERM "$bot" 2>/dev/null
    ) &
    watch=$!
fi

code=0
while kill -0 "$bot" 2>/dev/null; do
    # A signal that is trapped ends a wait early.
    code=0
    wait "$bot" || code=$?
done
if [ "${watch-}" ]; then kill "$watch" 2>/dev/null || true; fi
rm -rf "$scratch"
exit "$code"
