package orrerytest

import (
	"context"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/api/control"
	"github.com/orrery-sim/orrery/sim/state"
)

// What a fault does to which calls, a call that was made, and where a job is to be put. docs/apis.md says what the fields mean.
type (
	Fault   = control.Fault
	Request = control.Request
	Put     = control.Put
	Past    = control.Past
)

// Fault makes calls fail or take longer, until ClearFaults or the end of the test:
//
//	w.Fault(orrerytest.Fault{Operation: "CreateJob", Status: 503, Count: 2}) // the first two
func (w *World) Fault(f Fault) {
	w.t.Helper()
	_, err := w.server.Control.AddFault(f)
	w.must(err)
}

// ClearFaults ends all faults.
func (w *World) ClearFaults() { w.server.Control.ClearFaults() }

// Requests are the calls of an operation so far, oldest first; * and ? match in its name.
func (w *World) Requests(operation string) []Request {
	return w.server.Control.Requests(operation, "", "", 0)
}

// Put puts a job into a status that it can get to, with a history that leads there. A job that needs resources for that and has none
// gets them first: the clock moves.
func (w *World) Put(job string, to Put) {
	w.t.Helper()
	_, err := w.server.Control.Put(context.Background(), job, to)
	w.must(err)
}

// Exit makes a job that holds resources end now with an exit code; 137 is what a lack of memory gives.
func (w *World) Exit(job string, code uint8) {
	w.t.Helper()
	_, err := w.world.Exit(context.Background(), w.token(job), code)
	w.must(err)
}

// Hang makes a running job stand still.
func (w *World) Hang(job string) {
	w.t.Helper()
	_, err := w.world.Hang(context.Background(), w.token(job))
	w.must(err)
}

// Preempt takes a job's resources away; it queues again and starts over.
func (w *World) Preempt(job string) {
	w.t.Helper()
	_, err := w.world.Preempt(context.Background(), w.token(job))
	w.must(err)
}

// Reclaim takes a spot job's resources back.
func (w *World) Reclaim(job string) {
	w.t.Helper()
	_, err := w.world.Reclaim(context.Background(), w.token(job))
	w.must(err)
}

// FailNode has a node fail now: what runs there is lost.
func (w *World) FailNode(name string) { w.t.Helper(); w.node(name, "down") }

// MendNode has it work again.
func (w *World) MendNode(name string) { w.t.Helper(); w.node(name, "up") }

func (w *World) node(name, do string) {
	w.t.Helper()
	_, err := w.server.Control.ChangeNode(context.Background(), name, do)
	w.must(err)
}

// FailNodeIn has a node fail when so much simulated time has passed.
func (w *World) FailNodeIn(d time.Duration, name string) {
	w.t.Helper()
	_, err := w.server.Control.PlanNode(context.Background(), name, "down", state.Time(d))
	w.must(err)
}

// Status is where a job stands. Asking does not move the clock.
func (w *World) Status(job string) string {
	w.t.Helper()
	got, err := w.server.Control.WaitFor(context.Background(), []string{job}, w.server.Control.StatusesOf(job), 0, time.Second)
	w.must(err)
	return got.Jobs[job]
}

// State is the world as it stands, for SetState: a fixture that many tests start from.
func (w *World) State() []byte {
	w.t.Helper()
	data, err := w.world.Export(context.Background())
	w.must(err)
	return data
}

// SetState makes the world what another one of the same scenario was.
func (w *World) SetState(data []byte) {
	w.t.Helper()
	_, err := w.world.Import(context.Background(), data)
	w.must(err)
}

// token is what the world calls a job.
func (w *World) token(job string) string {
	w.t.Helper()
	t := w.server.Control.Token(job)
	if t == "" {
		w.t.Fatalf("%q is no id of a job", strings.TrimSpace(job))
	}
	return t
}
