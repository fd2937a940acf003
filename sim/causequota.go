package sim

import (
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// classClock keeps how long a class did not fit its quota, by whose limit it was.
type classClock struct {
	shut  bool
	level quota.Level
	since state.Time
	spent [quota.NumLevels]int64
}

// lineClock keeps what the tests behind quota said while a line's class fitted: its shape's clocks go on, but what they say
// counts only then.
type lineClock struct {
	open     bool
	capacity int64
	topology int64
	fits     [numFits]int64
	mark     [5]int64 // the shape's clocks when it was last settled
}

func (k *classClock) settle(now state.Time) {
	if k.shut {
		k.spent[k.level] += int64(now - k.since)
	}
	k.since = now
}

// clock is the clock of a class.
func (b *books) clock(class int32) *classClock {
	for int32(len(b.classes)) <= class {
		b.classes = append(b.classes, classClock{})
	}
	return &b.classes[class]
}

// settleLine brings a line's clocks up to now.
func (b *books) settleLine(e *Engine, line int32) {
	k := &b.lines[line]
	if !k.open {
		return
	}
	capacity, reservation, order, choice, topology := e.causes.readShape(e, b.tree.ShapeOf(line))
	k.capacity += capacity - k.mark[0]
	k.topology += topology - k.mark[4]
	if f := b.fit[b.tree.QueueOf(b.tree.ClassOf(line))]; f >= 0 {
		k.fits[f] += reservation + order + choice - k.mark[1] - k.mark[2] - k.mark[3]
	} else {
		k.fits[fitReservation] += reservation - k.mark[1]
		k.fits[fitOrder] += order - k.mark[2]
		k.fits[fitChoice] += choice - k.mark[3]
	}
	k.mark = [5]int64{capacity, reservation, order, choice, topology}
}

// setOpen notes from now on whether a line's class fits.
func (b *books) setOpen(e *Engine, line int32, open bool) {
	b.settleLine(e, line)
	k := &b.lines[line]
	if k.open = open; open {
		k.mark[0], k.mark[1], k.mark[2], k.mark[3], k.mark[4] = e.causes.readShape(e, b.tree.ShapeOf(line))
	}
}

// flip follows the tests of classes at the end of an instant.
func (b *books) flip(e *Engine) {
	for _, class := range b.tree.Changed(b.reader) {
		b.follow(e, class)
	}
	b.tree.Trim()
}

func (b *books) follow(e *Engine, class int32) {
	k := b.clock(class)
	shut := !b.tree.Open(class)
	level, _ := b.tree.Why(class)
	if shut == k.shut && (!shut || level == k.level) {
		return
	}
	was := k.shut
	k.settle(e.now)
	k.shut, k.level = shut, level
	if was != shut {
		for _, line := range b.tree.Lines(class) {
			b.setOpen(e, line, !shut)
		}
	}
}

// setFits notes the reasons that a pass gave for queues, which hold for their jobs that would fit.
func (b *books) setFits(e *Engine, fits []state.QueueFit) {
	for _, f := range fits {
		to := int8(-1)
		switch f.Cause {
		case state.CauseReservation:
			to = fitReservation
		case state.CauseOrder:
			to = fitOrder
		case state.CauseChoice:
			to = fitChoice
		}
		if f.Queue < 0 || int(f.Queue) >= len(b.fit) || b.fit[f.Queue] == to {
			continue
		}
		for line := range b.lines {
			if b.lines[line].open && b.tree.QueueOf(b.tree.ClassOf(int32(line))) == f.Queue {
				b.settleLine(e, int32(line))
			}
		}
		b.fit[f.Queue] = to
	}
}

// read gives a job's clocks, as causes.read does, and those of its class.
func (b *books) read(e *Engine, slot int32) (capacity, reservation, order, choice, topology int64) {
	line := b.line[slot]
	class := b.tree.ClassOf(line)
	b.clock(class).settle(e.now)
	k := &b.lines[line]
	if open := !b.classes[class].shut; open != k.open { // a new line of a known class
		b.setOpen(e, line, open)
	} else {
		b.settleLine(e, line)
	}
	return k.capacity, k.fits[fitReservation], k.fits[fitOrder], k.fits[fitChoice], k.topology
}

// leave charges what a job waited for its quota, and returns the sum.
func (b *books) leave(e *Engine, slot int32) int64 {
	var sum int64
	k := b.clock(b.class(slot))
	_, at := b.tree.Why(b.class(slot))
	for level := range k.spent {
		if ns := k.spent[level] - b.notes[slot][level]; ns != 0 {
			sum += ns
			ev := e.tell(state.EvWaited, slot)
			ev.Cause, ev.X, ev.A, ev.B = uint8(state.CauseQuota), ns, int32(level), at
		}
	}
	return sum
}

// tellUse tells of queues whose use changed, at the end of an instant.
func (b *books) tellUse(e *Engine) {
	for _, q := range b.moved {
		b.marked[q] = false
		if !e.want.Has(state.EvQueueUse) {
			continue
		}
		for r := range b.tree.Resources() {
			at := int(q)*len(b.tree.Resources()) + r
			used := b.tree.Used(q, int32(r))
			if used == b.told[at] {
				continue
			}
			b.told[at] = used
			e.extra++
			e.emit(state.Event{Kind: state.EvQueueUse, Job: -1, A: q, B: int32(r), X: used, Y: b.tree.Borrowed(q, int32(r)), Z: uint64(uint32(b.name[q]))})
		}
	}
	b.moved = b.moved[:0]
}

// tellLimits tells what every queue may have and is due: at the start, and when the tree or the cluster changes.
func (b *books) tellLimits(e *Engine) {
	if !e.want.Has(state.EvQueueLimit) {
		return
	}
	for q := range b.tree.Spec().Queues {
		for r := range b.tree.Resources() {
			e.extra++
			e.emit(state.Event{Kind: state.EvQueueLimit, Job: -1, A: int32(q), B: int32(r), X: b.tree.Limit(int32(q), int32(r)), Y: b.tree.Owed(int32(q), int32(r)),
				Node: b.tree.Spec().Queues[q].Parent, Z: uint64(uint32(b.name[q]))})
		}
	}
}
