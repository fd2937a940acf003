package trace

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// test decides about one job. row counts the jobs of the source below, from 0.
type test interface {
	keep(row int64, s *state.JobSpec) bool
	bind(names *state.Names) test
}

// sieve lets some jobs through and renumbers dependencies. A dependency on a job that is left out is dropped and counted.
type sieve struct {
	src   state.Source
	test  test
	kept  marks
	count tally
}

const cutDependency = "dependency on a job that a filter left out, dropped"

func (v *sieve) Next(s *state.JobSpec) (bool, error) {
	for {
		ok, err := v.src.Next(s)
		if !ok || err != nil {
			return ok, err
		}
		keep := v.test.keep(v.kept.n, s)
		v.kept.add(keep)
		if !keep {
			continue
		}
		after := s.After[:0]
		for _, d := range s.After {
			if !v.kept.get(int64(d.Row)) {
				v.count.add(cutDependency)
				continue
			}
			after = append(after, state.Dep{Row: uint64(v.kept.rank(int64(d.Row))), When: d.When})
		}
		s.After = after
		return true, nil
	}
}

func (v *sieve) Clone(names *state.Names) (state.Source, error) {
	src, err := v.src.Clone(names)
	if err != nil {
		return nil, err
	}
	return &sieve{src: src, test: v.test.bind(names), kept: v.kept.copy(), count: v.count.copy()}, nil
}

// Notes tell what was dropped, here and below.
func (v *sieve) Notes() []string { return append(v.count.lines(), NotesOf(v.src)...) }

// Filter says which jobs are kept: those that pass every line that is given.
type Filter struct {
	Users, Queues, Partitions []string    // empty = all
	Types                     []string    // jobs that accept one of these GPU types; a job that accepts any passes
	MinGPUs, MaxGPUs          *int64      // GPUs of the whole job; a fraction counts as one
	MinDuration, MaxDuration  *state.Time // recorded running time
	StartedOnly               bool        // leaves out jobs without a recorded start
}

// Keep lets the jobs through that pass the filter.
func Keep(src state.Source, names *state.Names, f Filter) state.Source {
	return &sieve{src: src, test: (&filter{f: f}).bind(names)}
}

type filter struct {
	f                         Filter
	names                     *state.Names
	users, queues, partitions nameSet
}

// nameSet remembers for each id whether its name is wanted: 0 not looked up, 1 no, 2 yes.
type nameSet struct {
	want []string
	ids  []uint8
}

func (n *nameSet) has(id int32, symbols *state.Symbols) bool {
	if len(n.want) == 0 {
		return true
	}
	if id < 0 {
		return slices.Contains(n.want, "")
	}
	for int(id) >= len(n.ids) {
		n.ids = append(n.ids, 0)
	}
	if n.ids[id] == 0 {
		n.ids[id] = 1
		if slices.Contains(n.want, symbols.Name(id)) {
			n.ids[id] = 2
		}
	}
	return n.ids[id] == 2
}

func (t *filter) bind(names *state.Names) test {
	f := t.f
	return &filter{f: f, names: names, users: nameSet{want: f.Users}, queues: nameSet{want: f.Queues}, partitions: nameSet{want: f.Partitions}}
}

func (t *filter) keep(_ int64, s *state.JobSpec) bool {
	gpus := s.GPUs()
	f := &t.f
	return t.users.has(s.User, &t.names.Users) && t.queues.has(s.Queue, &t.names.Queues) &&
		t.partitions.has(s.Partition, &t.names.Partitions) && t.types(s) &&
		(f.MinGPUs == nil || gpus >= *f.MinGPUs) && (f.MaxGPUs == nil || gpus <= *f.MaxGPUs) &&
		(f.MinDuration == nil || s.Duration >= *f.MinDuration) && (f.MaxDuration == nil || s.Duration <= *f.MaxDuration) &&
		(!f.StartedOnly || s.RecStart != state.Unset)
}

// types looks names up each time: a type may first be met in a later row.
func (t *filter) types(s *state.JobSpec) bool {
	if len(t.f.Types) == 0 {
		return true
	}
	var want uint64
	for _, name := range t.f.Types {
		if id, ok := t.names.Types.Lookup(name); ok {
			want |= 1 << uint(id)
		}
	}
	for i := range s.Roles {
		if r := &s.Roles[i]; r.PodGPUs > 0 && (r.TypeMask == 0 || r.TypeMask&want != 0) {
			return true
		}
	}
	return false
}

// Sample keeps a share of the jobs, in millionths, chosen by a hash of seed and row: the same rows whatever is done with
// the jobs afterwards.
func Sample(src state.Source, seed uint64, share int64) state.Source {
	return &sieve{src: src, test: sample{seed: mix(seed), share: uint64(max(share, 0))}}
}

type sample struct{ seed, share uint64 }

func (t sample) bind(*state.Names) test { return t }

func (t sample) keep(row int64, _ *state.JobSpec) bool {
	hi, _ := bits.Mul64(mix(t.seed^uint64(row)), 1_000_000)
	return hi < t.share
}

// mix is the finaliser of SplitMix64: every bit of the result depends on every bit of v.
func mix(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
