"""What a process must know that starts web workers, and need not load what they are made of."""

# The variables of the environment that name a worker's store and, without an engine, its content.
STORE_VARIABLE = "FEEDSVC_WORKER_STORE"
FOLDER_VARIABLE = "FEEDSVC_WORKER_FOLDER"

# So many files go out piece by piece at a time from one worker, beside everything else.
STREAMS_MOST = 32
