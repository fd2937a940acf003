// First come, first served: a whole scheduler that keeps its own queue from the events that it is told. The first job of the queue
// starts as soon as enough GPUs are free, and blocks all others until then. Each partition has a queue.
//
// It decides by the number of free GPUs alone, so it is for jobs that may take any, and says so (ANY_GPUS): the host refuses other work.
// A job that the host cannot place all the same comes back as refused and is tried again. What an event costs does not grow with the
// queue.
#define SCHED1_NAME "fcfs"
#define SCHED1_FLAGS SCHED1_DESC_ANY_GPUS
#define SCHED1_JOBS(want) want(state) want(number) want(gen) want(partition) want(gpus)
#include "sched1.h"

// What is known of the job in a slot, beside the table: that has what the job asks for, as long as it lives.
struct job {
	uint32_t gen;
	uint32_t next, prev; // in its queue's list; NONE at the ends
	uint32_t partition : 28, met : 1, where : 2, refused : 1;
};
enum where { NOWHERE, IN_LIST, IN_HEAP };

// Jobs by slot, in pages that never move: to have met more of them costs nothing later.
#define PAGE 1024
static struct job **pages;
static uint32_t n_pages;

// When a job was refused last, by slot; most never are.
static int64_t *refused_at;
static uint32_t n_refused;

// An entry of a heap. It is void once its job is no longer there: nobody searches a heap for a job that left.
struct entry {
	uint64_t number;
	uint32_t slot, gen;
};

// Jobs come in order of number, to the end of a linked list. One that comes back, or that waited for another before it might
// start, has a smaller number than the last: such jobs are in a heap beside the list. The first of all is the first of one of the two.
struct queue {
	uint32_t some; // not 0: the list is not empty
	uint32_t first, last;
	struct entry *heap;
	uint32_t n_heap, cap_heap;
};
static struct queue *queues;
static uint32_t n_queues;

static void *must(void *p) {
	if (!p)
		sched1_fail("out of memory", 13);
	return p;
}

// grown is an array with room for n items at least: a larger one, what is new in it zero, or the same. Sizes are multiples of 4.
static void *grown(void *old, uint32_t *cap, uint32_t n, uint32_t size) {
	if (n <= *cap)
		return old;
	uint32_t larger = *cap ? *cap : 16;
	while (larger < n)
		larger *= 2;
	uint32_t *p = must(sched1_alloc((uint64_t)larger * size));
	for (uint32_t i = 0; i < *cap * (size / 4); i++)
		p[i] = ((uint32_t *)old)[i];
	*cap = larger;
	return p;
}

// known is the job that was met last in a slot.
static struct job *known(uint32_t slot) {
	return &pages[slot / PAGE][slot % PAGE];
}

// knows reports whether an event is about the job that is known in its slot: the slot may have held another.
static int knows(const struct sched1_event *e) {
	return e->a / PAGE < n_pages && pages[e->a / PAGE] && known(e->a)->met && known(e->a)->gen == e->b;
}

static int stands(const struct entry *e) {
	const struct job *j = known(e->slot);
	return j->where == IN_HEAP && j->gen == e->gen;
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

// heap_room makes room for one more: void entries go first, and only if half of them stand the heap grows.
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
	struct job *j = known(slot);
	if (j->where != NOWHERE)
		return;
	queues = grown(queues, &n_queues, j->partition + 1, sizeof *queues);
	struct queue *q = &queues[j->partition];
	if (q->some && jobs.number[q->last] > jobs.number[slot]) {
		heap_room(q);
		heap_push(q, (struct entry){jobs.number[slot], slot, j->gen});
		j->where = IN_HEAP;
		return;
	}
	j->next = SCHED1_NONE;
	j->prev = q->some ? q->last : SCHED1_NONE;
	if (q->some)
		known(q->last)->next = slot;
	else
		q->first = slot;
	q->last = slot;
	q->some = 1;
	j->where = IN_LIST;
}

static void leave(uint32_t slot) {
	struct job *j = known(slot);
	if (j->where == IN_LIST) {
		struct queue *q = &queues[j->partition];
		if (j->prev == SCHED1_NONE)
			q->first = j->next;
		else
			known(j->prev)->next = j->next;
		if (j->next == SCHED1_NONE)
			q->last = j->prev;
		else
			known(j->next)->prev = j->prev;
		q->some = q->first != SCHED1_NONE;
	}
	j->where = NOWHERE;
}

// head is the first job of a queue, or NONE.
static uint32_t head(struct queue *q) {
	while (q->n_heap > 0 && !stands(&q->heap[0]))
		heap_pop(q);
	if (q->n_heap > 0 && (!q->some || q->heap[0].number < jobs.number[q->first]))
		return q->heap[0].slot;
	return q->some ? q->first : SCHED1_NONE;
}

// meet takes up the job that a slot holds now.
static void meet(uint32_t slot) {
	pages = grown(pages, &n_pages, slot / PAGE + 1, sizeof *pages);
	if (!pages[slot / PAGE])
		pages[slot / PAGE] = must(sched1_alloc(PAGE * sizeof(struct job)));
	*known(slot) = (struct job){.met = 1, .gen = jobs.gen[slot], .partition = jobs.partition[slot]};
}

// resync begins anew: all that was remembered is void, and the table is the truth.
static void resync(void) {
	for (uint32_t i = 0; i < n_queues; i++)
		queues[i].some = queues[i].n_heap = 0;
	for (uint32_t slot = 0; slot < ctx.n_jobs; slot++) {
		meet(slot);
		if (jobs.state[slot] == SCHED1_JOB_QUEUED)
			enqueue(slot);
	}
}

static void refuse(uint32_t slot, int64_t at) {
	refused_at = grown(refused_at, &n_refused, slot + 1, sizeof *refused_at);
	refused_at[slot] = at;
	known(slot)->refused = 1;
}

// wants is how many GPUs must be free for a job: more than there can be where it was refused at this instant.
static uint32_t wants(uint32_t slot) {
	if (known(slot)->refused && refused_at[slot] == ctx.now_ns)
		return SCHED1_NONE;
	return jobs.gpus[slot];
}

static void observe(const struct sched1_event *e) {
	switch (e->kind) {
	case SCHED1_EV_RESYNC:
		resync();
		break;
	case SCHED1_EV_ARRIVE:
		if (!knows(e))
			meet(e->a);
		enqueue(e->a);
		break;
	case SCHED1_EV_PREEMPTED:
		if (knows(e))
			enqueue(e->a);
		break;
	case SCHED1_EV_REFUSED:
		if (!knows(e) || e->c != SCHED1_DO_START || jobs.state[e->a] != SCHED1_JOB_QUEUED)
			break;
		refuse(e->a, e->t_ns);
		enqueue(e->a);
		break;
	case SCHED1_EV_STARTED: // by somebody else: it waits no longer
	case SCHED1_EV_FINISH:
	case SCHED1_EV_CANCELLED:
		if (knows(e))
			leave(e->a);
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

// await asks for rest until so many GPUs are free or a job arrives that has at most this number. Without room for it the host calls at
// each change, which does as well.
static void await(uint32_t *n, uint32_t gpus, uint64_t number) {
	if (*n < decisions_cap)
		decisions[(*n)++] = (struct sched1_decision){.kind = SCHED1_DO_AWAIT, .gpus = gpus, .arg = (int64_t)number};
}

int32_t sched1_decide(uint32_t n_events) {
	for (uint32_t i = 0; i < n_events; i++)
		observe(&events[i]);
	uint32_t n = 0, free = ctx.gpus_free, slot = SCHED1_NONE;
	while (ctx.partition < n_queues && (slot = head(&queues[ctx.partition])) != SCHED1_NONE) {
		const struct job *j = known(slot);
		if (wants(slot) > free) {
			decide(&n, (struct sched1_decision){.kind = SCHED1_DO_BLOCKED, .job = slot, .arg = SCHED1_CAUSE_ORDER}); // for reports
			if (jobs.gpus[slot] > free) // nobody starts before this job can, but one that is before it
				await(&n, jobs.gpus[slot], jobs.number[slot]);
			break;
		}
		if (!decide(&n, (struct sched1_decision){.kind = SCHED1_DO_START, .job = slot, .job_gen = j->gen, .node = SCHED1_NONE}))
			break;
		leave(slot);
		free -= jobs.gpus[slot];
		if (j->refused) { // it may be refused again, and then blocks: wait for the answer
			decisions[n - 1].flags |= SCHED1_DOF_MORE;
			break;
		}
	}
	if (slot == SCHED1_NONE) // nobody waits: not before a job arrives
		await(&n, SCHED1_NONE, INT64_MAX);
	return (int32_t)n;
}
