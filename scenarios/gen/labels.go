package gen

import (
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
)

// labels are the ids of names that may be drawn. A name is interned when it is first drawn: names that no job bears appear
// nowhere.
type labels struct {
	prefix string   // of numbered names
	names  []string // or the names
	ids    []int32  // plus one; 0 = not drawn yet
}

func (l *labels) id(i int, symbols *state.Symbols) int32 {
	if l.ids[i] == 0 {
		name := []byte(l.prefix)
		if l.names != nil {
			name = []byte(l.names[i])
		} else {
			name = strconv.AppendInt(name, int64(i)+1, 10)
		}
		l.ids[i] = symbols.Intern(name) + 1
	}
	return l.ids[i] - 1
}

// clone keeps the names and forgets the ids, which belong to other symbol tables.
func (l labels) clone() labels {
	l.ids = make([]int32, len(l.ids))
	return l
}

func newUsers(u Users) labels {
	l := labels{prefix: u.Prefix, ids: make([]int32, u.Count)}
	if l.prefix == "" {
		l.prefix = "user"
	}
	return l
}

func newQueues(q Queues) labels {
	l := labels{names: make([]string, len(q.Shares)), ids: make([]int32, len(q.Shares))}
	for i := range q.Shares {
		l.names[i] = q.Shares[i].Name
	}
	return l
}
