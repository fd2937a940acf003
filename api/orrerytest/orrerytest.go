// Package orrerytest is a live world inside a Go test: a cluster that does not exist behind the clouds' APIs, on a port of its
// own, gone when the test ends.
//
//	func TestSubmit(t *testing.T) {
//		w := orrerytest.Start(t)
//		id := submitWith(w.Endpoint) // the code under test
//		w.Wait(id, "Succeeded", "Failed")
//	}
//
// It is for tests only.
package orrerytest

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/api"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
	"github.com/orrery-sim/orrery/sim/state"
)

// World is a running world.
type World struct {
	URL      string // http://127.0.0.1:PORT
	Endpoint string // 127.0.0.1:PORT

	t      testing.TB
	world  *world.World
	server *api.Server
}

// Option changes how a world starts.
type Option func(*options)

type options struct {
	speed string
	text  []byte
	file  string
	epoch time.Time
	sets  []scenarios.Set
}

// Speed is how simulated time moves: a number, max, paused, or request=10s, which is the default: a polling loop gives the
// same answers on any machine.
func Speed(s string) Option { return func(o *options) { o.speed = s } }

// Scenario is a scenario file in place of the default world.
func Scenario(file string) Option { return func(o *options) { o.file = file } }

// ScenarioText is the text of a scenario in place of the default world.
func ScenarioText(yaml string) Option { return func(o *options) { o.text = []byte(yaml) } }

// Set changes one value of the scenario, such as cluster.pools.t4.nodes to 1.
func Set(path, value string) Option {
	return func(o *options) {
		o.sets = append(o.sets, scenarios.Set{Path: path, Value: value, Origin: "orrerytest.Set"})
	}
}

// Epoch is the calendar time of the start; the default is 2026-01-01T00:00:00Z, so that tests see the same times.
func Epoch(t time.Time) Option { return func(o *options) { o.epoch = t } }

// Start starts a world and stops it when the test ends.
func Start(t testing.TB, change ...Option) *World {
	t.Helper()
	text, _ := library.Read("live")
	o := options{speed: "request=10s", text: text, epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, c := range change {
		c(&o)
	}
	speed, err := world.ParseSpeed(o.speed)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{t: t}
	w.world, err = world.New(world.Config{Speed: speed, Epoch: o.epoch, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("scenario.yaml", ".", o.text, o.sets...)
		if o.file != "" {
			l, err = scenarios.Load(o.file, o.sets...)
		}
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if w.server, err = api.New(api.Config{World: w.world}); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = w.server.Serve(l)
	}()
	t.Cleanup(func() {
		w.server.Shutdown(time.Second)
		<-done
		w.world.Close()
	})
	w.Endpoint = l.Addr().String()
	w.URL = "http://" + w.Endpoint
	return w
}

// Setenv sets the environment variables that orrery exec gives its command, for code that looks there for the endpoint and a key. It
// cannot be used in parallel tests.
func (w *World) Setenv() {
	w.t.Helper()
	t, ok := w.t.(interface{ Setenv(key, value string) })
	if !ok {
		w.t.Fatalf("%T has no Setenv", w.t)
	}
	for k, v := range w.Environment() {
		t.Setenv(k, v)
	}
}

// Environment is what Setenv sets.
func (w *World) Environment() map[string]string { return api.Environment(w.Endpoint) }

// Now is simulated time.
func (w *World) Now() time.Time {
	w.t.Helper()
	v, err := w.world.Peek(context.Background())
	w.must(err)
	return v.Time(v.Now)
}

// Advance moves the clock, through everything that happens meanwhile.
func (w *World) Advance(d time.Duration) {
	w.t.Helper()
	_, err := w.world.Advance(context.Background(), state.Time(d))
	w.must(err)
}

// SetSpeed changes how simulated time moves.
func (w *World) SetSpeed(speed string) {
	w.t.Helper()
	s, err := world.ParseSpeed(speed)
	w.must(err)
	_, err = w.world.SetSpeed(context.Background(), s)
	w.must(err)
}

// Wait moves the clock until the job has one of the statuses, and gives it. It fails the test when that does not happen
// within 30 days of simulated time or a minute of the wall's.
func (w *World) Wait(job string, statuses ...string) string {
	w.t.Helper()
	got, err := w.server.Control.WaitFor(context.Background(), []string{job}, statuses, 30*24*time.Hour, time.Minute)
	w.must(err)
	if !got.Reached {
		w.t.Fatalf("job %s is %s at %s, want %s", job, got.Jobs[job], got.Now, strings.Join(statuses, " or "))
	}
	return got.Jobs[job]
}

// Reset makes the world what it was at its start: the same calls give the same ids once more.
func (w *World) Reset() {
	w.t.Helper()
	_, err := w.world.Reset(context.Background())
	w.must(err)
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}
