package play

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Output is what one pod prints, reports and uses.
type Output struct {
	Seed    uint64 // of this pod: two pods that differ in it differ in what they draw
	Request *Request
	Script  *Script
	Pod     string // its name
	Node    string
	Rank    int
	GPUs    int // of this pod
	Stopped state.Time

	// What some metrics follow from; zero where nobody asks for those.
	RDMA         bool
	CPUMilli     int64
	MemMiB       int64
	IdleW, PeakW int // of one GPU
}

// Line is a line of a log, or an event.
type Line struct {
	At   state.Time
	Text string
}

// pace is the time between two lines of progress: ten seconds, more for long tries so that they stay readable.
func (o *Output) pace() state.Time {
	if o.Script.Run == state.Never || o.Script.Run < 10_000*state.Second {
		return 10 * state.Second
	}
	return o.Script.Run / 1000
}

// Logs are the last lines that a try printed from one instant to another, at most so many. Only those are made that are
// asked for.
func (o *Output) Logs(t *Try, from, to state.Time, most int) []Line {
	if t.Running == state.Unset || most <= 0 || from > to {
		return nil
	}
	first, body, last := o.begins(t), o.progress(t), o.ends(t)
	n := len(first) + body.n + len(last)
	at := func(i int) Line {
		switch {
		case i < len(first):
			return first[i]
		case i < len(first)+body.n:
			return body.line(i - len(first))
		}
		return last[i-len(first)-body.n]
	}
	hi := below(n, func(i int) bool { return at(i).At <= to })
	lo := max(below(n, func(i int) bool { return at(i).At < from }), hi-most)
	out := make([]Line, 0, max(0, hi-lo))
	for i := lo; i < hi; i++ {
		out = append(out, at(i))
	}
	return out
}

// below counts the leading indexes for which a test holds.
func below(n int, holds func(int) bool) int {
	lo, hi := 0, n
	for lo < hi {
		if mid := (lo + hi) / 2; holds(mid) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (o *Output) begins(t *Try) []Line {
	command, _, _ := strings.Cut(o.Request.Command, "\n")
	return []Line{
		{t.Running, fmt.Sprintf("[INFO] pod %s on node %s: rank %d of %d, %d GPUs", o.Pod, o.Node, o.Rank, o.Request.Pods, o.GPUs)},
		{t.Running, "[INFO] + " + command},
	}
}

// ticks are the lines of progress of a try.
type ticks struct {
	n    int
	line func(int) Line
}

func (o *Output) progress(t *Try) ticks {
	if _, plain := understand(o.Request.Command); plain {
		return ticks{} // sleep and exit print nothing
	}
	until := t.Ended
	if until == state.Unset {
		until = state.End
	}
	if t.Hung > 0 {
		until = max(min(until, t.Hung), t.Running) // not a word from then on
	}
	pace := o.pace()
	n := int(min((until-t.Running-1)/pace, 1<<30))
	key := rng.NewKey(o.Seed, "log")
	total := int64(math.MaxInt64)
	if o.Script.Run != state.Never {
		total = max(1, int64(o.Script.Run/pace))
	}
	training := ProfileOf(o.Request).Name == "training"
	return ticks{max(n, 0), func(i int) Line {
		at := t.Running + state.Time(i+1)*pace
		if !training {
			return Line{at, fmt.Sprintf("[INFO] %s since the start", spanText(at-t.Running))}
		}
		draw := key.Stream(uint64(i), 0)
		share := float64(i+1) / float64(total)
		loss := .4 + float64(9.6*rng.Exp(-4*share)) + float64(.2*(draw.Float64()-.5))
		return Line{at, fmt.Sprintf("[INFO] step %d/%d loss %.4f, %.1f samples/s", (i+1)*100, total*100, loss, 90+float64(20*draw.Float64()))}
	}}
}

func spanText(d state.Time) string { return fmt.Sprintf("%d s", d/state.Second) }

// ends are the last lines of a try that is over.
func (o *Output) ends(t *Try) []Line {
	if t.Ended == state.Unset {
		return nil
	}
	say := func(lines ...string) []Line {
		var out []Line
		for _, l := range lines {
			out = append(out, Line{t.Ended, l})
		}
		return out
	}
	switch t.Why {
	case WhyDone:
		return say("[INFO] exit code 0")
	case WhyUser, WhyLimit, WhyPreempted, WhyReclaimed:
		return say("[WARN] received signal 15, shutting down")
	case WhyNode:
		return nil // nobody was left to say anything
	case WhyExit:
		return say(append(lastWords(t.Code, o.GPUs), fmt.Sprintf("[ERROR] exit code %d", t.Code))...)
	}
	return nil
}

// lastWords are what a process says before it ends with a code.
func lastWords(code, gpus int) []string {
	switch {
	case code == 137 && gpus > 0:
		return []string{"[ERROR] CUDA out of memory: tried to allocate 2.50 GiB, 1.12 GiB is free", "Killed"}
	case code == 137:
		return []string{"Killed"}
	case code == 139:
		return []string{"Segmentation fault (core dumped)"}
	case code == 143:
		return []string{"Terminated"}
	case code == 126:
		return []string{"Permission denied"}
	case code == 127:
		return []string{"command not found"}
	case code == 245:
		return []string{"[ERROR] NCCL watchdog: collective operation timed out after 1800000 ms"}
	case code == 1:
		return []string{"[ERROR] the program raised an error"}
	}
	return nil
}

// Event is something that happened to a pod.
type Event struct {
	At     state.Time
	Reason string // one word, as Kubernetes spells reasons
	Text   string
	Bad    bool // a warning
}

// Events are what happened to a pod in a try, in order of time, as lines.
func (o *Output) Events(t *Try, now state.Time) []Line {
	var out []Line
	for _, e := range o.Reports(t, now) {
		out = append(out, Line{e.At, "[" + e.Reason + "] " + e.Text})
	}
	return out
}

// Reports are what happened to a pod in a try, in order of time.
func (o *Output) Reports(t *Try, now state.Time) []Event {
	add := func(out []Event, at state.Time, reason, format string, args ...any) []Event {
		if at > now || t.Ended != state.Unset && at > t.Ended {
			return out
		}
		return append(out, Event{At: at, Reason: reason, Text: fmt.Sprintf(format, args...)})
	}
	const step = state.Second / 2
	out := add(nil, t.Created, "Scheduled", "pod %s created and assigned to node %s", o.Pod, o.Node)
	out = add(out, t.Created+2*step, "Pulling", "pulling image %q", o.Request.Image)
	out = add(out, t.Created+3*step, "Pulled", "image %q pulled successfully (cached)", o.Request.Image)
	out = add(out, t.Created+4*step, "Created", "container of pod %s created", o.Pod)
	out = add(out, t.Created+5*step, "Started", "container of pod %s started, preparing its environment", o.Pod)
	if t.Running != state.Unset {
		out = add(out, max(t.Running, t.Created+5*step), "Running", "pod %s runs its command", o.Pod)
	}
	if o.Stopped != state.Unset && (t.Ended == state.Unset || o.Stopped <= t.Ended) && o.Stopped >= t.Created {
		out = add(out, max(o.Stopped, t.Created), "Killing", "container of pod %s is being stopped", o.Pod)
	}
	if t.Ended != state.Unset && t.Ended <= now {
		out = append(out, o.endEvent(t))
	}
	slices.SortStableFunc(out, func(a, b Event) int { return cmp.Compare(a.At, b.At) }) // a stop may come early
	return out
}

func (o *Output) endEvent(t *Try) Event {
	switch t.Why {
	case WhyDone:
		return Event{t.Ended, "Completed", fmt.Sprintf("pod %s finished with exit code 0", o.Pod), false}
	case WhyExit:
		return Event{t.Ended, "Failed", fmt.Sprintf("pod %s failed with exit code %d", o.Pod, t.Code), true}
	case WhyNode:
		return Event{t.Ended, "NodeLost", fmt.Sprintf("node %s failed under pod %s", o.Node, o.Pod), true}
	case WhyPreempted:
		return Event{t.Ended, "Preempted", fmt.Sprintf("pod %s was evicted for another job", o.Pod), true}
	case WhyReclaimed:
		return Event{t.Ended, "Reclaimed", fmt.Sprintf("the spot resources of pod %s were taken back", o.Pod), true}
	}
	return Event{t.Ended, "Stopped", fmt.Sprintf("pod %s was stopped", o.Pod), false}
}

// ExitText reads an exit code as the vendor's diagnostics do (FACTS 3.2).
func ExitText(code int) string {
	switch code {
	case 1:
		return "user error"
	case 2:
		return "misuse of the shell"
	case 126:
		return "not executable"
	case 127:
		return "command not found"
	case 137:
		return "killed, out of memory"
	case 139:
		return "segmentation fault"
	case 143:
		return "terminated"
	case 245:
		return "NCCL timeout"
	}
	return "error"
}

// Within are the last lines between two instants, both included, at most so many.
func Within(lines []Line, from, to state.Time, most int) []Line {
	lines = slices.DeleteFunc(lines, func(l Line) bool { return l.At < from || l.At > to })
	return lines[max(0, len(lines)-most):]
}
