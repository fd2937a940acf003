package gen

import "github.com/orrery-sim/orrery/sim/state"

// session is one that has begun: its next job, when that comes, and how many jobs it has.
type session struct {
	place
	at     state.Time
	length uint64
}

// sessions is a binary heap of open sessions, the next job first; ties by the session's number.
type sessions []session

func (h sessions) less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].place.session < h[j].place.session
}

func (h *sessions) push(s session) {
	*h = append(*h, s)
	q := *h
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if !q.less(i, up) {
			return
		}
		q[i], q[up] = q[up], q[i]
		i = up
	}
}

func (h *sessions) pop() {
	q := *h
	q[0] = q[len(q)-1]
	*h = q[:len(q)-1]
	h.down()
}

// down restores the order after the first entry moved back.
func (h sessions) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h.less(child+1, child) {
			child++
		}
		if !h.less(child, i) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}
