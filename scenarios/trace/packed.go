package trace

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// packed is a workload that is read whole: flat, in order of submission, shared by every source over it. Its names are
// its own; a source translates them.
type packed struct {
	rows  []packedRow
	text  []byte // job names, end to end
	roles []state.RoleSpec
	deps  []state.Dep
	xs    []int64 // xn numbers a row
	xn    int
	names *state.Names
}

type packedRow struct {
	submit, duration, estimate, maxRun, patience, recStart state.Time
	name                                                   int64 // place in text
	x                                                      int32 // row in xs
	nameLen                                                int32
	user, queue, partition, priority, model                int32
	role, roleN                                            int32
	dep, depN                                              int32
	outcome                                                state.Outcome
}

// late is a reader whose dependencies are known only at the end of the file.
type late interface {
	resolve(add func(row int64, dep state.Dep)) error
}

// packer collects rows.
type packer struct {
	p     *packed
	most  int
	roles map[string]int32 // encoded roles -> first in p.roles
	key   []byte
}

func newPacker(names *state.Names, most int) *packer {
	return &packer{p: &packed{names: names}, most: most, roles: make(map[string]int32)}
}

// add copies one job behind the others.
func (b *packer) add(s *state.JobSpec) error {
	p := b.p
	if len(p.rows) >= b.most {
		return fmt.Errorf("holds more than %d jobs, too many to keep in memory", b.most)
	}
	r := packedRow{submit: s.Submit, duration: s.Duration, estimate: s.Estimate, maxRun: s.MaxRun, patience: s.Patience,
		recStart: s.RecStart, name: int64(len(p.text)), nameLen: int32(len(s.Name)), x: int32(len(p.rows)),
		user: s.User, queue: s.Queue, partition: s.Partition, priority: s.Priority, model: s.Model, outcome: s.Outcome,
		role: b.shape(s.Roles), roleN: int32(len(s.Roles)), dep: int32(len(p.deps)), depN: int32(len(s.After))}
	p.text = append(p.text, s.Name...)
	p.deps = append(p.deps, s.After...)
	if p.xn == 0 && p.names.X.Len() > 0 {
		p.xn = p.names.X.Len()
		p.xs = make([]int64, len(p.rows)*p.xn)
	}
	p.xs = append(p.xs, s.X[:p.xn]...)
	p.rows = append(p.rows, r)
	return nil
}

// shape finds or stores a list of roles: jobs repeat them.
func (b *packer) shape(roles []state.RoleSpec) int32 {
	b.key = b.key[:0]
	for i := range roles {
		r := &roles[i]
		for _, v := range [...]int64{int64(r.TypeMask), r.CPUMilli, r.MemMiB, int64(r.Replicas), int64(r.Max), int64(r.PodGPUs),
			int64(r.GPUMilli), int64(r.Flags) | int64(r.Within)<<8 | int64(r.Prefer)<<16} {
			for range 8 {
				b.key = append(b.key, byte(v))
				v >>= 8
			}
		}
	}
	if at, ok := b.roles[string(b.key)]; ok {
		return at
	}
	at := int32(len(b.p.roles))
	b.p.roles = append(b.p.roles, roles...)
	b.roles[string(b.key)] = at
	return at
}

// finish sorts by submission, ties in the order of the file, and renumbers dependencies. It returns how many rows stood
// behind a row that was submitted later.
func (b *packer) finish(l late) (unsorted int, err error) {
	p := b.p
	if l != nil {
		if err := b.resolve(l); err != nil {
			return 0, err
		}
	}
	for i := 1; i < len(p.rows); i++ {
		if p.rows[i].submit < p.rows[i-1].submit {
			unsorted++
		}
	}
	if unsorted == 0 {
		return 0, nil
	}
	slices.SortStableFunc(p.rows, func(a, c packedRow) int {
		switch {
		case a.submit < c.submit:
			return -1
		case a.submit > c.submit:
			return 1
		}
		return 0
	})
	if len(p.deps) == 0 {
		return unsorted, nil
	}
	place := make([]uint64, len(p.rows)) // x is the row's place in the file
	for i := range p.rows {
		place[p.rows[i].x] = uint64(i)
	}
	for i := range p.deps {
		p.deps[i].Row = place[p.deps[i].Row]
	}
	return unsorted, nil
}

// resolve appends late dependencies to their rows; the reader names them row by row, in order.
func (b *packer) resolve(l late) error {
	p := b.p
	return l.resolve(func(row int64, dep state.Dep) {
		r := &p.rows[row]
		if r.depN == 0 {
			r.dep = int32(len(p.deps))
		}
		p.deps = append(p.deps, dep)
		r.depN++
	})
}

// rebase makes the first submission the instant 0 and returns what it was.
func (p *packed) rebase() state.Time {
	if len(p.rows) == 0 {
		return 0
	}
	first := p.rows[0].submit
	for i := range p.rows {
		r := &p.rows[i]
		r.submit -= first
		if r.recStart != state.Unset {
			r.recStart -= first
		}
	}
	return first
}

// packedSource delivers a packed workload with the names of one simulation.
type packedSource struct {
	p                         *packed `snapshot:"keep"`
	pos                       int
	roles                     []state.RoleSpec // with translated type masks
	users, queues, partitions []int32
	models                    []int32
	x                         [state.MaxX]int
	said                      []string
}

func newPackedSource(p *packed, pos int, names *state.Names, said []string) (*packedSource, error) {
	s := &packedSource{p: p, pos: pos, said: said, roles: slices.Clone(p.roles),
		users: translate(&p.names.Users, &names.Users), queues: translate(&p.names.Queues, &names.Queues),
		partitions: translate(&p.names.Partitions, &names.Partitions), models: translate(&p.names.Models, &names.Models)}
	var types [state.MaxGPUTypes]uint64
	for i, name := range p.names.Types.All() {
		bit, err := names.TypeBit([]byte(name))
		if err != nil {
			return nil, err
		}
		types[i] = bit
	}
	for i := range s.roles {
		var mask uint64
		for m := s.roles[i].TypeMask; m != 0; m &= m - 1 {
			mask |= types[bits.TrailingZeros64(m)]
		}
		s.roles[i].TypeMask = mask
		if err := respellLevels(&s.roles[i], p.names, names); err != nil {
			return nil, err
		}
	}
	for i, name := range p.names.X.All() {
		slot, err := xSlot(names, name)
		if err != nil {
			return nil, err
		}
		s.x[i] = slot
	}
	return s, nil
}

func translate(from, to *state.Symbols) []int32 {
	ids := make([]int32, from.Len())
	for i, name := range from.All() {
		ids[i] = to.Intern([]byte(name))
	}
	return ids
}

func through(ids []int32, id int32) int32 {
	if id < 0 {
		return state.None
	}
	return ids[id]
}

func (s *packedSource) Next(spec *state.JobSpec) (bool, error) {
	spec.Reset()
	if s.pos >= len(s.p.rows) {
		return false, nil
	}
	r := &s.p.rows[s.pos]
	s.pos++
	spec.Submit, spec.Duration, spec.Estimate, spec.MaxRun = r.submit, r.duration, r.estimate, r.maxRun
	spec.Patience, spec.RecStart, spec.Outcome, spec.Priority = r.patience, r.recStart, r.outcome, r.priority
	spec.Name = append(spec.Name, s.p.text[r.name:r.name+int64(r.nameLen)]...)
	spec.User, spec.Queue, spec.Partition = through(s.users, r.user), through(s.queues, r.queue), through(s.partitions, r.partition)
	spec.Model = through(s.models, r.model-1) + 1
	spec.Roles = append(spec.Roles, s.roles[r.role:r.role+r.roleN]...)
	spec.After = append(spec.After, s.p.deps[r.dep:r.dep+r.depN]...)
	for i := range s.p.xn {
		spec.X[s.x[i]] = s.p.xs[int(r.x)*s.p.xn+i]
	}
	return true, nil
}

func (s *packedSource) Clone(names *state.Names) (state.Source, error) {
	return newPackedSource(s.p, s.pos, names, s.said)
}

// Notes tell what was left out or assumed.
func (s *packedSource) Notes() []string { return s.said }

// Len is the number of jobs in all.
func (s *packedSource) Len() int { return len(s.p.rows) }
