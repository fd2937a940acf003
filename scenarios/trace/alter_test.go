package trace

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// listed is a Source over a list: the oracle's side of the tests.
type listed struct {
	jobs  []state.JobSpec
	pos   int
	from  *state.Names
	names *state.Names
}

func (l *listed) Next(s *state.JobSpec) (bool, error) {
	s.Reset()
	if l.pos == len(l.jobs) {
		return false, nil
	}
	j := l.jobs[l.pos]
	l.pos++
	name, roles, after := append(s.Name, j.Name...), append(s.Roles, j.Roles...), append(s.After, j.After...)
	*s = j
	s.Name, s.Roles, s.After = name, roles, after
	return true, respell(s, l.from, l.names)
}

func (l *listed) Clone(names *state.Names) (state.Source, error) {
	c := *l
	c.names = names
	return &c, nil
}

// drawJobs is a random workload in order of submission.
func drawJobs(t *rapid.T, label string, names *state.Names) []state.JobSpec {
	n := rapid.IntRange(0, 40).Draw(t, label+" jobs")
	jobs := make([]state.JobSpec, n)
	at := state.Time(0)
	for i := range jobs {
		j := &jobs[i]
		j.Reset()
		at += state.Time(rapid.SampledFrom([]int64{0, 0, 1, 1e9, 3e9 + 7}).Draw(t, "gap"))
		j.Name = fmt.Appendf(nil, "%s%d", label, i)
		j.Submit, j.Duration = at, state.Time(rapid.Int64Range(0, 5e9).Draw(t, "run"))
		if rapid.Bool().Draw(t, "started") {
			j.RecStart = at + state.Time(rapid.Int64Range(0, 5e9).Draw(t, "wait"))
		}
		j.User = names.Users.Intern(fmt.Appendf(nil, "u%d", rapid.IntRange(0, 3).Draw(t, "user")))
		if q := rapid.IntRange(0, 2).Draw(t, "queue"); q > 0 {
			j.Queue = names.Queues.Intern(fmt.Appendf(nil, "q%d", q))
		}
		r := splitRole(int64(rapid.IntRange(0, 9).Draw(t, "gpus")))
		if ty := rapid.IntRange(0, 3).Draw(t, "type"); ty > 0 && r.PodGPUs > 0 {
			r.TypeMask, _ = names.TypeBit(fmt.Appendf(nil, "T%d", ty))
		}
		j.Roles = []state.RoleSpec{r}
		for k := rapid.IntRange(0, 2).Draw(t, "deps"); k > 0 && i > 0; k-- {
			j.After = append(j.After, state.Dep{Row: uint64(rapid.IntRange(0, i-1).Draw(t, "dep")), When: state.Condition(k % 2)})
		}
	}
	return jobs
}

// after names the jobs that a job waits for: rows differ from source to source, names do not.
func afterNames(all []job, j job) string {
	var b strings.Builder
	for _, d := range j.Spec.After {
		fmt.Fprintf(&b, "%s/%d ", all[d.Row].Name, d.When)
	}
	return b.String()
}

func TestWrappersAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := new(state.Names)
		jobs := drawJobs(t, "j", names)
		base := func() state.Source { return &listed{jobs: jobs, from: names, names: names} }
		all := drainAll(t, base(), names)
		from, to := state.Time(rapid.Int64Range(0, 10e9).Draw(t, "from")), state.Time(rapid.Int64Range(0, 60e9).Draw(t, "to"))
		factor, most := rapid.Int64Range(1, 3_000_000).Draw(t, "factor"), rapid.Int64Range(0, 9).Draw(t, "most")
		share, seed := rapid.Int64Range(0, 1_000_000).Draw(t, "share"), rapid.Uint64().Draw(t, "seed")
		faster, err := Load(base(), factor)
		if err != nil {
			t.Fatal(err)
		}
		smallest := state.Time(1e9)
		for name, c := range map[string]struct {
			src  state.Source
			want func(i int, j job) (job, bool)
		}{
			"window": {Window(base(), from, to), func(_ int, j job) (job, bool) {
				keep := j.Spec.Submit >= from && j.Spec.Submit < to
				j.Spec.Submit -= from
				if j.Spec.RecStart != state.Unset {
					j.Spec.RecStart -= from
				}
				return j, keep
			}},
			"load": {faster, func(_ int, j job) (job, bool) {
				at := new(big.Int).Mul(big.NewInt(int64(j.Spec.Submit)), big.NewInt(1_000_000))
				was := j.Spec.Submit
				j.Spec.Submit = state.Time(at.Div(at, big.NewInt(factor)).Int64())
				if j.Spec.RecStart != state.Unset {
					j.Spec.RecStart = j.Spec.Submit + j.Spec.RecStart - was
				}
				return j, true
			}},
			"filter": {Keep(base(), names, Filter{Users: []string{"u1", "u2"}, Queues: []string{"q1", ""}, Types: []string{"T2", "T9"}, MaxGPUs: &most, MinDuration: &smallest}),
				func(_ int, j job) (job, bool) {
					return j, (j.User == "u1" || j.User == "u2") && j.Queue != "q2" && j.Spec.GPUs() > 0 && (j.Types[0] == "" || j.Types[0] == "T2") &&
						j.Spec.GPUs() <= most && j.Spec.Duration >= smallest
				}},
			"sample": {Sample(base(), seed, share), func(i int, j job) (job, bool) {
				h := new(big.Int).SetUint64(mix(mix(seed) ^ uint64(i)))
				h.Rsh(h.Mul(h, big.NewInt(1_000_000)), 64)
				return j, h.Int64() < share
			}},
			"rename": {Rename(base(), names, Renaming{User: "all", Queues: map[string]string{"q1": "q2", "": "none"}}), func(_ int, j job) (job, bool) {
				j.User = "all"
				switch j.Queue {
				case "q1":
					j.Queue = "q2"
				case "":
					j.Queue = "none"
				}
				return j, true
			}},
		} {
			var want []string
			keptNames := map[string]bool{}
			for i, j := range all {
				w, keep := c.want(i, j)
				if !keep {
					continue
				}
				keptNames[j.Name] = true
				deps := ""
				for _, d := range strings.Fields(afterNames(all, j)) {
					if n, _, _ := strings.Cut(d, "/"); keptNames[n] {
						deps += d + " "
					}
				}
				want = append(want, line(w)+" after "+deps)
			}
			checkSource(t, name, c.src, names, want)
		}
	})
}

func TestMergeIsStableAndKeepsDependencies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := new(state.Names)
		var sources []state.Source
		var lists [][]job
		for i := range rapid.IntRange(0, 4).Draw(t, "sources") {
			jobs := drawJobs(t, string(rune('a'+i)), names)
			sources = append(sources, &listed{jobs: jobs, from: names, names: names})
			lists = append(lists, drainAll(t, &listed{jobs: jobs, from: names, names: names}, names))
		}
		var want []string
		at := make([]int, len(lists))
		for {
			best := -1
			for i, l := range lists {
				if at[i] < len(l) && (best < 0 || l[at[i]].Spec.Submit < lists[best][at[best]].Spec.Submit) {
					best = i
				}
			}
			if best < 0 {
				break
			}
			j := lists[best][at[best]]
			at[best]++
			want = append(want, line(j)+" after "+afterNames(lists[best], j))
		}
		checkSource(t, "merge", Merge(names, sources...), names, want)
	})
}

func drainAll(t *rapid.T, src state.Source, names *state.Names) []job {
	var out []job
	var spec state.JobSpec
	for {
		ok, err := src.Next(&spec)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return out
		}
		out = append(out, spelled(&spec, names))
	}
}

// checkSource compares a source, and clones taken on the way that speak other names, with the wanted lines.
func checkSource(t *rapid.T, name string, src state.Source, names *state.Names, want []string) {
	cut := rapid.IntRange(0, len(want)).Draw(t, name+" cut")
	var got []job
	var spec state.JobSpec
	for range cut {
		if ok, err := src.Next(&spec); !ok || err != nil {
			t.Fatal(name, ok, err)
		}
		got = append(got, spelled(&spec, names))
	}
	other := new(state.Names)
	other.Users.Intern([]byte("zz"))
	other.Types.Intern([]byte("T3"))
	fork, err := src.Clone(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, rest := range [][]job{drainAll(t, src, names), drainAll(t, fork, other)} {
		whole := append(append([]job(nil), got...), rest...)
		var lines []string
		for _, j := range whole {
			lines = append(lines, line(j)+" after "+afterNames(whole, j))
		}
		if d := cmp.Diff(want, lines); d != "" {
			t.Fatalf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestMarksAgainstCounting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m marks
		var ones []int64
		n := int64(rapid.IntRange(0, 3000).Draw(t, "n"))
		seed, share := rapid.Uint64().Draw(t, "seed"), rapid.Uint64Range(0, 8).Draw(t, "share")
		for i := range n {
			bit := mix(seed+uint64(i))%8 < share
			m.add(bit)
			if bit {
				ones = append(ones, i)
			}
		}
		for k, i := range ones {
			if m.find(int64(k)) != i || m.rank(i) != int64(k) || !m.get(i) {
				t.Fatalf("one number %d is at %d, rank %d, want %d", k, m.find(int64(k)), m.rank(i), i)
			}
		}
	})
}

func TestLoadRefusesZero(t *testing.T) {
	if _, err := Load(nil, 0); err == nil {
		t.Error("a load of 0 was taken")
	}
}
