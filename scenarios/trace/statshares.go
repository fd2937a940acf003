package trace

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

func unixUTC(t state.Time) time.Time { return time.Unix(0, int64(t)).UTC() }

// shares groups jobs by size, user, queue, partition and type.
func (g *gather) shares() {
	st, n := g.st, g.names
	sizes := map[int64]*Size{}
	for i := range g.rows {
		r := &g.rows[i]
		s := sizes[r.milli]
		if s == nil {
			s = &Size{GPUs: float64(r.milli) / 1000}
			sizes[r.milli] = s
		}
		s.Jobs++
		s.GPUTime += r.gpuSeconds()
	}
	for _, s := range sizes {
		st.Sizes = append(st.Sizes, *s)
	}
	slices.SortFunc(st.Sizes, func(a, b Size) int { return cmp.Compare(a.GPUs, b.GPUs) })
	st.Users = g.by(func(r *statRow) string { return n.Users.Name(r.user) })
	st.Queues = g.by(func(r *statRow) string { return n.Queues.Name(r.queue) })
	st.Partitions = g.by(func(r *statRow) string { return n.Partitions.Name(r.part) })
	st.Types = g.by(func(r *statRow) string { return typeNames(r.types, n) })
}

// typeNames is a type mask as A|B.
func typeNames(mask uint64, n *state.Names) string {
	var names []string
	for ; mask != 0; mask &= mask - 1 {
		names = append(names, n.Types.Name(int32(bits.TrailingZeros64(mask))))
	}
	return strings.Join(names, "|")
}

// by groups jobs under names, most GPU-time first, then by name; jobs without a name are left out.
func (g *gather) by(name func(*statRow) string) []Share {
	at := map[string]int{}
	var out []Share
	for i := range g.rows {
		r := &g.rows[i]
		key := name(r)
		if key == "" {
			continue
		}
		k, ok := at[key]
		if !ok {
			k = len(out)
			at[key] = k
			out = append(out, Share{Name: key})
		}
		out[k].Jobs++
		out[k].GPUTime += r.gpuSeconds()
	}
	slices.SortStableFunc(out, func(a, b Share) int {
		if a.GPUTime != b.GPUTime {
			return cmp.Compare(b.GPUTime, a.GPUTime)
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return out
}
