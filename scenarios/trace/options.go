package trace

import (
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// What Options.NeverStarted and Options.RecordedFailures may say.
const (
	NeverCancel   = "cancel" // a job that never ran leaves the queue after its recorded wait (default)
	NeverSkip     = "skip"   // it is left out
	FailureKeep   = "keep"   // a recorded failure fails after its recorded running time (default)
	FailureFinish = "finish" // it finishes then
)

// Options say how a trace is read. The zero value is the default of every field.
type Options struct {
	NeverStarted     string // NeverCancel (default) or NeverSkip
	RecordedFailures string // FailureKeep (default) or FailureFinish

	Initial  bool   // native CSV of jobs that are there at instant 0: submissions and starts lie at or before it
	Sort     bool   // order the rows of a streamed format by submission, in memory
	Timezone string // IANA zone of times without an offset; default UTC
	MaxBytes int64  // most bytes after decompression; default 64 GiB
	MaxRows  int    // most rows of a file that is read whole; default 16 million

	VCs         string // helios: the cluster, vcs.csv or cluster_gpu_number.csv
	Cluster     string // tiresias: the cluster specification, n4g4.csv
	Tasks       string // pai2020: pai_task_table; default: beside the job table
	Nodes       string // sacct: text of sinfo or scontrol show node
	Throughputs string // gavel: simulation_throughputs.json; pollux: the folder of measured traces
	GPU         string // gavel: the GPU type whose throughput gives the duration; default v100
}

// Meta is what a trace says beside its jobs.
type Meta struct {
	Format   string
	Start    time.Time // the instant that the trace calls 0; the scenario's default start
	HasDate  bool      // Start is known
	Warnings []string  // what was left out or assumed, known when the file was opened
	Cluster  *ClusterSpec
}

// ClusterSpec is the cluster that a trace or a node list describes: plain data.
type ClusterSpec struct {
	Nodes    []NodeSpec
	Warnings []string
}

// NodeSpec is one machine.
type NodeSpec struct {
	Name      string
	Type      string // GPU type; empty when unknown or without GPUs
	GPUs      int32  // at most state.MaxGPUsPerNode
	CPUMilli  int64  // thousandths of a CPU; 0 = not recorded
	MemMiB    int64  // 0 = not recorded
	Pool      string
	Partition string
}

// GPUs is the number of devices of all nodes.
func (c *ClusterSpec) GPUs() int64 {
	var n int64
	for i := range c.Nodes {
		n += int64(c.Nodes[i].GPUs)
	}
	return n
}

const (
	defaultMaxBytes = 64 << 30
	defaultMaxRows  = 16 << 20
)

func (o Options) withDefaults() (Options, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.MaxRows <= 0 {
		o.MaxRows = defaultMaxRows
	}
	if o.NeverStarted == "" {
		o.NeverStarted = NeverCancel
	}
	if o.RecordedFailures == "" {
		o.RecordedFailures = FailureKeep
	}
	if err := oneOf("neverStarted (--never-started)", o.NeverStarted, NeverCancel, NeverSkip); err != nil {
		return o, err
	}
	return o, oneOf("recordedFailures (--recorded-failures)", o.RecordedFailures, FailureKeep, FailureFinish)
}

func oneOf(key, got string, words ...string) error {
	for _, w := range words {
		if got == w {
			return nil
		}
	}
	return &Error{File: "options", What: key + ": unknown word " + shown([]byte(got)),
		Want: "expected " + quoteList(words), Do: didYouMean(got, words)}
}

func (o *Options) location() (*time.Location, error) {
	if o.Timezone == "" || o.Timezone == "UTC" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(o.Timezone)
	if err != nil {
		return nil, &Error{File: "options", What: "timezone (--timezone): unknown zone " + shown([]byte(o.Timezone)),
			Want: "expected an IANA name such as Europe/Berlin"}
	}
	return loc, nil
}

// settle applies the options about outcomes and reports whether the job stays. A job never ran when it was cancelled
// after a recorded wait and has no start.
func (o *Options) settle(s *state.JobSpec) bool {
	if s.Outcome == state.Failed && o.RecordedFailures == FailureFinish {
		s.Outcome = state.Finished
	}
	never := s.Outcome == state.Cancelled && s.Patience != state.Unset && s.RecStart == state.Unset
	return !never || o.NeverStarted != NeverSkip
}
