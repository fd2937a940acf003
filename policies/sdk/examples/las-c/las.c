// Least attained service: the job that has had the least GPU time is first; ties go to the job that came first. A job that has
// not run yet has had none.
#define SCHED1_NAME "las"
#define SCHED1_JOBS(want) want(attained_gpu_ns)
#include "sched1.h"

// A waiting job attains nothing: its key holds until it has run again, and then the host asks anew.
int32_t sched1_keys(uint32_t n) {
	int64_t *restrict key = keys;
	for (uint32_t i = 0; i < n; i++)
		key[i] = jobs.attained_gpu_ns[idx[i]];
	return SCHED1_STATUS_OK;
}
