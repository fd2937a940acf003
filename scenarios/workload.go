package scenarios

import "github.com/orrery-sim/orrery/scenarios/ydec"

// Shaping changes what a workload brings, in this order: map names, filter, window, sample, load.
type Shaping struct {
	Queue  string           `yaml:"queue" doc:"Every job goes to this queue."`
	User   string           `yaml:"user" doc:"Every job belongs to this user."`
	Queues ydec.Map[string] `yaml:"queues" doc:"Queue names to rename."`
	Users  ydec.Map[string] `yaml:"users" doc:"User names to rename."`
	Filter *Filter          `yaml:"filter" doc:"Which jobs are kept."`
	Window *Window          `yaml:"window" doc:"Which span of submissions is kept; it begins at instant 0 then."`
	Sample *Fixed           `yaml:"sample" doc:"Share of jobs that is kept, chosen by the seed and the row."`
	Load   *Fixed           `yaml:"load" doc:"Arrivals come this many times as fast."`
}

// Filter says which jobs are kept: all that pass every line that is given.
type Filter struct {
	Users       []string  `yaml:"users" doc:"Only these users."`
	Queues      []string  `yaml:"queues" doc:"Only these queues."`
	Partitions  []string  `yaml:"partitions" doc:"Only these partitions."`
	Types       []string  `yaml:"types" doc:"Only jobs that accept one of these GPU types."`
	MinGPUs     *int64    `yaml:"minGPUs" min:"0" doc:"Fewest GPUs."`
	MaxGPUs     *int64    `yaml:"maxGPUs" min:"0" doc:"Most GPUs."`
	MinDuration *Duration `yaml:"minDuration" doc:"Shortest running time."`
	MaxDuration *Duration `yaml:"maxDuration" doc:"Longest running time."`
}

// Window is a span of submissions.
type Window struct {
	From Duration  `yaml:"from" default:"0s" doc:"First instant kept."`
	To   *Duration `yaml:"to" doc:"First instant not kept."`
}
