package world

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestAStateIsTakenInAgain(t *testing.T) {
	export := func(w *World) []byte {
		t.Helper()
		data, err := w.Export(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, dir := range []string{"", t.TempDir()} {
		cfg := kept(dir, "paused")
		cfg.Epoch = state0
		w := begin(t, cfg)
		live(t, w)
		before, data := tell(t, w), export(w)
		if again := export(w); !bytes.Equal(data, again) {
			t.Error("two exports differ")
		}
		submitTo(t, w, "sleep 5", 1)
		if _, err := w.Advance(t.Context(), 3000*state.Second); err != nil {
			t.Fatal(err)
		}
		later := tell(t, w)
		for _, bad := range [][]byte{nil, data[:len(data)/2], []byte("no state"), forged(t, data, "orrery-world/1", "orrery-world/9"), forged(t, data, `"small"`, `"large"`),
			forged(t, data, `"now_ns":`, `"now_ns":-`), forged(t, data, `"now_ns":`, `"now_ns":0,"x":`), forged(t, data, "submit", "commit"),
			withCommand(t, data, &entry{Kind: entryDelete, Job: 1 << 40}), withCommand(t, data, &entry{Kind: entrySubmit}), withCommand(t, data, &entry{Kind: entryNode, Node: -1}),
			withCommand(t, data, &entry{Kind: entryQueue, Payload: []byte("{")}), withCommand(t, data, &entry{Kind: entryQueue, Payload: []byte(`{"Name": "x"}`)}),
			withCommand(t, data, &entry{Kind: entryQueue, Payload: []byte(`{"Name": "x", "Create": true, "Queue": {"State": "open"}}`)}),
			withCommand(t, data, &entry{Kind: entryChange, Node: 99, Change: 2, At: state.End})} {
			if _, err := w.Import(t.Context(), bad); err == nil {
				t.Error("a state that is wrong is taken in")
			}
			if now := tell(t, w); now != later {
				t.Fatalf("a refused state changed the world:\n%s\n\nwas\n%s", now, later)
			}
		}
		if _, err := w.Import(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		if now := tell(t, w); now != before {
			t.Fatalf("the state is\n%s\n\nwas\n%s", now, before)
		}
		if again := export(w); !bytes.Equal(data, again) {
			t.Error("an imported state is exported as another")
		}
		submitTo(t, w, "sleep 5", 1)
		after := tell(t, w)
		w.Close()
		if dir != "" {
			w = begin(t, cfg)
			if now := tell(t, w); now != after {
				t.Error("the journal is not what was taken in")
			}
		}
		other := kept("", "request=10s")
		other.Epoch = state0
		fresh := begin(t, other)
		if _, err := fresh.Import(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		if now := tell(t, fresh); now != before {
			t.Error("another world with the state is another")
		}
	}
}

func plainState(t *testing.T, data []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text)
	_ = z.Close()
	return b.Bytes()
}

func forged(t *testing.T, data []byte, old, new string) []byte {
	t.Helper()
	text := string(plainState(t, data))
	if !strings.Contains(text, old) {
		t.Fatalf("no %s in the state", old)
	}
	return packed([]byte(strings.Replace(text, old, new, 1)))
}

// withCommand is a state with a commit more at its end.
func withCommand(t *testing.T, data []byte, e *entry) []byte {
	t.Helper()
	text := plainState(t, data)
	head, _, err := unpack(data)
	if err != nil {
		t.Fatal(err)
	}
	old, at := fmt.Sprintf(`"now_ns":%d`, head.Now), head.Now+9
	text = bytes.Replace(text, []byte(old), fmt.Appendf(nil, `"now_ns":%d`, at), 1)
	return packed(appendCommit(text, &journal.Commit{At: at, Body: encode([]*entry{e})}))
}

func TestALedgerGivesBackWhatItHolds(t *testing.T) {
	var l ledger
	var want bytes.Buffer
	for i := range 5000 {
		c := journal.Commit{At: state.Time(i), Hold: i%3 == 0, Body: bytes.Repeat([]byte{byte(i)}, i%700)}
		l.add(c)
		want.Write(appendCommit(nil, &c))
	}
	var got bytes.Buffer
	if err := l.writeTo(&got); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) || len(l.packed) < 3 {
		t.Error(err, got.Len(), want.Len(), len(l.packed))
	}
}
