package waiting

import "github.com/orrery-sim/orrery/sim/state"

// Queue is the waiting jobs of one partition.
type Queue struct {
	pool
	lanes  []lane
	laneOf []int32 // lane of a shape, or -1
	single bool    // everything in one lane: no backfill looks into the queue

	need  []int32 // GPUs that a lane's jobs ask for
	shape []int32 // shape of a lane's jobs
	byGPU []int32 // lanes that have jobs, by need ascending

	shut []bool // by lane: its jobs may not start now; nil: nobody shuts lanes

	front []front // of each lane that has jobs: its first job's place in the queue order
	tree  []int32 // winner tree over lanes: tree[1] is the lane with the first job, -1 = none
	leaf  int     // number of leaves, a power of two
	n     int
}

// front is what Entry.Before compares.
type front struct {
	key    int64
	number uint64
}

// NewQueue returns an empty queue. With single, all jobs share one lane: only the head is ever asked for.
func NewQueue(single bool) *Queue {
	q := &Queue{single: single}
	if single {
		q.addLane(-1, 0)
	}
	return q
}

// Len is the number of waiting jobs.
func (q *Queue) Len() int { return q.n }

func (q *Queue) addLane(shape, need int32) int32 {
	id := int32(len(q.lanes))
	q.lanes = append(q.lanes, lane{minEst: noEst})
	q.need = append(q.need, need)
	q.shape = append(q.shape, shape)
	q.front = append(q.front, front{})
	if q.shut != nil {
		q.shut = append(q.shut, false)
	}
	if len(q.lanes) > q.leaf {
		q.grow()
	}
	return id
}

// rank is the first place in byGPU whose lane asks for more than need.
func (q *Queue) rank(need int32) int {
	lo, hi := 0, len(q.byGPU)
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); q.need[q.byGPU[mid]] > need {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// place puts a lane that has its first job into byGPU; unplace takes out one that has lost its last.
func (q *Queue) place(id int32) {
	at := q.rank(q.need[id])
	q.byGPU = append(q.byGPU, id)
	copy(q.byGPU[at+1:], q.byGPU[at:])
	q.byGPU[at] = id
}

func (q *Queue) unplace(id int32) {
	at := q.rank(q.need[id]) - 1
	for q.byGPU[at] != id {
		at--
	}
	q.byGPU = append(q.byGPU[:at], q.byGPU[at+1:]...)
}

func (q *Queue) grow() {
	q.leaf = max(4, 2*q.leaf)
	q.tree = make([]int32, 2*q.leaf)
	for i := range q.tree {
		q.tree[i] = -1
	}
	for id := range q.lanes {
		if q.lanes[id].n > 0 && (q.shut == nil || !q.shut[id]) {
			q.tree[q.leaf+id] = int32(id)
		}
	}
	for i := q.leaf - 1; i > 0; i-- {
		q.tree[i] = q.winner(q.tree[2*i], q.tree[2*i+1])
	}
}

func (q *Queue) winner(a, b int32) int32 {
	if a < 0 {
		return b
	}
	if b < 0 {
		return a
	}
	x, y := &q.front[a], &q.front[b]
	if x.key < y.key || x.key == y.key && x.number < y.number {
		return a
	}
	return b
}

// lift replays a lane's matches after its first job changed.
func (q *Queue) lift(id int32) {
	i := q.leaf + int(id)
	q.tree[i] = -1
	if l := &q.lanes[id]; l.n > 0 && (q.shut == nil || !q.shut[id]) {
		q.tree[i] = id
		e := q.first(l)
		q.front[id] = front{e.Key, e.Number}
	}
	for i >>= 1; i > 0; i >>= 1 {
		q.tree[i] = q.winner(q.tree[2*i], q.tree[2*i+1])
	}
}

// lane is the lane of a shape, made or re-used when it has none. A shape slot may come back with other contents once no
// job has it, so an empty lane takes its need anew.
func (q *Queue) lane(shape, need int32) int32 {
	if q.single {
		return 0
	}
	for int32(len(q.laneOf)) <= shape {
		q.laneOf = append(q.laneOf, -1)
	}
	id := q.laneOf[shape]
	if id < 0 {
		id = q.addLane(shape, need)
		q.laneOf[shape] = id
	}
	if q.lanes[id].n == 0 {
		q.need[id] = need
	}
	return id
}

// Insert adds a job of a shape that asks for need GPUs.
func (q *Queue) Insert(e Entry, shape, need int32) {
	id := q.lane(shape, need)
	l := &q.lanes[id]
	was := l.n == 0 || e.Before(q.first(l))
	if l.n == 0 && !q.isShut(id) {
		q.place(id)
	}
	q.insert(l, e)
	q.n++
	if was {
		q.lift(id)
	}
}

// Remove takes out a job; it reports whether it was there.
func (q *Queue) Remove(key int64, number uint64, shape int32) bool {
	id := int32(0)
	if !q.single {
		if int(shape) >= len(q.laneOf) || q.laneOf[shape] < 0 {
			return false
		}
		id = q.laneOf[shape]
	}
	l := &q.lanes[id]
	if l.n == 0 {
		return false
	}
	if f := q.first(l); f.Number == number && f.Key == key { // who starts is the first of a lane, mostly
		q.cut(l, 0, q.chunks[l.order[0]].lo)
		q.lift(id)
	} else if !q.remove(l, &Entry{Key: key, Number: number}) {
		return false
	}
	if l.n == 0 && !q.isShut(id) {
		q.unplace(id)
	}
	q.n--
	return true
}

// Head is the first job of all that may start, or nil.
func (q *Queue) Head() *Entry {
	if q.n == 0 || q.tree[1] < 0 {
		return nil
	}
	return q.first(&q.lanes[q.tree[1]])
}

// Shut takes the lane of a shape out of Head, Lanes and Ordered, or lets it in again.
func (q *Queue) Shut(shape int32, shut bool) {
	id := q.Lane(shape)
	if id < 0 || q.isShut(id) == shut {
		return
	}
	if q.shut == nil {
		q.shut = make([]bool, len(q.lanes))
	}
	if q.shut[id] = shut; q.lanes[id].n > 0 {
		if shut {
			q.unplace(id)
		} else {
			q.place(id)
		}
		q.lift(id)
	}
}

func (q *Queue) isShut(id int32) bool { return q.shut != nil && q.shut[id] }

// Lane is the lane of a shape, or -1 when no job of it has come.
func (q *Queue) Lane(shape int32) int32 {
	if int(shape) >= len(q.laneOf) {
		return -1
	}
	return q.laneOf[shape]
}

// Lanes are the lanes that have jobs in order of GPUs asked, smallest first. Insert and Remove change the slice.
func (q *Queue) Lanes() []int32 { return q.byGPU }

// LaneNeed is the GPUs that the jobs of a lane ask for, LaneShape their shape, LaneLen their number.
func (q *Queue) LaneNeed(id int32) int32  { return q.need[id] }
func (q *Queue) LaneShape(id int32) int32 { return q.shape[id] }
func (q *Queue) LaneLen(id int32) int32   { return q.lanes[id].n }

// LaneMin is a lower bound of the estimates in a lane.
func (q *Queue) LaneMin(id int32) state.Time { return q.lanes[id].minEst }

// First is the first job of a lane that is not empty.
func (q *Queue) First(id int32) *Entry { return q.first(&q.lanes[id]) }

// FirstWithin is the first job of a lane whose estimate is at most limit, or nil.
func (q *Queue) FirstWithin(id int32, limit state.Time) *Entry {
	return q.firstWithin(&q.lanes[id], limit)
}

// Ordered appends the first n jobs in queue order to out.
func (q *Queue) Ordered(out []Entry, n int) []Entry {
	cursors := make([]cursor, 0, len(q.lanes))
	for id := range q.lanes {
		if q.lanes[id].n > 0 && !q.isShut(int32(id)) {
			c := &q.chunks[q.lanes[id].order[0]]
			cursors = append(cursors, cursor{lane: int32(id), at: c.lo})
		}
	}
	for len(out) < n && len(cursors) > 0 {
		best := 0
		for i := 1; i < len(cursors); i++ {
			if q.at(&cursors[i]).Before(q.at(&cursors[best])) {
				best = i
			}
		}
		out = append(out, *q.at(&cursors[best]))
		if !q.step(&cursors[best]) {
			cursors = append(cursors[:best], cursors[best+1:]...)
		}
	}
	return out
}

// cursor walks one lane.
type cursor struct {
	lane, chunk, at int32
}

func (q *Queue) at(c *cursor) *Entry {
	return &q.chunks[q.lanes[c.lane].order[c.chunk]].e[c.at]
}

func (q *Queue) step(c *cursor) bool {
	l := &q.lanes[c.lane]
	if c.at++; c.at < q.chunks[l.order[c.chunk]].hi {
		return true
	}
	if c.chunk++; int(c.chunk) == len(l.order) {
		return false
	}
	c.at = q.chunks[l.order[c.chunk]].lo
	return true
}

// Clone returns an independent copy.
func (q *Queue) Clone() *Queue {
	c := *q
	c.chunks = append([]chunk(nil), q.chunks...)
	c.free = append([]int32(nil), q.free...)
	c.lanes = append([]lane(nil), q.lanes...)
	for i := range c.lanes {
		c.lanes[i].order = append([]int32(nil), q.lanes[i].order...)
	}
	c.laneOf = append([]int32(nil), q.laneOf...)
	c.need = append([]int32(nil), q.need...)
	c.shape = append([]int32(nil), q.shape...)
	c.byGPU = append([]int32(nil), q.byGPU...)
	c.front = append([]front(nil), q.front...)
	if q.shut != nil {
		c.shut = append([]bool(nil), q.shut...)
	}
	c.tree = append([]int32(nil), q.tree...)
	return &c
}

// Ahead counts a lane's jobs that are before e, up to limit.
func (q *Queue) Ahead(id int32, e *Entry, limit int) int {
	n := 0
	for _, chunk := range q.lanes[id].order {
		c := &q.chunks[chunk]
		for i := c.lo; i < c.hi; i++ {
			if n == limit || !c.e[i].Before(e) {
				return n
			}
			n++
		}
	}
	return n
}
