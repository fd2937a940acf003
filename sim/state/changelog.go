package state

// ChangeLog lists the slots of one table that changed, in order, with a cursor for each reader, so that nobody scans a
// table to find out. A slot may stand in it more than once.
type ChangeLog struct {
	slots   []int32
	cursors []int
}

// Reader registers a reader at the present end of the log and returns its number.
func (l *ChangeLog) Reader() int {
	l.cursors = append(l.cursors, len(l.slots))
	return len(l.cursors) - 1
}

// Add notes that a slot changed.
func (l *ChangeLog) Add(slot int32) {
	if n := len(l.slots); len(l.cursors) == 0 || n > 0 && l.slots[n-1] == slot && !l.read(n) {
		return
	}
	l.slots = append(l.slots, slot)
}

// read reports whether some reader has already passed entry n-1, so that a repeat must be logged again.
func (l *ChangeLog) read(n int) bool {
	for _, c := range l.cursors {
		if c >= n {
			return true
		}
	}
	return false
}

// Take returns what changed since the reader's last call. The slice is valid until the next Add.
func (l *ChangeLog) Take(reader int) []int32 {
	s := l.slots[l.cursors[reader]:]
	l.cursors[reader] = len(l.slots)
	return s
}

// Trim drops what every reader has seen. Call it between passes.
func (l *ChangeLog) Trim() {
	for _, c := range l.cursors {
		if c != len(l.slots) {
			return
		}
	}
	l.slots = l.slots[:0]
	for i := range l.cursors {
		l.cursors[i] = 0
	}
}

// Clone returns an independent copy with the same readers at the same places.
func (l *ChangeLog) Clone() ChangeLog {
	return ChangeLog{slots: append([]int32(nil), l.slots...), cursors: append([]int(nil), l.cursors...)}
}
