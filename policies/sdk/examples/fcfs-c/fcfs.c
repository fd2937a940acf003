// First come, first served: a whole scheduler that keeps its own queue from the events that it is told. The first job of the queue
// starts as soon as enough GPUs are free, and blocks all others until then. Each partition has a queue.
//
// It decides by the number of free GPUs alone, so it is for jobs that may take any; a job that the host cannot place comes back as
// refused and is tried again. What an event costs does not grow with the queue.
#define SCHED1_NAME "fcfs"
#define SCHED1_JOBS(want) want(state) want(number) want(gen) want(partition) want(gpus)
#include "sched1.h"

// What is known of the job in a slot.
struct job {
	uint64_t number; // order of arrival
	int64_t refused_at;
	uint32_t gen, gpus, partition;
	uint8_t met, waits, refused;
};
static struct job *known;
static uint32_t n_known;

// An entry of a queue. It is void once its job waits no longer: nobody searches a queue for a job that left.
struct entry {
	uint64_t number;
	uint32_t slot, gen;
};

// Jobs come in order of number, into a ring. One that comes back, or that waited for another before it might start, has a smaller
// number than the last: such jobs are in a heap beside the ring. The first of all is the first of one of the two.
struct queue {
	struct entry *ring; // cap_ring is a power of two; entries are ring[first & mask] and on
	uint32_t first, n_ring, cap_ring;
	struct entry *heap;
	uint32_t n_heap, cap_heap;
};
static struct queue *queues;
static uint32_t n_queues;

// grown is an array with room for n items at least: a larger one, what is new in it zero, or the same.
static void *grown(void *old, uint32_t *cap, uint32_t n, uint32_t size) {
	if (n <= *cap)
		return old;
	uint32_t larger = *cap ? *cap : 16;
	while (larger < n)
		larger *= 2;
	char *p = sched1_alloc((uint64_t)larger * size);
	if (!p)
		sched1_fail("out of memory", 13);
	for (uint64_t i = 0; i < (uint64_t)*cap * size; i++)
		p[i] = ((char *)old)[i];
	*cap = larger;
	return p;
}

static int stands(const struct entry *e) {
	const struct job *j = &known[e->slot];
	return j->waits && j->gen == e->gen && j->number == e->number;
}

static void heap_push(struct queue *q, struct entry e) {
	uint32_t i = q->n_heap++;
	for (; i > 0 && q->heap[(i - 1) / 2].number > e.number; i = (i - 1) / 2)
		q->heap[i] = q->heap[(i - 1) / 2];
	q->heap[i] = e;
}

static void heap_pop(struct queue *q) {
	struct entry last = q->heap[--q->n_heap];
	uint32_t i = 0;
	for (uint32_t child = 1; child < q->n_heap; child = 2 * i + 1) {
		if (child + 1 < q->n_heap && q->heap[child + 1].number < q->heap[child].number)
			child++;
		if (last.number <= q->heap[child].number)
			break;
		q->heap[i] = q->heap[child];
		i = child;
	}
	q->heap[i] = last;
}

// room makes room for one more in the ring: void entries go first, and only if half of them stand the ring is doubled.
static void ring_room(struct queue *q) {
	if (q->n_ring < q->cap_ring)
		return;
	struct entry *old = q->ring;
	uint32_t mask = q->cap_ring - 1, n = 0;
	for (uint32_t i = 0; i < q->n_ring; i++)
		if (stands(&old[(q->first + i) & mask]))
			old[(q->first + n++) & mask] = old[(q->first + i) & mask];
	q->n_ring = n;
	if (n > 0 && n <= q->cap_ring / 2)
		return;
	uint32_t cap = q->cap_ring ? 2 * q->cap_ring : 64;
	struct entry *ring = sched1_alloc((uint64_t)cap * sizeof *ring);
	if (!ring)
		sched1_fail("out of memory", 13);
	for (uint32_t i = 0; i < n; i++)
		ring[i] = old[(q->first + i) & mask];
	q->ring = ring;
	q->first = 0;
	q->cap_ring = cap;
}

static void heap_room(struct queue *q) {
	if (q->n_heap < q->cap_heap)
		return;
	uint32_t all = q->n_heap;
	q->n_heap = 0;
	for (uint32_t i = 0; i < all; i++) // what stands is pushed anew, never behind where it is read
		if (stands(&q->heap[i]))
			heap_push(q, q->heap[i]);
	if (q->n_heap >= q->cap_heap / 2)
		q->heap = grown(q->heap, &q->cap_heap, q->cap_heap + 1, sizeof *q->heap);
}

static void enqueue(uint32_t slot) {
	struct job *j = &known[slot];
	if (j->waits)
		return;
	j->waits = 1;
	queues = grown(queues, &n_queues, j->partition + 1, sizeof *queues);
	struct queue *q = &queues[j->partition];
	struct entry e = {j->number, slot, j->gen};
	if (q->n_ring > 0 && q->ring[(q->first + q->n_ring - 1) & (q->cap_ring - 1)].number > e.number) {
		heap_room(q);
		heap_push(q, e);
	} else {
		ring_room(q);
		q->ring[(q->first + q->n_ring++) & (q->cap_ring - 1)] = e;
	}
}

// head is the first job of a queue, or NULL.
static struct entry *head(struct queue *q) {
	while (q->n_ring > 0 && !stands(&q->ring[q->first & (q->cap_ring - 1)])) {
		q->first++;
		q->n_ring--;
	}
	while (q->n_heap > 0 && !stands(&q->heap[0]))
		heap_pop(q);
	struct entry *e = q->n_ring > 0 ? &q->ring[q->first & (q->cap_ring - 1)] : NULL;
	if (q->n_heap > 0 && (!e || q->heap[0].number < e->number))
		e = &q->heap[0];
	return e;
}

// meet takes up the job that a slot holds now.
static void meet(uint32_t slot) {
	known = grown(known, &n_known, slot + 1, sizeof *known);
	known[slot] = (struct job){.met = 1, .number = jobs.number[slot], .gen = jobs.gen[slot], .gpus = jobs.gpus[slot], .partition = jobs.partition[slot]};
}

// resync begins anew: all that was remembered is void, and the table is the truth.
static void resync(void) {
	for (uint32_t i = 0; i < n_queues; i++)
		queues[i].n_ring = queues[i].n_heap = 0;
	for (uint32_t slot = 0; slot < n_known; slot++)
		known[slot] = (struct job){0};
	for (uint32_t slot = 0; slot < ctx.n_jobs; slot++) {
		meet(slot);
		if (jobs.state[slot] == SCHED1_JOB_QUEUED)
			enqueue(slot);
	}
}

static void observe(const struct sched1_event *e) {
	if (e->kind == SCHED1_EV_RESYNC)
		resync();
	int same = e->a < n_known && known[e->a].met && known[e->a].gen == e->b; // the slot may have held another job
	switch (e->kind) {
	case SCHED1_EV_ARRIVE:
		if (!same)
			meet(e->a);
		enqueue(e->a);
		break;
	case SCHED1_EV_PREEMPTED:
		if (same)
			enqueue(e->a);
		break;
	case SCHED1_EV_REFUSED:
		if (!same || e->c != SCHED1_DO_START || jobs.state[e->a] != SCHED1_JOB_QUEUED)
			break;
		known[e->a].refused = 1;
		known[e->a].refused_at = e->t_ns;
		enqueue(e->a);
		break;
	case SCHED1_EV_STARTED: // by somebody else: it waits no longer
	case SCHED1_EV_FINISH:
	case SCHED1_EV_CANCELLED:
		if (same)
			known[e->a].waits = 0;
		break;
	}
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

int32_t sched1_decide(uint32_t n_events) {
	for (uint32_t i = 0; i < n_events; i++)
		observe(&events[i]);
	if (ctx.partition >= n_queues)
		return 0;
	uint32_t n = 0, free = ctx.gpus_free;
	for (struct entry *e; (e = head(&queues[ctx.partition]));) {
		struct job *j = &known[e->slot];
		if (j->gpus > free || (j->refused && j->refused_at == ctx.now_ns)) {
			decide(&n, (struct sched1_decision){.kind = SCHED1_DO_BLOCKED, .job = e->slot, .arg = SCHED1_CAUSE_ORDER}); // for reports
			break;
		}
		if (!decide(&n, (struct sched1_decision){.kind = SCHED1_DO_START, .job = e->slot, .job_gen = e->gen, .node = SCHED1_NONE}))
			break;
		j->waits = 0;
		free -= j->gpus;
		if (j->refused) { // it may be refused again, and then blocks: wait for the answer
			decisions[n - 1].flags |= SCHED1_DOF_MORE;
			break;
		}
	}
	return (int32_t)n;
}
