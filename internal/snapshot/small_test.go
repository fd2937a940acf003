package snapshot_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/internal/snapshot"
)

type leaf struct {
	A    int8
	B    uint16
	c    int64
	On   bool
	Text string
	Real float64
	gone int `snapshot:"drop"`
}

type tree struct {
	Leaves []leaf
	Next   *tree
	Bytes  []byte
	Fixed  [2]uint32
	Many   [][]int32
	N      uint64
	i      int
}

func TestSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.Make[tree]().Draw(t, "value")
		w.i = rapid.Int().Draw(t, "i")
		for i := range w.Leaves {
			w.Leaves[i].c = rapid.Int64().Draw(t, "c")
		}
		b, err := snapshot.Append([]byte("before"), &w)
		if err != nil {
			t.Fatal(err)
		}
		var r tree
		if err := snapshot.Read(b[6:], &r); err != nil || !reflect.DeepEqual(r, w) {
			t.Fatalf("%v: got %+v, want %+v", err, r, w)
		}
		for n := range b[6:] {
			var r tree
			if err := snapshot.Read(b[6:6+n], &r); err == nil {
				t.Fatalf("read what is cut after %d of %d bytes", n, len(b)-6)
			}
		}
	})
	r := leaf{gone: 7}
	b, err := snapshot.Append(nil, &r)
	if err != nil {
		t.Fatal(err)
	}
	if r = (leaf{}); snapshot.Read(b, &r) != nil || r.gone != 0 {
		t.Error(r)
	}
	for _, err := range []error{second(snapshot.Append(nil, &struct{ m map[int]int }{})), second(snapshot.Append(nil, &struct{ a any }{})), second(snapshot.Append(nil, &struct{ f func() }{}))} {
		if err == nil {
			t.Error("written what cannot be")
		}
	}
}

func second(_ []byte, err error) error { return err }

func FuzzRead(f *testing.F) {
	b, err := snapshot.Append(nil, &tree{Leaves: []leaf{{Text: "x"}}, Next: &tree{Bytes: []byte{1}}, Many: [][]int32{{1}, nil}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var r tree
		_ = snapshot.Read(b, &r)
	})
}
