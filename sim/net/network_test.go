package net

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// over is a flow's links, each byte once.
func over(links ...int32) (uses []Use) {
	for _, l := range links {
		uses = append(uses, Use{l, Unit})
	}
	return uses
}

const free = math.MaxInt32 // a limit that nothing reaches here

func TestByEquations(t *testing.T) {
	type flowOf struct {
		limit int64
		uses  []Use
	}
	for name, tc := range map[string]struct {
		links []int64
		flows []flowOf
		want  []int64
	}{
		// x = 600
		"one flow has the link": {[]int64{600}, []flowOf{{free, over(0)}}, []int64{600}},
		// x + y + z = 600, x = y = z
		"three share alike": {[]int64{600}, []flowOf{{free, over(0)}, {free, over(0)}, {free, over(0)}}, []int64{200, 200, 200}},
		// x = 100; x + y + z = 600, y = z
		"who wants little leaves the rest": {[]int64{600}, []flowOf{{100, over(0)}, {free, over(0)}, {free, over(0)}}, []int64{100, 250, 250}},
		// a on 0 and 1, b on 0, c on 1: a + c = 100, a = c = 50; a + b = 600, b = 550
		"two links in a row": {[]int64{600, 100}, []flowOf{{free, over(0, 1)}, {free, over(0)}, {free, over(1)}}, []int64{50, 550, 50}},
		// link 1: b + c + d = 300, each 100; link 0: a + b = 400, a = 300; link 2: d + e = 900, e = 800
		"a chain": {[]int64{400, 300, 900}, []flowOf{{free, over(0)}, {free, over(0, 1)}, {free, over(1)}, {free, over(1, 2)}, {free, over(2)}}, []int64{300, 100, 100, 100, 800}},
		// x + 3y = 400, x = y
		"a flow that sends each byte three times": {[]int64{400}, []flowOf{{free, over(0)}, {free, []Use{{0, 3 * Unit}}}}, []int64{100, 100}},
		// x/2 = 50 at its limit 100; y = 250
		"half of a flow's bytes":    {[]int64{300}, []flowOf{{100, []Use{{0, Unit / 2}}}, {free, over(0)}}, []int64{100, 250}},
		"a link without a capacity": {[]int64{0}, []flowOf{{700, over(0)}, {800, over(0)}}, []int64{700, 800}},
		"no links":                  {nil, []flowOf{{700, nil}}, []int64{700}},
		"less than a byte each":     {[]int64{1}, []flowOf{{free, over(0)}, {free, over(0)}}, []int64{1, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			n := New(tc.links)
			for _, f := range tc.flows {
				n.Add(f.limit, f.uses)
			}
			n.Resolve()
			for i, want := range tc.want {
				if got := n.Rate(int32(i)); got != want {
					t.Errorf("flow %d: %d, want %d", i, got, want)
				}
			}
		})
	}
}

func TestWhatAnEndFreesIsGivenOn(t *testing.T) {
	n := New([]int64{600, 100})
	a, b, c := n.Add(free, over(0, 1)), n.Add(free, over(0)), n.Add(free, over(1))
	if got := n.Resolve(); !slices.Equal(got, []int32{a, b, c}) {
		t.Errorf("changed %v, want all", got)
	}
	n.Remove(c) // a = 100, b = 500
	if got := n.Resolve(); !slices.Equal(got, []int32{a, b}) || n.Rate(a) != 100 || n.Rate(b) != 500 {
		t.Errorf("changed %v: %d and %d, want 100 and 500", got, n.Rate(a), n.Rate(b))
	}
	if got := n.Resolve(); len(got) != 0 {
		t.Errorf("changed %v though nothing happened", got)
	}
	n.Remove(a) // b = 600: its link is no bottleneck any more
	if got := n.Resolve(); !slices.Equal(got, []int32{b}) || n.Rate(b) != 600 {
		t.Errorf("changed %v: %d, want 600", got, n.Rate(b))
	}
	if d := n.Add(free, over(1)); d != a && d != c {
		t.Errorf("slot %d, want one that is free again", d)
	}
}

// drawn is a random network's flow, and its id.
type drawn struct {
	id    int32
	limit int64
	uses  []Use
}

func draw(t *rapid.T, links int) drawn {
	f := drawn{limit: rapid.Int64Range(1, 3_000_000).Draw(t, "limit")}
	for l := range links {
		if rapid.IntRange(0, 2).Draw(t, "over") == 0 {
			f.uses = append(f.uses, Use{int32(l), rapid.SampledFrom([]int32{Unit, Unit, Unit / 3, 2 * Unit, 1}).Draw(t, "weight")})
		}
	}
	return f
}

// filled is max-min fairness by its definition, in floats: all grow alike, step by step.
func filled(capacity []int64, flows []drawn) []float64 {
	rate := make([]float64, len(flows))
	fixed := make([]bool, len(flows))
	for {
		step, any := math.Inf(1), false
		for i := range flows {
			if !fixed[i] {
				any = true
				step = min(step, float64(flows[i].limit)-rate[i])
			}
		}
		if !any {
			return rate
		}
		for l, c := range capacity {
			if c == 0 {
				continue
			}
			used, weight := 0.0, 0.0
			for i, f := range flows {
				for _, u := range f.uses {
					if u.Link == int32(l) {
						used += rate[i] * float64(u.Weight) / Unit
						if !fixed[i] {
							weight += float64(u.Weight) / Unit
						}
					}
				}
			}
			if weight > 0 {
				step = min(step, max(0, float64(c)-used)/weight)
			}
		}
		for i := range flows {
			if !fixed[i] {
				rate[i] += step
			}
		}
		for i := range flows {
			fixed[i] = fixed[i] || rate[i] >= float64(flows[i].limit)*(1-1e-12)
		}
		for l, c := range capacity {
			used := 0.0
			for i, f := range flows {
				for _, u := range f.uses {
					if u.Link == int32(l) {
						used += rate[i] * float64(u.Weight) / Unit
					}
				}
			}
			if c == 0 || used < float64(c)*(1-1e-12) {
				continue
			}
			for i, f := range flows {
				fixed[i] = fixed[i] || slices.ContainsFunc(f.uses, func(u Use) bool { return u.Link == int32(l) })
			}
		}
	}
}

// TestAgainstFilling: whatever comes and goes, in whatever order, the rates are those of the definition, they are those of a
// network to which the same flows came at once, and Resolve tells all that changed.
func TestAgainstFilling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.SliceOfN(rapid.SampledFrom([]int64{1_000_000, 0, 500_000, 2_000_000, 10_000_000, 777_777}), 1, 6).Draw(t, "capacity")
		n := New(capacity)
		var flows []drawn
		known := map[int32]int64{}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			for range rapid.IntRange(1, 3).Draw(t, "at_once") {
				if len(flows) > 0 && rapid.IntRange(0, 2).Draw(t, "leave") == 0 {
					i := rapid.IntRange(0, len(flows)-1).Draw(t, "which")
					n.Remove(flows[i].id)
					delete(known, flows[i].id)
					flows = slices.Delete(flows, i, i+1)
					continue
				}
				f := draw(t, len(capacity))
				f.id = n.Add(f.limit, f.uses)
				flows = append(flows, f)
			}
			if rapid.IntRange(0, 4).Draw(t, "clone") == 0 {
				n = n.Clone()
			}
			for _, id := range n.Resolve() {
				known[id] = n.Rate(id)
			}
			want := filled(capacity, flows)
			anew := New(capacity)
			for i := len(flows) - 1; i >= 0; i-- {
				anew.Add(flows[i].limit, flows[i].uses)
			}
			anew.Resolve()
			for i, f := range flows {
				got := n.Rate(f.id)
				if math.Abs(float64(got)-want[i]) > 1e-4*want[i]+100 {
					t.Fatalf("flow %d: %d, by definition %f\n%v\n%+v", i, got, want[i], capacity, flows)
				}
				if other := anew.Rate(int32(len(flows) - 1 - i)); other != got {
					t.Fatalf("flow %d: %d, in a network made at once %d", i, got, other)
				}
				if known[f.id] != got {
					t.Fatalf("flow %d: %d, last told %d", i, got, known[f.id])
				}
			}
		}
	})
}

// TestMoreBandwidthNeverSlowsTheSlowest: with one link made wider the smallest rate does not fall.
func TestMoreBandwidthNeverSlowsTheSlowest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.SliceOfN(rapid.Int64Range(100_000, 5_000_000), 1, 6).Draw(t, "capacity")
		wide := slices.Clone(capacity)
		wide[rapid.IntRange(0, len(wide)-1).Draw(t, "link")] *= 2
		a, b := New(capacity), New(wide)
		least, now := int64(math.MaxInt64), int64(math.MaxInt64)
		for range rapid.IntRange(1, 12).Draw(t, "flows") {
			f := draw(t, len(capacity))
			a.Add(f.limit, f.uses)
			b.Add(f.limit, f.uses)
		}
		a.Resolve()
		b.Resolve()
		for i := range a.flows {
			least, now = min(least, a.Rate(int32(i))), min(now, b.Rate(int32(i)))
		}
		if now < least-100 {
			t.Fatalf("the slowest has %d, with a wider link %d", least, now)
		}
	})
}
