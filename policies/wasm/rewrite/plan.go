package rewrite

import "slices"

// stretch is the most fuel that one charge pays for, but for a single instruction that weighs more: straight code that is longer
// is charged in pieces, so that who branches away early pays for no more than this too much.
const stretch = 128

// behindLoop is the most fuel that every iteration of a loop pays for what is run once behind it; where that is more, it is
// charged there.
const behindLoop = 8

// label is a block on the way back through a body: the fuel from a branch to it, from what follows it, and from the else of an if
// to the next charge.
type label struct {
	branch, after, other uint32
	hasElse              bool
}

// plan sets the charges of a scanned body and gives that of its entry. It goes backwards: need is the largest weight of any path
// from here to the next charge or the end of the function. A loop charges at its header what its body needs, so a branch to a
// loop needs nothing.
func (s *scanner) plan() uint32 {
	var need uint32
	labels := s.labels[:0]
	for i, in := range slices.Backward(s.code) {
		top := len(labels) - 1
		switch in.op {
		case opEnd:
			opener := int32(in.arg)
			loop := opener >= 0 && s.code[opener].op == opLoop
			if need > behindLoop && (loop || opener >= 0 && s.code[opener].exit) {
				s.code[i+1].charge = need
				need = 0
			}
			l := label{branch: need, after: need}
			if loop {
				l.branch = 0
			}
			labels = append(labels, l)
		case opElse:
			labels[top].other, labels[top].hasElse = need, true
			need = labels[top].after
		case opIf:
			if other := labels[top].other; labels[top].hasElse {
				need = max(need, other)
			} else {
				need = max(need, labels[top].after)
			}
			labels = labels[:top]
		case opBlock:
			labels = labels[:top]
		case opLoop:
			labels = labels[:top]
			s.code[i].header = need + 1
			need = 0
		case opBr:
			need = labels[top-int(in.arg)].branch
		case opBrIf:
			need = max(need, labels[top-int(in.arg)].branch)
		case opBrTable:
			need = s.tableNeed(i, labels)
		case opReturn, opUnreachable:
			need = 0
		}
		if need += uint32(in.weight); need > stretch {
			s.code[i].charge = need
			need = 0
		}
	}
	s.labels = labels
	return need + 1 + uint32(s.locals)
}

// tableNeed reads the targets of a br_table again.
func (s *scanner) tableNeed(i int, labels []label) uint32 {
	r := reader{b: s.b, pos: int(s.code[i].off) + 1, end: s.end, fn: s.fn}
	var need uint32
	for n := int(r.u32()); n >= 0 && r.err == nil; n-- {
		need = max(need, labels[len(labels)-1-int(r.u32())].branch)
	}
	return need
}
