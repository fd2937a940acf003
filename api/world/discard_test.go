package world

import (
	"errors"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// A discarded job is gone for readers at once, gives its GPUs back when it has ended, and is not there after a restart either.
func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, kept(dir, "paused"))
	ctx := t.Context()
	advance := func(d state.Time) View {
		t.Helper()
		v, err := w.Advance(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	held := func(v View) (gpus int) {
		for _, j := range v.Holding() {
			if j.Command > 0 {
				gpus += j.Need().GPUs
			}
		}
		return gpus
	}
	running, waiting, stopping, ended := submitTo(t, w, "sleep infinity", 2), submitTo(t, w, "sleep infinity", 1000), submitTo(t, w, "sleep infinity", 1), submitTo(t, w, "true", 1)
	v := advance(120 * state.Second)
	if held(v) != 3 {
		t.Fatalf("%d GPUs are held", held(v))
	}
	if _, err := w.Stop(ctx, stopping); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{running, waiting, stopping, ended} {
		v, err := w.Discard(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := v.Job(id); ok {
			t.Errorf("job %s is still there", id)
		}
		if _, err := w.Discard(ctx, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("a second time: %v", err)
		}
	}
	if v, _ := w.Peek(ctx); held(v) != 3 {
		t.Errorf("%d GPUs are held while jobs are being stopped", held(v))
	}
	if v := advance(60 * state.Second); held(v) != 0 {
		t.Errorf("%d GPUs are still held", held(v))
	}
	before := tell(t, w)
	w.Close()
	w = begin(t, kept(dir, "paused"))
	if after := tell(t, w); after != before {
		t.Errorf("the world came back another one:\n%s\n%s", before, after)
	}
}
