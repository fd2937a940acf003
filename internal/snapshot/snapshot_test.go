package snapshot_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/internal/snapshot"
)

type point struct {
	X, Y int32
	z    float64
}

type named interface{ Name() string }

type cat struct {
	name string
	prey *cat
}

func (c *cat) Name() string { return c.name }

type number int

func (n number) Name() string { return strings.Repeat("i", int(n)) }

type whole struct {
	flags   [3]bool
	points  []point
	names   []string
	byName  map[string]*cat
	twice   map[string]*cat
	root    *cat
	loop    *cat
	inside  *middle
	own     middle
	many    [2]middle
	one     *middle
	who     named
	what    named
	none    named
	nobody  *cat
	empty   []int32
	nothing []int32
	stream  rand.PCG
	sum     hash.Hash
	grid    [2][]byte
	shared  []int64
	again   []int64
	call    func() int
	keep    *os.File `snapshot:"keep"`
	calls   int
}

type middle struct {
	deep  []string
	outer *whole
}

func fresh(n int) *whole {
	w := &whole{sum: sha256.New(), who: &cat{name: "fresh"}, what: number(3), keep: os.Stdin, calls: n}
	w.call = func() int { return w.calls }
	return w
}

func used() *whole {
	w := fresh(7)
	w.flags = [3]bool{true, false, true}
	w.points = []point{{1, 2, 3}, {-4, 5, 6.5}}
	tom := &cat{name: "tom"}
	w.root, w.loop = tom, &cat{"felix", tom}
	tom.prey = w.loop
	w.byName = map[string]*cat{"tom": tom, "felix": w.loop}
	w.twice = w.byName
	w.names = []string{"tom", tom.name, "", strings.Clone("long")}
	w.inside = &w.own
	w.many[1].deep = []string{"one of many"}
	w.one = &w.many[1]
	w.own = middle{deep: []string{tom.name}, outer: w}
	w.who, w.what = tom, number(5)
	w.empty = []int32{}
	w.stream.Seed(1, 2)
	w.stream.Uint64()
	_, _ = w.sum.Write([]byte("some text"))
	w.grid[1] = []byte("grid")
	w.shared = []int64{1, 2, 3}
	w.again = w.shared
	return w
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	w := used()
	if err := snapshot.Check(w); err != nil {
		t.Fatal(err)
	}
	data, err := snapshot.Encode(w)
	if err != nil {
		t.Fatal(err)
	}
	r := fresh(1)
	mine := r.who.(*cat)
	if err := snapshot.Decode(data, r); err != nil {
		t.Fatal(err)
	}
	if r.call() != 7 {
		t.Error("a function is not that of the value that was read")
	}
	if r.keep != os.Stdin || r.inside != &r.own || r.one != &r.many[1] || r.one.deep[0] != "one of many" || r.own.outer != r || r.root.prey != r.loop || r.loop.prey != r.root || r.who != named(r.root) || r.byName["tom"] != r.root {
		t.Errorf("what points where: %+v", r)
	}
	if r.twice["dog"] = mine; r.byName["dog"] != mine {
		t.Error("one map became two")
	}
	if r.again[0] = 9; r.shared[0] != 9 {
		t.Error("one slice became two")
	}
	if r.empty == nil || r.nothing != nil || r.none != nil || r.nobody != nil || r.what != number(5) {
		t.Errorf("what is nil: %+v", r)
	}
	if r.stream.Uint64() != w.stream.Uint64() || !bytes.Equal(r.sum.Sum(nil), w.sum.Sum(nil)) {
		t.Error("a stream or a sum goes on otherwise")
	}
	if !reflect.DeepEqual(r.points, w.points) || !reflect.DeepEqual(r.names, w.names) || r.flags != w.flags || string(r.grid[1]) != "grid" || r.own.deep[0] != "tom" {
		t.Errorf("got %+v, want %+v", r, w)
	}
}

// A type that cannot be written is an error that names the place.
func TestWhatCannotBeWritten(t *testing.T) {
	type deep struct{ list []struct{ bad any } }
	for _, c := range []struct {
		bad  any
		want string
	}{
		{make(chan int), "chan"}, {os.Stdin, "os"}, {time.Now(), "time"}, {errors.New("x"), "errors"}, {uintptr(1), "uintptr"}, {&bytes.Buffer{}, "bytes"},
	} {
		_, err := snapshot.Encode(&deep{list: []struct{ bad any }{{}, {c.bad}}})
		if err == nil || !strings.Contains(err.Error(), ".list[1].bad") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: %v", c.bad, err)
		}
	}
	type halves struct{ a, b []int32 }
	list := []int32{1, 2, 3, 4}
	if err := snapshot.Check(&halves{list[:2], list[1:]}); err == nil || !strings.Contains(err.Error(), "share memory") {
		t.Error(err)
	}
	if err := snapshot.Check(&halves{list, list}); err != nil {
		t.Error(err)
	}
}

// What the reader's own value has not, or has otherwise, is refused.
func TestWhatDoesNotFit(t *testing.T) {
	data, err := snapshot.Encode(used())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*whole){
		"a function": func(w *whole) { w.call = nil },
		"kept":       func(w *whole) { w.keep = nil },
		"a type":     func(w *whole) { w.sum = nil },
	} {
		r := fresh(1)
		change(r)
		if err := snapshot.Decode(data, r); err == nil {
			t.Errorf("%s is missing: read all the same", name)
		}
	}
	var other struct{ flags [3]bool }
	if err := snapshot.Decode(data, &other); err == nil {
		t.Error("read as another type")
	}
	for n := range data { // damaged ones are kept away by their checksum; they must not hurt all the same
		if err := snapshot.Decode(data[:n], fresh(1)); err == nil {
			t.Fatalf("read what is cut after %d of %d bytes", n, len(data))
		}
	}
}

type guest struct {
	memory []byte `snapshot:"foreign"`
	last   *guest `snapshot:"drop"`
	calls  int
}

func (g *guest) SaveForeign() ([]byte, error) {
	if g.calls < 0 {
		return nil, io.ErrClosedPipe
	}
	return g.memory, nil
}

func (g *guest) LoadForeign(b []byte) error {
	if g.memory = append(g.memory[:0:0], b...); g.calls == 3 {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func TestForeignState(t *testing.T) {
	type host struct{ guests []*guest }
	h := &host{[]*guest{{[]byte("one"), nil, 1}, {[]byte("two"), nil, 2}}}
	h.guests[1].last = h.guests[0]
	data, err := snapshot.Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	r := &host{[]*guest{{[]byte("?"), nil, 0}, {[]byte("?"), nil, 0}}}
	r.guests[0].last = r.guests[1]
	first := r.guests[0]
	h.guests[1].last = nil // as it is to be afterwards
	if err := snapshot.Decode(data, r); err != nil || !reflect.DeepEqual(r, h) || r.guests[0] != first {
		t.Error(r, err)
	}
	h.guests[0].calls = 3
	data, _ = snapshot.Encode(h)
	if err := snapshot.Decode(data, r); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	h.guests[0].calls = -1
	if _, err := snapshot.Encode(h); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// Any damage is an error or gives some value of the types: never a panic.
func FuzzDecode(f *testing.F) {
	data, err := snapshot.Encode(used())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = snapshot.Decode(data, fresh(1))
	})
}

func TestDrawnValues(t *testing.T) {
	type node struct {
		Value int64
		Text  string
		Next  []*node
		By    map[int32]string
	}
	rapid.Check(t, func(t *rapid.T) {
		all := make([]*node, rapid.IntRange(1, 20).Draw(t, "nodes"))
		for i := range all {
			all[i] = &node{Value: rapid.Int64().Draw(t, "value"), Text: rapid.String().Draw(t, "text"), By: rapid.MapOf(rapid.Int32(), rapid.String()).Draw(t, "map")}
		}
		for _, n := range all {
			for range rapid.IntRange(0, 3).Draw(t, "edges") {
				n.Next = append(n.Next, all[rapid.IntRange(0, len(all)-1).Draw(t, "to")])
			}
		}
		data, err := snapshot.Encode(&all)
		if err != nil {
			t.Fatal(err)
		}
		var got []*node
		if err := snapshot.Decode(data, &got); err != nil || !reflect.DeepEqual(got, all) {
			t.Fatalf("%v: got %+v, want %+v", err, got, all)
		}
	})
}
