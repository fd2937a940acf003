// EASY backfilling (Lifka 1995): a whole scheduler that keeps its own queue from the events that it is told.
//
// Jobs start in order of arrival while they fit. The first that does not has a reservation at the shadow time: the earliest expected
// end at which enough GPUs are free, counting every job that is expected to end at that instant. What is free then beyond its need is
// the extra. Behind it, in order and in one sweep a pass, a job starts if it fits now and is expected to end by the shadow time, or
// needs at most what is left of the extra, which it uses up.
//
// A job that outlives its estimate is expected to end at its start + the smallest 2^k x estimate that lies strictly ahead.
//
// It decides by the number of free GPUs alone, so it is for jobs that may take any, and says so (ANY_GPUS): the host refuses other work.
// A job that the host cannot place all the same comes back as refused and waits in its place.
#define SCHED1_NAME "easy"
#define SCHED1_FLAGS SCHED1_DESC_ANY_GPUS
#define SCHED1_JOBS(want) \
	want(state) want(number) want(gen) want(partition) want(gpus) want(est_ns) want(start_ns) want(exp_end_ns)
#include "sched1.h"
#include "sorted.h"

enum where { NOWHERE, WAITS, RUNS };

// What is known of the job in a slot.
struct job {
	int64_t number; // order of arrival
	int64_t estimate;
	int64_t end; // running: the instant at which it is expected to end
	int64_t refused_at;
	uint32_t gen, gpus, partition;
	uint8_t met, where, refused;
};

// Jobs by slot, in pages that never move: to have met more of them costs nothing later.
#define PAGE 1024
static struct job **pages;
static uint32_t n_pages;

// The waiting jobs that ask for so many GPUs, in order of arrival; their value is the estimate.
struct lane {
	uint32_t gpus;
	struct sorted jobs;
	struct entry *candidate; // during a sweep: the first that may start, or NULL
};

struct partition {
	struct sorted queue; // all waiting jobs
	struct lane *lanes; // in order of GPUs
	uint32_t n_lanes, cap_lanes;
	struct lane **fits; // during a sweep: lanes with a candidate, in order of GPUs
	uint32_t cap_fits;
	struct sorted ends; // running jobs in order of expected end; their value is their GPUs
	// The reservation of the first job. It holds while that job is the first and nothing has changed that could move it.
	int64_t head;
	int64_t shadow;
	int64_t extra;
	uint8_t reserved;
};
static struct partition **parts;
static uint32_t n_parts;

// known is the job that was met last in a slot.
static struct job *known(uint32_t slot) {
	return &pages[slot / PAGE][slot % PAGE];
}

// knows reports whether an event is about the job that is known in its slot: the slot may have held another.
static int knows(const struct sched1_event *e) {
	return e->a / PAGE < n_pages && pages[e->a / PAGE] && known(e->a)->met && known(e->a)->gen == e->b;
}

static struct partition *partition(uint32_t id) {
	parts = grown(parts, &n_parts, id + 1, sizeof *parts);
	if (!parts[id])
		parts[id] = must(sched1_alloc(sizeof *parts[id]));
	return parts[id];
}

static int64_t later(int64_t at, int64_t by) {
	int64_t sum;
	return __builtin_add_overflow(at, by, &sum) ? INT64_MAX : sum;
}

// lane is the lane of a size, made at its first job. Another new one moves it.
static struct lane *lane(struct partition *p, uint32_t gpus) {
	uint32_t lo = 0, hi = p->n_lanes;
	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		if (p->lanes[mid].gpus < gpus)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == p->n_lanes || p->lanes[lo].gpus != gpus) {
		p->lanes = grown(p->lanes, &p->cap_lanes, p->n_lanes + 1, sizeof *p->lanes);
		for (uint32_t i = p->n_lanes++; i > lo; i--)
			p->lanes[i] = p->lanes[i - 1];
		p->lanes[lo] = (struct lane){.gpus = gpus};
	}
	return &p->lanes[lo];
}

static void enqueue(uint32_t slot) {
	struct job *j = known(slot);
	struct partition *p = partition(j->partition);
	insert(&p->queue, j->number, slot, j->estimate);
	insert(&lane(p, j->gpus)->jobs, j->number, slot, j->estimate);
	j->where = WAITS;
}

// run puts a job among those that run.
static void run(uint32_t slot, int64_t end) {
	struct job *j = known(slot);
	insert(&partition(j->partition)->ends, end, slot, j->gpus);
	j->end = end;
	j->where = RUNS;
}

static void forget(uint32_t slot) {
	struct job *j = known(slot);
	struct partition *p = partition(j->partition);
	if (j->where == WAITS) {
		removed(&p->queue, j->number, slot);
		removed(&lane(p, j->gpus)->jobs, j->number, slot);
	} else if (j->where == RUNS) {
		removed(&p->ends, j->end, slot);
	}
	j->where = NOWHERE;
}

// meet takes up the job that a slot holds now.
static void meet(uint32_t slot) {
	pages = grown(pages, &n_pages, slot / PAGE + 1, sizeof *pages);
	if (!pages[slot / PAGE])
		pages[slot / PAGE] = must(sched1_alloc(PAGE * sizeof(struct job)));
	*known(slot) = (struct job){.met = 1, .number = (int64_t)jobs.number[slot], .estimate = jobs.est_ns[slot], .gen = jobs.gen[slot],
		.gpus = jobs.gpus[slot], .partition = jobs.partition[slot]};
}

// resync begins anew: all that was remembered is void, and the table is the truth.
static void resync(void) {
	for (uint32_t slot = 0; slot < n_pages * PAGE; slot++)
		if (pages[slot / PAGE] && known(slot)->met)
			forget(slot);
	for (uint32_t slot = 0; slot < ctx.n_jobs; slot++) {
		meet(slot);
		if (jobs.state[slot] == SCHED1_JOB_QUEUED)
			enqueue(slot);
		else if (jobs.state[slot] == SCHED1_JOB_STARTING || jobs.state[slot] == SCHED1_JOB_RUNNING || jobs.state[slot] == SCHED1_JOB_STOPPING)
			run(slot, jobs.exp_end_ns[slot]);
	}
}

// unreserve: something has changed that may move a reservation.
static void unreserve(uint32_t slot) {
	partition(known(slot)->partition)->reserved = 0;
}

static void unreserve_all(void) {
	for (uint32_t i = 0; i < n_parts; i++)
		if (parts[i])
			parts[i]->reserved = 0;
}

static void observe(const struct sched1_event *e) {
	switch (e->kind) {
	case SCHED1_EV_RESYNC:
		resync();
		unreserve_all();
		break;
	case SCHED1_EV_ARRIVE:
		if (!knows(e))
			meet(e->a);
		if (known(e->a)->where == NOWHERE)
			enqueue(e->a);
		break;
	case SCHED1_EV_STARTED: // of our own starts we know
		if (!knows(e) || known(e->a)->where == RUNS)
			break;
		forget(e->a);
		run(e->a, (int64_t)e->x);
		unreserve(e->a);
		break;
	case SCHED1_EV_FINISH:
	case SCHED1_EV_CANCELLED:
	case SCHED1_EV_PREEMPTED:
		if (!knows(e))
			break;
		forget(e->a);
		unreserve(e->a);
		if (e->kind == SCHED1_EV_PREEMPTED)
			enqueue(e->a);
		break;
	case SCHED1_EV_REFUSED:
		if (!knows(e) || e->c != SCHED1_DO_START || jobs.state[e->a] != SCHED1_JOB_QUEUED)
			break;
		forget(e->a);
		unreserve(e->a);
		known(e->a)->refused = 1;
		known(e->a)->refused_at = e->t_ns;
		enqueue(e->a);
		break;
	case SCHED1_EV_NODE_UP:
	case SCHED1_EV_NODE_DOWN:
	case SCHED1_EV_NODE:
		unreserve_all();
		break;
	}
}

// overruns moves every job that has outlived its expected end to its next one.
static void overruns(struct partition *p) {
	while (p->ends.n > 0 && first(&p->ends)->key <= ctx.now_ns) {
		uint32_t slot = first(&p->ends)->id;
		struct job *j = known(slot);
		int64_t span = j->estimate > 0 ? j->estimate : 1, at = later(jobs.start_ns[slot], span);
		while (at <= ctx.now_ns)
			at = span > INT64_MAX / 2 ? INT64_MAX : later(jobs.start_ns[slot], span *= 2);
		forget(slot);
		run(slot, at);
		p->reserved = 0;
	}
}

// reserve finds the shadow time of a job that needs so many GPUs where so many are free, and the extra GPUs.
static void reserve(struct partition *p, int64_t need, int64_t free) {
	p->reserved = 1;
	p->shadow = INT64_MAX;
	for (uint32_t k = 0; k < p->ends.n_order; k++) {
		const struct chunk *c = p->ends.order[k];
		if (free < need && free + c->sum < need) {
			free += c->sum;
			continue;
		}
		for (uint32_t i = c->lo; i < c->hi; i++) {
			if (free >= need && c->e[i].key != p->shadow) {
				p->extra = free - need;
				return;
			}
			free += c->e[i].value;
			if (free >= need)
				p->shadow = c->e[i].key;
		}
	}
	p->extra = free - need;
}

// decide appends a decision; 0 = the buffer is full, and the host calls again.
static int decide(uint32_t *n, struct sched1_decision d) {
	if (*n == decisions_cap) {
		decisions[*n - 1].flags |= SCHED1_DOF_MORE;
		return 0;
	}
	decisions[(*n)++] = d;
	return 1;
}

static int start(uint32_t *n, uint32_t slot) {
	struct job *j = known(slot);
	if (!decide(n, (struct sched1_decision){.kind = SCHED1_DO_START, .job = slot, .job_gen = j->gen, .node = SCHED1_NONE}))
		return 0;
	forget(slot);
	run(slot, later(ctx.now_ns, j->estimate));
	return 1;
}

// consider looks for a lane's first job that may start now.
static int consider(struct partition *p, struct lane *l, int64_t free) {
	if (l->jobs.n == 0 || l->gpus > free)
		return 0;
	l->candidate = l->gpus <= p->extra ? first(&l->jobs) : first_within(&l->jobs, p->shadow - ctx.now_ns);
	if (!l->candidate)
		return 0;
	const struct job *j = known(l->candidate->id);
	return !j->refused || j->refused_at != ctx.now_ns; // a refused one's lane waits for the next instant
}

// sweep starts what may pass the first job, which is blocked. It returns 0 when the buffer is full.
static int sweep(struct partition *p, uint32_t *n, int64_t free) {
	const struct job *head = known(first(&p->queue)->id);
	if (p->head != head->number)
		p->reserved = 0;
	p->head = head->number;
	p->fits = grown(p->fits, &p->cap_fits, p->n_lanes, sizeof *p->fits);
	uint32_t fit = 0;
	for (uint32_t i = 0; i < p->n_lanes && p->lanes[i].gpus <= free; i++) {
		if (p->lanes[i].jobs.n == 0)
			continue;
		if (!p->reserved)
			reserve(p, head->gpus, free);
		if (consider(p, &p->lanes[i], free))
			p->fits[fit++] = &p->lanes[i];
	}
	while (fit > 0) {
		struct lane *best = p->fits[0];
		for (uint32_t i = 1; i < fit; i++)
			if (p->fits[i]->candidate->key < best->candidate->key)
				best = p->fits[i];
		int64_t end = later(ctx.now_ns, best->candidate->value);
		if (!start(n, best->candidate->id))
			return 0;
		free -= best->gpus;
		if (end > p->shadow)
			p->extra -= best->gpus;
		uint32_t kept = 0; // what is free and extra has shrunk: a lane that had no candidate has none now
		for (uint32_t i = 0; i < fit; i++)
			if (consider(p, p->fits[i], free))
				p->fits[kept++] = p->fits[i];
		fit = kept;
	}
	return 1;
}

int32_t sched1_decide(uint32_t n_events) {
	for (uint32_t i = 0; i < n_events; i++)
		observe(&events[i]);
	struct partition *p = partition(ctx.partition);
	overruns(p);
	uint32_t n = 0;
	int64_t free = ctx.gpus_free;
	while (p->queue.n > 0) {
		uint32_t slot = first(&p->queue)->id;
		const struct job *j = known(slot);
		if (j->gpus > free || (j->refused && j->refused_at == ctx.now_ns)) {
			if (sweep(p, &n, free)) // and for reports, who blocks and why
				decide(&n, (struct sched1_decision){.kind = SCHED1_DO_BLOCKED, .job = slot, .arg = SCHED1_CAUSE_RESERVATION});
			break;
		}
		if (!start(&n, slot))
			break;
		free -= j->gpus;
		p->reserved = 0; // it may have overtaken the job that has a reservation
	}
	return (int32_t)n;
}
