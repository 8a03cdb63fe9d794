/** `job.list` lists at most this many jobs in one call. */
export const JOBS_PER_CALL = 16;
