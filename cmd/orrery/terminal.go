package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/sim/units"
)

// isTerminal reports whether a stream is one.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// style is how text is set off: bold on a terminal that wants colour, plain elsewhere.
type style struct{ on bool }

func styleFor(w io.Writer) style { return style{isTerminal(w) && os.Getenv("NO_COLOR") == ""} }

func (s style) bold(text string) string {
	if !s.on {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// progress prints how far a run is: one line that is written over on a terminal, at most ten times a second; a plain line
// every ten seconds elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	total    uint64 // jobs, or 0 where it is not known
	last     time.Time
	began    time.Time
	drawn    bool
}

func newProgress(w io.Writer, total uint64) *progress {
	now := time.Now()
	return &progress{w: w, terminal: isTerminal(w), total: total, began: now, last: now}
}

func (p *progress) show(s run.Progress) {
	gap := 10 * time.Second
	if p.terminal {
		gap = 100 * time.Millisecond
	}
	now := time.Now()
	if now.Sub(p.last) < gap {
		return
	}
	p.last = now
	text := fmt.Sprintf("%s simulated   %s jobs   %s events/s%s", units.FormatDuration(int64(s.Now)), units.FormatCount(int64(s.Submitted)),
		units.FormatNumber(float64(s.Events)/s.Wall.Seconds()), p.left(s))
	if p.terminal {
		fmt.Fprintf(p.w, "\r%-78s", text)
		p.drawn = true
		return
	}
	fmt.Fprintln(p.w, text)
}

// left is the share done and the time left, where a total is known.
func (p *progress) left(s run.Progress) string {
	var done float64
	switch {
	case p.total > 0:
		done = float64(s.Submitted) / float64(p.total)
	case s.Horizon > 0:
		done = float64(s.Now) / float64(s.Horizon)
	}
	if done <= 0 || done >= 1 {
		return ""
	}
	eta := time.Duration(float64(s.Wall) * (1 - done) / done)
	return fmt.Sprintf("   %s   %s left", units.FormatPercent(done), units.FormatDuration(int64(eta)))
}

// clear removes the line.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprintf(p.w, "\r%78s\r", "")
	}
}
