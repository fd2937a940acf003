// A sorted list in chunks of 64 entries: taking the first, putting behind the last and finding cost the same in a list of a
// million as in a short one. Chunks know a bound of their smallest value and the sum of their values, so that who searches by value
// passes over them.
#ifndef SORTED_H
#define SORTED_H

#define CHUNK 64

// Entries are in order of key, then id.
struct entry {
	int64_t key;
	int64_t value;
	uint32_t id;
};

struct chunk {
	uint32_t lo, hi; // entries e[lo..hi)
	int64_t least;   // no value is smaller
	int64_t sum;     // of values; wraps around where nobody asks for it
	struct entry e[CHUNK];
	struct chunk *next_free;
};

struct sorted {
	struct chunk **order; // none is empty
	uint32_t n_order, cap_order;
	uint32_t n;
	int64_t least; // no value is smaller
};

static struct chunk *free_chunks;

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

static struct chunk *new_chunk(void) {
	struct chunk *c = free_chunks;
	if (c)
		free_chunks = c->next_free;
	else
		c = must(sched1_alloc(sizeof *c));
	c->lo = c->hi = 0;
	c->least = INT64_MAX;
	c->sum = 0;
	return c;
}

static int before(const struct entry *a, const struct entry *b) {
	return a->key < b->key || (a->key == b->key && a->id < b->id);
}

// find is the index of the chunk that holds e or should hold it; the list must not be empty.
static uint32_t find(const struct sorted *l, const struct entry *e) {
	uint32_t lo = 0, hi = l->n_order - 1;
	while (lo < hi) {
		uint32_t mid = (lo + hi + 1) / 2;
		const struct chunk *c = l->order[mid];
		if (before(e, &c->e[c->lo]))
			hi = mid - 1;
		else
			lo = mid;
	}
	return lo;
}

// open puts a new chunk at place at.
static struct chunk *open(struct sorted *l, uint32_t at) {
	l->order = grown(l->order, &l->cap_order, l->n_order + 1, sizeof *l->order);
	for (uint32_t i = l->n_order++; i > at; i--)
		l->order[i] = l->order[i - 1];
	return l->order[at] = new_chunk();
}

static void count(struct chunk *c, int64_t value) {
	c->sum += value;
	if (value < c->least)
		c->least = value;
}

// split moves the upper half of a full chunk into a new one behind it.
static void split(struct sorted *l, uint32_t at) {
	struct chunk *c = l->order[at], *d = open(l, at + 1);
	uint32_t mid = (c->lo + c->hi) / 2;
	for (uint32_t i = mid; i < c->hi; i++) {
		d->e[d->hi++] = c->e[i];
		count(d, c->e[i].value);
	}
	c->hi = mid;
	c->sum -= d->sum;
}

static void insert(struct sorted *l, int64_t key, uint32_t id, int64_t value) {
	struct entry e = {.key = key, .value = value, .id = id};
	if (l->n++ == 0 || value < l->least)
		l->least = value;
	uint32_t at = l->n_order - 1;
	struct chunk *c = l->n_order > 0 ? l->order[at] : NULL;
	if (!c || before(&c->e[c->hi - 1], &e)) { // the common case: behind everybody
		if (!c || c->hi == CHUNK)
			c = open(l, l->n_order);
		c->e[c->hi++] = e;
		count(c, value);
		return;
	}
	at = find(l, &e);
	c = l->order[at];
	if (c->hi - c->lo == CHUNK) {
		split(l, at);
		at = find(l, &e);
		c = l->order[at];
	}
	uint32_t i;
	if (c->hi < CHUNK) {
		for (i = c->hi++; i > c->lo && before(&e, &c->e[i - 1]); i--)
			c->e[i] = c->e[i - 1];
	} else {
		for (i = --c->lo; i + 1 < c->hi && before(&c->e[i + 1], &e); i++)
			c->e[i] = c->e[i + 1];
	}
	c->e[i] = e;
	count(c, value);
}

// removed takes out the entry of a key and an id; 0 = it is not there.
static int removed(struct sorted *l, int64_t key, uint32_t id) {
	if (l->n == 0)
		return 0;
	struct entry e = {.key = key, .id = id};
	uint32_t at = find(l, &e);
	struct chunk *c = l->order[at];
	uint32_t i = c->lo;
	while (i < c->hi && before(&c->e[i], &e))
		i++;
	if (i == c->hi || c->e[i].key != key || c->e[i].id != id)
		return 0;
	c->sum -= c->e[i].value;
	if (i == c->lo) {
		c->lo++;
	} else {
		c->hi--;
		for (; i < c->hi; i++)
			c->e[i] = c->e[i + 1];
	}
	if (c->lo == c->hi) {
		l->n_order--;
		for (uint32_t k = at; k < l->n_order; k++)
			l->order[k] = l->order[k + 1];
		c->next_free = free_chunks;
		free_chunks = c;
	}
	l->n--;
	return 1;
}

// first is the first entry; the list must not be empty.
static struct entry *first(const struct sorted *l) {
	return &l->order[0]->e[l->order[0]->lo];
}

// first_within is the first entry whose value is at most limit, or NULL. Bounds that prove wrong are tightened.
static struct entry *first_within(struct sorted *l, int64_t limit) {
	if (l->n == 0 || l->least > limit)
		return NULL;
	int64_t least = INT64_MAX;
	for (uint32_t k = 0; k < l->n_order; k++) {
		struct chunk *c = l->order[k];
		if (c->least <= limit) {
			int64_t exact = INT64_MAX;
			for (uint32_t i = c->lo; i < c->hi; i++) {
				if (c->e[i].value <= limit)
					return &c->e[i];
				if (c->e[i].value < exact)
					exact = c->e[i].value;
			}
			c->least = exact;
		}
		if (c->least < least)
			least = c->least;
	}
	l->least = least;
	return NULL;
}

#endif
