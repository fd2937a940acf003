package state

import (
	"testing"

	"pgregory.net/rapid"
)

// TestChangeLogTellsEveryReader keeps, for each reader, the set of what changed since it last looked.
func TestChangeLogTellsEveryReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &ChangeLog{}
		var pending []map[int32]bool
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 6).Draw(t, "op"); {
			case op == 0 && len(pending) < 4:
				if got := l.Reader(); got != len(pending) {
					t.Fatalf("reader %d, want %d", got, len(pending))
				}
				pending = append(pending, map[int32]bool{})
			case op == 1:
				l.Trim()
			case op == 2 && len(pending) > 0:
				r := rapid.IntRange(0, len(pending)-1).Draw(t, "reader")
				got := map[int32]bool{}
				for _, s := range l.Take(r) {
					if !pending[r][s] {
						t.Fatalf("reader %d is told of %d, which has not changed since", r, s)
					}
					got[s] = true
				}
				if len(got) != len(pending[r]) {
					t.Fatalf("reader %d is told of %v, want %v", r, got, pending[r])
				}
				pending[r] = map[int32]bool{}
			case op == 3:
				c := l.Clone()
				l.Add(9) // the original goes on; the clone must not hear of it
				l = &c
			default:
				s := rapid.Int32Range(0, 3).Draw(t, "slot")
				l.Add(s)
				for r := range pending {
					pending[r][s] = true
				}
			}
		}
	})
}

func TestChangeLogDoesNotGrowWithoutReadersOrBehindThem(t *testing.T) {
	var l ChangeLog
	for i := range 100 {
		l.Add(int32(i))
	}
	if len(l.slots) != 0 {
		t.Errorf("%d entries without a reader", len(l.slots))
	}
	r := l.Reader()
	for i := range 100 {
		l.Add(int32(i % 2))
		l.Take(r)
		l.Trim()
	}
	if len(l.slots) != 0 || cap(l.slots) > 8 {
		t.Errorf("%d entries (room for %d) after trimming", len(l.slots), cap(l.slots))
	}
}

func TestSymbols(t *testing.T) {
	var s Symbols
	if s.Intern(nil) != None || s.Name(None) != "" {
		t.Error("the empty name is not None")
	}
	a, b := s.Intern([]byte("a")), s.Intern([]byte("b"))
	if a != 0 || b != 1 || s.Intern([]byte("a")) != 0 || s.Name(b) != "b" || s.Len() != 2 || s.Name(7) != "" {
		t.Errorf("ids %d and %d", a, b)
	}
	c := s.Clone()
	c.Intern([]byte("c"))
	if _, ok := s.Lookup("c"); ok || s.Len() != 2 {
		t.Error("a clone's new name is the original's")
	}
	var n Names
	for i := range MaxGPUTypes {
		if bit, err := n.TypeBit([]byte{byte('A' + i)}); err != nil || bit != 1<<i {
			t.Errorf("type %d: bit %x, %v", i, bit, err)
		}
	}
	if _, err := n.TypeBit([]byte("one more")); err == nil {
		t.Error("65 types")
	}
}

func TestJobNames(t *testing.T) {
	j := &Jobs{Name: make([][NameInline]byte, 2)}
	for _, n := range []int{0, 1, NameInline - 1, NameInline, 300, 254, 255, 256, 3} {
		name := make([]byte, n)
		for i := range name {
			name[i] = byte('a' + i%26)
		}
		j.SetName(1, name)
		if got := j.NameOf(1); string(got) != string(name) {
			t.Errorf("a name of %d bytes came back as %q", n, got)
		}
	}
	j.SetName(0, make([]byte, 100))
	c := *j
	c.Name = append([][NameInline]byte(nil), j.Name...)
	c.CloneSparse()
	c.SetName(0, []byte("something longer than forty-eight bytes, which lies apart from the column"))
	if got := j.NameOf(0); len(got) != 100 {
		t.Errorf("a clone's name became the original's: %q", got)
	}
}
