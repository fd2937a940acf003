package run

import (
	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/state"
)

// The columns of jobs.parquet and jobs.csv (docs/formats/run-folder.md), by position. The x_* columns of the trace follow.
const (
	colJob = iota
	colQueue
	colUser
	colState
	colSubmit
	colStart
	colEnd
	colGPUs
	colNodes
	colGPUIDs
	colPreemptions
	colNumber
	colPartition
	colPriority
	colReason
	colEstimate
	colWait
	colQueued
	colRun
	colLost
	colGPUHours
	colAttempts
	colLastStart
	colNodeGPUs
	colRecordedStart
	colOverhead
	colIdle
	colCause0
	colX0 = colCause0 + state.NumCauses
)

// causeKeys are the causes of waiting as parts of column names.
var causeKeys = [state.NumCauses]string{"held", "never_placeable", "quota", "price", "capacity", "fragmented", "topology",
	"reservation", "order", "choice"}

func seconds(name string, optional bool) columns.Column {
	return columns.Column{Name: name, Kind: columns.Fixed, Decimals: 9, Optional: optional}
}

// colCost stands last, where costs are modelled.
const colCost = "cost"

// jobSchema is the columns for a trace's x_* names.
func jobSchema(x []string, priced bool) columns.Schema {
	word := func(name string) columns.Column {
		return columns.Column{Name: name, Kind: columns.String, Repeats: true}
	}
	text := func(name string) columns.Column { return columns.Column{Name: name, Kind: columns.String} }
	count := func(name string) columns.Column { return columns.Column{Name: name, Kind: columns.Int} }
	s := columns.Schema{
		text("job"), word("queue"), word("user"), word("state"), seconds("submit_s", false), seconds("start_s", true),
		seconds("end_s", true), count("gpus"), text("nodes"), word("gpu_ids"), count("preemptions"), count("number"), word("partition"),
		count("priority"), word("reason"), seconds("estimate_s", false), seconds("wait_s", true), seconds("queued_s", false),
		seconds("run_s", false), seconds("lost_s", false), {Name: "gpu_h", Kind: columns.Float}, count("attempts"),
		seconds("last_start_s", true), word("node_gpus"), seconds("recorded_start_s", true), seconds("overhead_s", false), seconds("idle_s", false),
	}
	for _, key := range causeKeys {
		s = append(s, seconds("waited_"+key+"_s", false))
	}
	for _, name := range x {
		s = append(s, columns.Column{Name: name, Kind: columns.Fixed, Decimals: 6})
	}
	if priced {
		s = append(s, columns.Column{Name: colCost, Kind: columns.Fixed, Decimals: 6})
	}
	return s
}

// attemptSchema is the columns of attempts.parquet: attempts that did not end their job.
func attemptSchema() columns.Schema {
	return columns.Schema{
		{Name: "number", Kind: columns.Int}, {Name: "job", Kind: columns.String}, seconds("start_s", false), seconds("end_s", false),
		{Name: "reason", Kind: columns.String, Repeats: true}, seconds("lost_s", false), {Name: "nodes", Kind: columns.String},
		{Name: "gpu_ids", Kind: columns.String, Repeats: true}, {Name: "node_gpus", Kind: columns.String, Repeats: true},
		{Name: "kind", Kind: columns.String, Repeats: true}, {Name: "by", Kind: columns.Int, Optional: true}, seconds("overhead_s", false), seconds("idle_s", false),
	}
}
