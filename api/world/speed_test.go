package world

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// handWall is a wall clock that moves when it is told to, and by step each time that somebody looks at it.
type handWall struct {
	at   atomic.Int64
	step atomic.Int64
}

func (h *handWall) now() time.Time { return state0.Add(time.Duration(h.at.Add(h.step.Load()))) }

func worldBy(t *testing.T, speed string) (*World, *handWall) {
	t.Helper()
	h := &handWall{}
	cfg := kept("", speed)
	cfg.Wall = h.now
	return begin(t, cfg), h
}

func nowOf(t *testing.T, w *World) state.Time {
	t.Helper()
	v, err := w.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v.Now
}

// A machine that sleeps, or a process that somebody looks at with a debugger: the wall moves on and nothing ticks.
func TestAGapOfTheWallIsNotCaughtUp(t *testing.T) {
	w, h := worldBy(t, "60")
	h.at.Add(int64(4 * time.Second))
	if got := nowOf(t, w); got != 240*state.Second {
		t.Errorf("after 4 s it is %d", got)
	}
	h.at.Add(int64(5 * time.Second))
	if got := nowOf(t, w); got != 540*state.Second {
		t.Errorf("a gap of just 5 s is none: it is %d", got)
	}
	h.at.Add(int64(5*time.Second + time.Millisecond))
	if got := nowOf(t, w); got != 540*state.Second {
		t.Errorf("a gap is caught up: it is %d", got)
	}
	h.at.Add(int64(8 * time.Hour))
	if got := nowOf(t, w); got != 540*state.Second {
		t.Errorf("a night is caught up: it is %d", got)
	}
	h.at.Add(int64(time.Second))
	if got := nowOf(t, w); got != 600*state.Second {
		t.Errorf("it does not go on: it is %d", got)
	}
	if lag := w.Status().Behind; lag != 0 {
		t.Errorf("a gap is no lag: %d", lag)
	}
}

// An engine for which the wall is too fast falls behind, says by how much, and loses nothing that happens.
func TestAClockThatFallsBehindSaysSo(t *testing.T) {
	w, h := worldBy(t, "1000000")
	h.step.Store(int64(slice)) // sixteen instants are all that it gets done before the slice is over
	before := nowOf(t, w)
	for range 50 {
		now := nowOf(t, w)
		if now < before {
			t.Fatalf("the clock went back from %d to %d", before, now)
		}
		before = now
	}
	st := w.Status()
	if st.Behind <= 0 || st.Behind+st.Now > state.Time(h.at.Load())*1e6 {
		t.Errorf("it is %d, behind by %d, of %d", st.Now, st.Behind, state.Time(h.at.Load())*1e6)
	}
	h.step.Store(0)
	for range 1000 {
		h.at.Add(int64(time.Millisecond))
		nowOf(t, w)
	}
	v, err := w.Peek(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if jobs := v.Jobs(); len(jobs) != 200 {
		t.Errorf("%d jobs arrived, want 200", len(jobs))
	}
}

func TestSpeeds(t *testing.T) {
	for text, want := range map[string]string{"60": "60", "0.5": "0.5", "1e6": "1e+06", "max": "max", "paused": "paused", "request=10s": "request=10s", "request=1h30m": "request=1h30m",
		"0": "", "-1": "", "1e7": "", "NaN": "", "Inf": "", "": "", "fast": "", "request=": "", "request=0s": "", "request=-1s": "", "request=10": "", "MAX": ""} {
		s, err := ParseSpeed(text)
		if got := s.String(); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
		if again, err2 := ParseSpeed(s.String()); err == nil && (err2 != nil || again != s) {
			t.Errorf("%q reads %v, and again %v", text, s, again)
		}
	}
}
