// Preemption by priority: running jobs of lower priority yield to the one that does not fit. The lowest priority goes first, then
// who started last, then who was submitted last.
#define SCHED1_NAME "priority"
#define SCHED1_JOBS(want) want(prio) want(start_ns) want(number)
#include "sched1.h"

// before tells whether job a is to yield before job b.
static int before(uint32_t a, uint32_t b) {
	if (jobs.prio[a] != jobs.prio[b])
		return jobs.prio[a] < jobs.prio[b];
	if (jobs.start_ns[a] != jobs.start_ns[b])
		return jobs.start_ns[a] > jobs.start_ns[b];
	return jobs.number[a] > jobs.number[b];
}

// sink lets the job at i fall to where nobody below it yields later: the heap's root yields last.
static void sink(uint32_t i, uint32_t n) {
	for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && before(victims[child], victims[child + 1]))
			child++;
		if (!before(victims[i], victims[child]))
			return;
		uint32_t job = victims[i];
		victims[i] = victims[child];
		victims[child] = job;
	}
}

int32_t sched1_preempt(uint32_t job, uint32_t n) {
	uint32_t m = 0;
	for (uint32_t i = 0; i < n; i++)
		if (jobs.prio[idx[i]] < jobs.prio[job])
			victims[m++] = idx[i];
	for (uint32_t i = m / 2; i-- > 0;)
		sink(i, m);
	for (uint32_t end = m; end-- > 1;) {
		uint32_t last = victims[0];
		victims[0] = victims[end];
		victims[end] = last;
		sink(0, end);
	}
	return (int32_t)m;
}
