package snapshot

import (
	"cmp"
	"fmt"
	"slices"
	"unsafe"
)

// span is memory that was written as one value.
type span struct {
	from, to uintptr
	s        *shape
}

func (e *encoder) span(at unsafe.Pointer, size uintptr, s *shape) {
	if e.spans != nil && size > 0 {
		*e.spans = append(*e.spans, span{uintptr(at), uintptr(at) + size, s})
	}
}

// Check says whether a value can be written and read back: it is for tests, of whatever a snapshot may come to hold. Two values that
// share memory without being one, such as two slices of an array, would be two afterwards: that is an error too.
func Check(root any) error {
	var all []span
	if _, err := encode(root, &all); err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	for i := 1; i < len(all); i++ {
		if a, b := &all[i-1], &all[i]; b.from < a.to {
			return fmt.Errorf("snapshot: a %s (%d bytes) and a %s (%d bytes, %d further on) share memory, and would not when they are read back",
				name(a.s.t), a.to-a.from, name(b.s.t), b.to-b.from, b.from-a.from)
		}
	}
	return nil
}
