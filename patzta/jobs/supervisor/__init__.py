"""One small process a job that owns its terminal, keeps its log and records how it ended.

Only the standard library, and of that only what is small: three hundred jobs are three hundred of these processes. It
outlives the bot, which finds everything in the job's folder:

    spec.json        what is to be run; written by whoever starts the job
    lock             held (flock) for as long as the supervisor lives
    run.json         that it runs, since when, on which boot of which machine; made once, so a second start is refused
    log.0000…        what it wrote, in segments named by the number of bytes before them
    ctl              a socket for requests; box/ the same as files, where a socket does not reach
    exit.json        how it ended
"""
