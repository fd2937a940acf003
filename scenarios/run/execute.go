package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/metric/cost"
	"github.com/orrery-sim/orrery/sim/state"
)

// Options say what a run leaves behind beside its figures.
type Options struct {
	Dir      string // the run folder; empty: none
	Folder   FolderOptions
	Events   string // a file of its own for the events as JSON lines; empty: none
	Timeline string // a file of its own for the Perfetto trace; empty: none
	Check    bool   // the invariant checker runs along
	Tool     Tool
	Progress func(Progress)
	SaveAt   state.Time
	SaveTo   string // file for the state at SaveAt; empty: none
}

// interrupted is why a run that the user stopped is partial.
const interrupted = "it was interrupted before its end"

// Execute simulates a plan once and writes what the options ask for. After an error no folder looks whole.
func Execute(ctx context.Context, p *scenarios.Plan, opt Options) (*Simulated, *Summary, error) {
	defer p.Close()
	s := Simulation{Check: opt.Check, Progress: opt.Progress, SaveAt: opt.SaveAt}
	if p.Prices != nil {
		s.Ledger = cost.New(p.Prices.Ledger)
	}
	x := &extras{}
	defer x.abort()
	var folder *Folder
	if opt.Dir != "" {
		record, err := recordOf(p, opt.Tool)
		if err != nil {
			return nil, nil, err
		}
		opt.Folder.Pools = p.Pools
		if s.Ledger != nil {
			opt.Folder.Paid = s.Ledger.PaidBy
		}
		if folder, err = CreateFolder(opt.Dir, *record, p.Config.Names, opt.Folder); err != nil {
			return nil, nil, err
		}
		defer folder.Discard() // does nothing after Finish
		s.Listeners = folder.Listeners()
	}
	if err := x.open(opt, &s); err != nil {
		return nil, nil, err
	}
	began := time.Now()
	done, err := Simulate(ctx, p, s)
	if err != nil {
		return nil, nil, err
	}
	done.Notes = append(done.Notes, notes(p, done.Engine)...)
	if r := done.Result; r.PingPong > 0 {
		done.Notes = append(done.Notes, fmt.Sprintf("%d of %d preemptions took back what a preemption had just taken (ping-pong): recovery.protect keeps what has "+
			"just started, recovery.backoff holds who was preempted", r.PingPong, r.Preemptions))
	}
	done.Engine = nil
	facts := Facts{Name: p.Scenario.Name, Seed: p.Scenario.Seed, Pools: p.Pools, Events: done.Counts.Events, Digest: done.Digest, Wall: done.Wall}
	if facts.Energy = done.Energy; p.Scenario.Energy != nil && p.Scenario.Energy.Tariff != nil {
		facts.Tariff = int64(*p.Scenario.Energy.Tariff)
	}
	if facts.Failures = done.Failures; done.Failures != nil {
		facts.Causes = p.Config.Failures.Names
	}
	if p.Prices != nil {
		facts.Cost, facts.Prices = done.Cost, p.Prices
	}
	if done.Interrupted {
		facts.Partial = interrupted
	}
	summary := Summarise(done.Result, facts)
	if !done.Saved && x.state != nil {
		_ = x.state.Abort() // the run was interrupted before the instant came
		x.files = slices.DeleteFunc(x.files, func(f *columns.File) bool { return f == x.state })
	}
	if err := x.commit(); err != nil {
		return nil, nil, err
	}
	recovery := ""
	if done.Counts.Evictions > 0 {
		recovery = p.RecoveryText()
	}
	if folder != nil {
		err = folder.Finish(Record{Recovery: recovery, Digest: done.Digest, DigestVersion: sim.DigestVersion, Summary: summary, Partial: facts.Partial,
			Warnings: done.Notes, Guests: guests(p.Config.Policy), Host: ThisHost(began, done.Wall, facts.Events)})
	}
	return done, summary, err
}

// notes are what a reader must know that showed during the run beside what the workload's source notes: estimates that were
// missing, recorded starts that could not be kept.
func notes(p *scenarios.Plan, e *sim.Engine) []string {
	var out []string
	if e.Counts().Submitted == 0 {
		out = append(out, "the workload has no jobs: nothing was simulated")
	}
	out = append(out, p.UnknownTypes(e.Names())...)
	reader, ok := p.Config.Policy.(interface{ ReadsEstimates() bool })
	reads := ok && reader.ReadsEstimates() || p.Config.KillAtEstimate
	if n := e.Counts().NoEstimate; n > 0 && reads {
		out = append(out, fmt.Sprintf("%d of %d jobs have no estimate: policies see their true running time (estimates: {from: exact} says that this is meant)",
			n, e.Counts().Submitted))
	}
	for _, g := range policies.Guests(p.Config.Policy) {
		out = append(out, g.Notes...)
	}
	if c := e.Counts(); c.Refused > 0 {
		out = append(out, fmt.Sprintf("%d of %d decisions of the policy were refused (--events tells each, with its reason)", c.Refused, c.Decisions))
	}
	if r, ok := p.Config.Policy.(peer.Replayer); ok {
		out = append(out, conflicts(r.Conflicts())...)
	}
	return out
}

// guests are the WebAssembly parts of a policy as run.json tells of them.
func guests(p state.Policy) (out []Guest) {
	for _, g := range policies.Guests(p) {
		out = append(out, Guest{Policy: g.Policy, Module: g.Module, SHA256: g.SHA256, ABI: fmt.Sprintf("%s.%d", wasm.ABI, wasm.ABIMinor),
			FuelSchedule: wasm.FuelSchedule, Calls: g.Calls, Fuel: g.Fuel, Failed: g.Failed, Fallen: g.Fallen})
	}
	return out
}

// mostConflicts bounds the recorded starts that are named.
const mostConflicts = 10

func conflicts(all []peer.Conflict) []string {
	var out []string
	for i := range all {
		if i == mostConflicts {
			return append(out, fmt.Sprintf("and %d more recorded starts that could not be kept", len(all)-i))
		}
		out = append(out, "recorded start not kept: "+all[i].String())
	}
	return out
}

// recordOf is what is known of a run before it.
func recordOf(p *scenarios.Plan, tool Tool) (*Record, error) {
	text, err := ydec.Encode(p.Scenario)
	if err != nil {
		return nil, fmt.Errorf("write the scenario with its defaults: %w", err)
	}
	r := &Record{Name: p.Scenario.Name, Seed: p.Scenario.Seed, Start: p.Start.UTC().Format(time.RFC3339Nano), Policy: p.Config.Policy.Info().Name,
		Cluster: p.ClusterText(), Scenario: string(text), Warnings: p.Warnings, Tool: tool}
	if p.Config.Failures != nil {
		r.Failures = p.FailuresText()
	}
	for _, in := range p.Inputs {
		r.Inputs = append(r.Inputs, Input(in))
	}
	return r, nil
}

// extras are files outside the folder; they appear only when they are whole.
type extras struct {
	files  []*columns.File
	state  *columns.File
	events *EventLog
	line   *Timeline
}

func (x *extras) create(name string) (io.Writer, error) {
	f, err := columns.Create(name)
	if err == nil {
		x.files = append(x.files, f)
	}
	return f, err
}

func (x *extras) open(opt Options, s *Simulation) error {
	if opt.Events != "" {
		w, err := x.create(opt.Events)
		if err != nil {
			return err
		}
		x.events = NewEventLog(w)
		s.Listeners = append(s.Listeners, x.events)
	}
	if opt.Timeline != "" {
		w, err := x.create(opt.Timeline)
		if err != nil {
			return err
		}
		x.line = NewTimeline(w)
		s.Listeners = append(s.Listeners, x.line)
	}
	if opt.SaveTo != "" {
		w, err := x.create(opt.SaveTo)
		if err != nil {
			return err
		}
		s.SaveTo, x.state = w, x.files[len(x.files)-1]
	}
	return nil
}

func (x *extras) commit() error {
	var errs []error
	if x.events != nil {
		errs = append(errs, x.events.Close())
	}
	if x.line != nil {
		errs = append(errs, x.line.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return err // abort removes what was written
	}
	for _, f := range x.files {
		errs = append(errs, f.Commit())
	}
	return errors.Join(errs...)
}

func (x *extras) abort() {
	for _, f := range x.files {
		_ = f.Abort() // does nothing after Commit
	}
}

// Verification is what a replay of a run found.
type Verification struct {
	Record  *Record
	Changed []string // inputs that are not what they were
	Missing []string // inputs whose file is not there
	Digest  string   // of the replay
}

// Same reports whether the replay gave the same digest from the same inputs.
func (v *Verification) Same() bool {
	return len(v.Changed)+len(v.Missing) == 0 && v.Digest == v.Record.Digest
}

// Verify replays a run folder. Inputs are looked for at the folder where the scenario was, or at base when it is given.
// Changed and missing inputs are named, and then nothing is replayed; a digest of another version is an error. Journals opens that of a
// live world, where the run is of one.
func Verify(ctx context.Context, dir, base string, check bool, journals scenarios.Journals) (*Verification, error) {
	r, err := ReadRecord(dir)
	if err != nil {
		return nil, &InputError{err}
	}
	v := &Verification{Record: r}
	if !r.Complete {
		return nil, &InputError{fmt.Errorf("%s: this run is partial and has nothing to verify: %s", dir, r.Partial)}
	}
	if r.DigestVersion != sim.DigestVersion {
		return nil, &InputError{fmt.Errorf("%s: its digest has version %d, this program computes version %d: verify with orrery %s", dir, r.DigestVersion,
			sim.DigestVersion, r.Tool.Version)}
	}
	if base == "" {
		base = r.Tool.Base
	}
	l, err := scenarios.Parse(dir+"/"+recordName+" (scenario)", base, []byte(r.Scenario))
	if err != nil {
		return nil, err
	}
	p, err := l.Compile()
	if err != nil {
		if v.Changed, v.Missing = l.Changed(inputs(r.Inputs)); len(v.Changed)+len(v.Missing) > 0 {
			return v, nil // that is why
		}
		return nil, err
	}
	defer p.Close()
	if err := l.Attach(p, journals); err != nil {
		return nil, err
	}
	if v.Changed = changed(r.Inputs, p.Inputs); len(v.Changed) > 0 {
		return v, nil
	}
	done, err := Simulate(ctx, p, Simulation{Check: check})
	if err != nil {
		return nil, err
	}
	if done.Interrupted {
		return nil, ctx.Err()
	}
	v.Digest = done.Digest
	return v, nil
}

// inputs are a record's inputs beside the scenario.
func inputs(all []Input) (out []scenarios.Input) {
	for _, in := range all[min(1, len(all)):] {
		out = append(out, scenarios.Input(in))
	}
	return out
}

// changed names the inputs beside the scenario whose checksums differ.
func changed(was []Input, is []scenarios.Input) []string {
	sums := map[string]string{}
	for _, in := range is[1:] {
		sums[in.Path] = in.SHA256
	}
	var out []string
	for _, in := range was[min(1, len(was)):] {
		if sum, ok := sums[in.Path]; !ok || sum != in.SHA256 {
			out = append(out, in.Path)
		}
	}
	return out
}
