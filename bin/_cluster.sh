# shellcheck shell=sh disable=SC2154
# Sourced by the batch scripts: runs bin/$program "$@" in an allocation until the allocation's time is nearly over.
# Needs $root (the checkout) and $program. RESUBMIT=yes has the script queued again when its time is nearly over: a bot
# always, training if something is left to do. SAVE_SECONDS is how long before the end training is told to save.

# Python's environment is made on the node's own disk; data and config stay on the shared one.
scratch=${SCRATCHDIR:-${TMPDIR:-/tmp}}/patzta-${PBS_JOBID:-${SLURM_JOB_ID:-$$}}
mkdir -p "$scratch"
tar -C "$root" -cf - --exclude=./data --exclude=./.venv --exclude=./.git . | tar -C "$scratch" -xf -
export PATZTA_DATA="${PATZTA_DATA:-$root/data}"
mkdir -p "$PATZTA_DATA"
rm -rf "$scratch/config"
ln -s "$root/config" "$scratch/config"
ln -sfn "$PATZTA_DATA" "$scratch/data"

# Relative paths among the arguments start at the checkout; code comes from the copy all the same.
cd "$root" || exit
export PYTHONSAFEPATH=1

# A resource as it was asked for; PBS folds long lines.
asked() {
    qstat -f "$PBS_JOBID" 2>/dev/null | sed -e ':line' -e 'N' -e '$!bline' -e 's/\n\t//g' |
        sed -n "s/^ *Resource_List\.$1 = //p"
}

ends() {
    if [ "${PBS_RESC_TOTAL_WALLTIME-}" ]; then
        echo $(($(date +%s) + PBS_RESC_TOTAL_WALLTIME))
    elif [ "${SLURM_JOB_END_TIME-}" ]; then
        echo "$SLURM_JOB_END_TIME"
    elif [ "${SLURM_JOB_ID-}" ] && command -v squeue >/dev/null; then
        end=$(squeue -h -j "$SLURM_JOB_ID" -o %e)
        case $end in *T*) date -d "$end" +%s ;; esac
    elif [ "${PBS_JOBID-}" ]; then
        limit=$(asked walltime)
        case $limit in *:*:*) echo "$limit $(date +%s)" | awk -F '[: ]' '{ print $1 * 3600 + $2 * 60 + $3 + $4 }' ;; esac
    fi
}

again() {
    if [ "${PBS_JOBID-}" ]; then
        select=$(asked select) walltime=$(asked walltime)
        names='RESUBMIT|SAVE_SECONDS|[A-Z]+_ARGUMENTS|(HF|PATZTA)_[A-Z_]+'
        variables=$(env | grep -v ^PATZTA_ENDS= | sed -nE "s/^($names)=.*/\1/p" | paste -sd , -)
        qsub ${PBS_O_QUEUE:+-q "$PBS_O_QUEUE"} ${select:+-l "select=$select"} ${walltime:+-l "walltime=$walltime"} \
            -v "$variables" "bin/metacentrum_$program"
    elif [ "$program" = train ]; then
        # The job itself goes back to the queue, with all that it was given, and this script ends here.
        scontrol requeue "$SLURM_JOB_ID"
    else
        sbatch --export=ALL,RESUBMIT=yes "bin/slurm_$program" "$@"
    fi || echo "It could not be queued again." >&2
}

# Training uses what was allocated, unless its arguments, which come later, say otherwise.
whole_allocation() {
    gpus=${SLURM_GPUS_ON_NODE:-${PBS_NGPUS:-1}}
    if [ "${CUDA_VISIBLE_DEVICES-}" ]; then gpus=$(echo "$CUDA_VISIBLE_DEVICES" | awk -F , '{ print NF }'); fi
    if [ "$gpus" -eq 0 ]; then gpus=1; fi
    echo "--processes $gpus --threads $((($(nproc) + gpus - 1) / gpus))"
}

first=""
if [ "$program" = train ]; then
    before=${SAVE_SECONDS:-180}
    # torch's launcher kills processes that take longer.
    export TORCH_ELASTIC_SHUTDOWN_TIMEOUT="$before"
    case ${1--} in -*) first=$(whole_allocation) ;; esac
else
    # Jobs are told two minutes before the end; after another minute nobody writes any more.
    before=45
fi

end=$(ends)
if [ "$end" ]; then
    export PATZTA_ENDS="$end"
    left=$((end - $(date +%s) - before))
    # Where there is no time to do anything, it would be queued for ever.
    if [ "$left" -le 0 ]; then left=0 RESUBMIT=no; fi
fi

# These arguments are words.
# shellcheck disable=SC2086
"$scratch/bin/$program" $first "$@" &
running=$!
# The engine asks to end: the bot takes its leave, the jobs have been told by their own supervisors; training saves.
trap 'kill -TERM "$running" 2>/dev/null' TERM INT

if [ "$end" ]; then
    (
        sleep "$left" &
        trap 'kill "$!" 2>/dev/null' TERM
        wait "$!" || exit 0
        touch "$scratch/over"
        # A bot that takes its time to leave must not keep the next one from being queued.
        if [ "${RESUBMIT-}" = yes ] && [ "$program" != train ]; then again "$@"; fi
        kill -TERM "$running" 2>/dev/null
    ) &
    watch=$!
fi

# A signal that is trapped ends a wait early.
while kill -0 "$running" 2>/dev/null; do wait "$running" || true; done
code=0
wait "$running" || code=$?
if [ "${watch-}" ]; then kill "$watch" 2>/dev/null || true; fi
if [ -e "$scratch/over" ]; then over=yes; fi
rm -rf "$scratch"
if [ "${over-}" ] && [ "${RESUBMIT-}" = yes ] && [ "$program" = train ] && [ "$code" -ne 0 ]; then again; fi
exit "$code"
