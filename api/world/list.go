package world

import (
	"cmp"
	"iter"
	"slices"

	"github.com/orrery-sim/orrery/api/world/archive"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// Filter says which jobs a list is of. What it can say is tested without looking at the jobs.
type Filter struct {
	From, To state.Time // bounds of the creation, both included
	Mine     bool       // only the jobs of User, and those of the scenario
	User     string
}

// All is every job.
var All = Filter{From: -state.End, To: state.End}

// Brief is a job in a list: what is known of it without reading it. It is good for one turn of a loop.
type Brief struct {
	Number, Command uint64
	Created         state.Time

	list *listing
	row  int
	job  *Job
}

// listing is what a list is made from: the world as it was shown at one moment.
type listing struct {
	w     *World
	now   state.Time
	past  archive.View
	live  []*Job
	users []string
}

func (v View) listing() *listing {
	v.w.mu.RLock()
	defer v.w.mu.RUnlock()
	s := &v.w.shown
	l := &listing{w: v.w, now: v.Now, past: s.past, users: s.users, live: make([]*Job, 0, len(s.live))}
	for _, j := range s.live { // order does not matter: who wants one sorts
		l.live = append(l.live, j)
	}
	return l
}

// rows is the filter for the archive.
func (l *listing) rows(f *Filter) archive.Filter {
	out := archive.Filter{From: f.From, To: min(f.To, l.now), Mine: f.Mine, User: -2} // -2: whom nobody is
	if i := slices.Index(l.users, f.User); i >= 0 {
		out.User = int32(i)
	} else if f.User == "" {
		out.User = state.None
	}
	return out
}

// Each gives the jobs that pass a filter, in no order. Deleted ones are not among them.
func (v View) Each(f Filter) iter.Seq[*Brief] {
	l := v.listing()
	return func(yield func(*Brief) bool) {
		b := Brief{list: l}
		if !l.living(&b, &f, yield) {
			return
		}
		rows := l.rows(&f)
		for k := range l.past.Stretches() {
			if !l.ended(k, &b, rows, false, yield) {
				return
			}
		}
	}
}

// living gives the jobs that have not ended; ended a stretch of the others.
func (l *listing) living(b *Brief, f *Filter, yield func(*Brief) bool) bool {
	for _, j := range l.live {
		if at := j.Life.Created; j.Deleted || at < f.From || at > f.To || at > l.now || f.Mine && j.Command != 0 && j.User != f.User {
			continue
		}
		if b.Number, b.Command, b.Created, b.job = j.Number, j.Command, j.Life.Created, j; !yield(b) {
			return false
		}
	}
	return true
}

func (l *listing) ended(k int, b *Brief, f archive.Filter, backwards bool, yield func(*Brief) bool) bool {
	b.job = nil
	return l.past.Each(k, f, backwards, func(row int, created state.Time) bool {
		b.Number, b.Command, b.Created, b.row = l.past.Number(row), l.past.Command(row), created, row
		return yield(b)
	})
}

// Token is the text that names the job in ids (see View.Token).
func (b *Brief) Token() string {
	return base36(b.list.w.ids.token(&Job{Number: b.Number, Command: b.Command}))
}

// Name is the job's.
func (b *Brief) Name() string {
	if b.job != nil {
		return b.job.Name
	}
	return b.list.past.Name(b.row)
}

// User is whose job it is.
func (b *Brief) User() string {
	if b.job != nil {
		return b.job.User
	}
	if id := b.list.past.User(b.row); id >= 0 {
		return b.list.users[id]
	}
	return ""
}

// Ended reports whether the job has ended.
func (b *Brief) Ended() bool { return b.job == nil }

// Last is the last step of a job that has ended.
func (b *Brief) Last() play.Step {
	tag, from := b.list.past.End(b.row)
	return play.Step{Phase: play.Phase(tag[0]), From: from, To: state.Unset, Why: play.Why(tag[1]), Code: int(tag[2])}
}

// Job is the job itself; nil: it is damaged.
func (b *Brief) Job() *Job {
	if b.job != nil {
		return b.job
	}
	return b.list.w.read(b.list.past, b.row)
}

// place is where a job stands in a list by creation.
type place struct {
	created state.Time
	number  uint64
	row     int
	job     *Job
}

// before reports whether p comes before q: the newest first, or the oldest; ties in order of arrival.
func (p *place) before(q *place, oldest bool) int {
	if c := cmp.Compare(p.created, q.created); c != 0 {
		if oldest {
			return c
		}
		return -c
	}
	return cmp.Compare(p.number, q.number)
}

// Page is a part of the list of jobs that pass a filter, and keep where there is one, by creation, the newest or the oldest first. It
// skips some and takes some; total is how many pass. Only those on the page are read, and what keep reads.
func (v View) Page(f Filter, keep func(*Brief) bool, oldest bool, skip, take int) (page []*Job, total int) {
	l, b := v.listing(), Brief{}
	b.list = l
	best, rows := top{most: skip + take, oldest: oldest}, l.rows(&f)
	add := func(b *Brief) bool {
		if keep == nil || keep(b) {
			total++
			best.add(place{b.Created, b.Number, b.row, b.job})
		}
		return true
	}
	l.living(&b, &f, add)
	n := l.past.Stretches()
	for i := range n { // the best come first, so that most of the others need only be counted
		k := i
		if !oldest {
			k = n - 1 - i
		}
		if first, last, known := l.past.Bounds(k); keep == nil && known && best.beyond(first, last) {
			total += l.past.Count(k, rows)
			continue
		}
		l.ended(k, &b, rows, !oldest, add)
	}
	for _, p := range best.from(skip) {
		j := p.job
		if j == nil {
			j = v.w.read(l.past, p.row)
		}
		if j != nil {
			page = append(page, j)
		}
	}
	return page, total
}

// top keeps the first ones of a list.
type top struct {
	most   int
	oldest bool
	list   []place // up to twice as many; the last sorted ones are the first of all that came before
	sorted int
}

func (t *top) add(p place) {
	if t.sorted == t.most && (t.most == 0 || p.before(&t.list[t.most-1], t.oldest) > 0) {
		return
	}
	if t.list = append(t.list, p); len(t.list) >= 2*t.most {
		t.sort()
	}
}

// beyond reports whether no job that was created between two instants can be among the first ones.
func (t *top) beyond(first, last state.Time) bool {
	if t.sorted < t.most || t.most == 0 {
		return t.most == 0
	}
	worst := t.list[t.most-1].created
	if t.oldest {
		return first > worst
	}
	return last < worst
}

func (t *top) sort() {
	slices.SortFunc(t.list, func(x, y place) int { return x.before(&y, t.oldest) })
	t.list = t.list[:min(len(t.list), t.most)]
	t.sorted = len(t.list)
}

func (t *top) from(skip int) []place {
	t.sort()
	return t.list[min(skip, len(t.list)):]
}
