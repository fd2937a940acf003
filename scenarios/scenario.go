package scenarios

import "github.com/orrery-sim/orrery/scenarios/ydec"

// Scenario is one scenario file (docs/formats/scenario.md).
type Scenario struct {
	APIVersion string      `yaml:"apiVersion,required" enum:"orrery/v1" doc:"Version of this format."`
	Kind       string      `yaml:"kind,required" enum:"Scenario" doc:"What the file holds."`
	Name       string      `yaml:"name,required" doc:"Name of the scenario; the run folder is called after it."`
	Seed       uint64      `yaml:"seed" default:"1" doc:"Seed of everything that is drawn."`
	Start      *Instant    `yaml:"start" doc:"Calendar time of instant 0. Default: the trace's first instant where it has a date, else 2026-01-01T00:00:00Z."`
	Timezone   string      `yaml:"timezone" default:"UTC" doc:"IANA zone of calendar effects."`
	Horizon    Duration    `yaml:"horizon" default:"0s" doc:"Simulated time to stop at; 0s: the end of the work."`
	Warmup     Duration    `yaml:"warmup" default:"0s" doc:"Jobs submitted before are left out of the figures."`
	Cluster    *Cluster    `yaml:"cluster" doc:"Nodes. May be left out when the trace brings its cluster."`
	Workload   []Workload  `yaml:"workload,one" doc:"Where jobs come from; several are merged by submission. None: only a live world has jobs."`
	Initial    *Initial    `yaml:"initial" doc:"What is there at instant 0."`
	Journal    string      `yaml:"journal" doc:"Folder of a live world (orrery serve --data) whose commands are carried out again; the run ends where its clock stood."`
	OnNoFit    string      `yaml:"onNoFit" enum:"queue|drop" default:"queue" doc:"What happens to a job that does not fit at its first pass."`
	Partitions []Partition `yaml:"partitions" doc:"Nodes with queues and a scheduling pass of their own."`
	Quota      *Quota      `yaml:"quota" doc:"The queues are a quota tree."`
	Queues     []Queue     `yaml:"queues" doc:"Queues that jobs may name. Default: those that the workload names."`
	Topology   *Topology   `yaml:"topology" doc:"The switches and links that nodes share, as a tree of domains."`
	Throughput Throughput  `yaml:"throughput" doc:"How fast jobs run."`
	Failures   *Failures   `yaml:"failures" doc:"How nodes and jobs fail by themselves. Left out: nothing does."`
	Market     []Market    `yaml:"market" doc:"Pools whose nodes a spot market gives and takes."`
	Prices     *Prices     `yaml:"prices" doc:"What nodes cost. Left out: costs are not modelled."`
	Energy     *Energy     `yaml:"energy" doc:"What machines draw, and what power costs."`
	Estimates  Estimates   `yaml:"estimates" doc:"Where the estimates come from that policies see."`
	Recovery   *Recovery   `yaml:"recovery" doc:"What it costs a job to lose its GPUs and come back. Default: checkpoints every 30 minutes and a minute to restore; free with a preset."`
	Profiles   []Profile   `yaml:"profiles" doc:"What jobs of a live world do; the first that matches counts."`
	Changes    []Change    `yaml:"changes" doc:"Timed changes of the cluster and its queues."`
	Policy     Policy      `yaml:"policy" doc:"Who starts, when and where."`
}

// Cluster is the nodes: pools of node types, or a node list.
type Cluster struct {
	NodeTypes ydec.Map[NodeType] `yaml:"nodeTypes" doc:"Kinds of machines by name."`
	Pools     []Pool             `yaml:"pools" doc:"Nodes of one type."`
	Nodes     *NodeList          `yaml:"nodes" doc:"A file with one row a node."`
}

// NodeType is a kind of machine.
type NodeType struct {
	GPU    string `yaml:"gpu" doc:"GPU type, such as A100-80."`
	Price  string `yaml:"price" doc:"The node type of the price list that it costs as much as. Default: its own name."`
	GPUs   int    `yaml:"gpus" default:"0" min:"0" max:"64" doc:"GPUs of one node."`
	CPUs   *Fixed `yaml:"cpus" doc:"CPUs of one node. Left out: CPUs are not modelled."`
	Memory *Bytes `yaml:"memory" doc:"Memory of one node. Left out: memory is not modelled."`
	NVLink *Rate  `yaml:"nvlink" doc:"What one GPU exchanges with the others of its node, both directions summed. Default: the GPU's in the catalog."`
	NICs   int    `yaml:"nics" default:"0" min:"0" max:"64" doc:"Network cards of one node for traffic between GPUs. 0: one."`
	NIC    *Rate  `yaml:"nic" doc:"Rate of one card, each way. Left out: 10Gb/s."`
	RDMA   bool   `yaml:"rdma" default:"false" doc:"The cards speak RDMA; else TCP, with its latency and loss of rate."`
}

// Pool is a number of nodes of one type.
type Pool struct {
	Name     string `yaml:"name,required,key" doc:"Name of the pool; its nodes are NAME-0000 and so on."`
	NodeType string `yaml:"nodeType,required" doc:"One of nodeTypes."`
	Nodes    int    `yaml:"nodes,required" min:"0" max:"1000000" doc:"Number of nodes."`
	Pay      string `yaml:"pay" enum:"on-demand|reserved|spot|owned|by-use" doc:"How its nodes are paid for. Default: prices.pay."`
}

// NodeList is a file with one row a node.
type NodeList struct {
	Format string `yaml:"format,required" doc:"orrery, openb, or another format of orrery trace list that holds nodes."`
	File   string `yaml:"file,required" doc:"Path, relative to the scenario file."`
}

// Workload is one stream of jobs.
type Workload struct {
	Trace     *Trace     `yaml:"trace,oneof=source" doc:"Recorded jobs."`
	Generator *Generator `yaml:"generator,oneof=source" doc:"Drawn jobs."`
	// The same words as in trace, for all of the item.
	NeverStarted     string    `yaml:"neverStarted" enum:"cancel|skip" doc:"As trace.neverStarted, which it overrides."`
	RecordedFailures string    `yaml:"recordedFailures" enum:"keep|finish" doc:"As trace.recordedFailures, which it overrides."`
	Recovery         *Recovery `yaml:"recovery" doc:"As the scenario's recovery, for the jobs of this item; what is left out is as there."`
	Shaping          `yaml:",inline"`
}

// Trace is a file of recorded jobs.
type Trace struct {
	Format           string `yaml:"format,required" doc:"One of orrery trace list."`
	File             string `yaml:"file,required" doc:"Path, relative to the scenario file; .gz and .zst are read as they are."`
	Sort             bool   `yaml:"sort" default:"false" doc:"Order rows by submission in memory."`
	NeverStarted     string `yaml:"neverStarted" enum:"cancel|skip" default:"cancel" doc:"A job that never ran leaves after its recorded wait, or is left out."`
	RecordedFailures string `yaml:"recordedFailures" enum:"keep|finish" default:"keep" doc:"A recorded failure fails after its running time, or finishes then."`
	NeverEnd         bool   `yaml:"neverEnd" default:"false" doc:"Jobs run until the simulation stops, whatever the trace says: for packing studies."`
	VCs              string `yaml:"vcs" doc:"helios: file with the nodes of each virtual cluster."`
	Cluster          string `yaml:"cluster" doc:"tiresias: cluster specification."`
	Tasks            string `yaml:"tasks" doc:"pai2020: the task table."`
	Nodes            string `yaml:"nodes" doc:"sacct: text of sinfo or scontrol show node."`
	Throughputs      string `yaml:"throughputs" doc:"gavel: simulation_throughputs.json; pollux: folder of measured traces."`
	GPU              string `yaml:"gpu" doc:"gavel: GPU type whose throughput gives the durations."`
}

// Initial is what is there at instant 0.
type Initial struct {
	Jobs  string `yaml:"jobs,oneof=initial" doc:"Native CSV of jobs that are queued or running at instant 0; times before it are negative."`
	State string `yaml:"state,oneof=initial" doc:"A file of orrery run --save-state."`
}

// Partition is nodes with queues and a pass of their own.
type Partition struct {
	Name   string   `yaml:"name,required,key" doc:"Name; jobs may name it."`
	Pools  []string `yaml:"pools" doc:"Its pools."`
	Queues []string `yaml:"queues" doc:"Jobs of these queues go here."`
}

// Estimates says where the estimates come from that policies see.
type Estimates struct {
	From           string `yaml:"from" enum:"trace|exact|user-mean|factor" default:"trace" doc:"trace: its own, else exact; exact: true durations; user-mean: mean of the user's ended jobs; factor: true durations times factor."`
	Factor         Fixed  `yaml:"factor" default:"1" doc:"For from: factor."`
	KillAtEstimate bool   `yaml:"killAtEstimate" default:"false" doc:"An estimate is a limit."`
}

// Recovery is what it costs a job to lose its GPUs and come back.
type Recovery struct {
	Mode      string    `yaml:"mode,short" enum:"checkpoint|sync|async|none|free" doc:"checkpoint (or sync): work since the last checkpoint is lost, and the job stands still while it writes one (default); async: it works on while a checkpoint is copied away, which counts when that is done; none: all work is lost; free: nothing is lost or paid."`
	Every     *Interval `yaml:"every" doc:"Working time between two checkpoints, or young-daly: each job chooses its own by its size and the failures of the scenario. Default: 30m."`
	Write     *Duration `yaml:"write" doc:"How long writing a checkpoint takes: the job stands still so long, or with async works on. Default: 0s, or what size says."`
	Stall     *Duration `yaml:"stall" doc:"async: the job stands still so long for each checkpoint. Default: 0s."`
	Size      *Bytes    `yaml:"size" doc:"What each GPU saves; write and restore take size / bandwidth longer."`
	Bandwidth *Rate     `yaml:"bandwidth" doc:"At which each GPU writes and reads what it saves."`
	Store     *Rate     `yaml:"store" doc:"At which the store takes and gives all that one job saves: large jobs wait for it."`
	Restarts  *int      `yaml:"restarts" min:"0" max:"65535" doc:"Lost nodes and crashes that a job survives; then it fails. Default: any number."`
	Retry     *Duration `yaml:"retry" doc:"A job that lost a node or crashed is held so long before it queues again, each time twice as long, up to 64 times. Default: 0s."`
	InPlace   *int      `yaml:"inPlace" min:"0" max:"65535" doc:"Crashes of a job by itself that restart it on the GPUs that it has. Default: 0."`
	Restart   *Duration `yaml:"restart" doc:"What such a start costs in place of restore. Default: 1m."`
	Restore   *Duration `yaml:"restore" doc:"What each start after an eviction takes longer. Default: 1m."`
	Grace     *Duration `yaml:"grace" doc:"A preempted job keeps its GPUs so long, without working. Default: 0s."`
	Notice    *bool     `yaml:"notice" doc:"A preempted job whose grace is long enough for a write saves all of its work. Default: true."`
	Protect   *Duration `yaml:"protect" doc:"An attempt cannot be preempted before it has lasted so long. Default: 0s."`
	Backoff   *Duration `yaml:"backoff" doc:"A preempted job is held so long before it queues again. Default: 0s."`
	Requeue   string    `yaml:"requeue" enum:"original|tail|evicted-at" doc:"Where an evicted job queues among equals: by its submission (default), behind all that wait, or as if submitted when it was evicted."`
}

// Profile says what jobs of a live world do that match all of its patterns, in which * and ? match.
type Profile struct {
	Name     string           `yaml:"name,required,key" doc:"Name."`
	Job      string           `yaml:"job" doc:"Pattern of the job's name."`
	Image    string           `yaml:"image" doc:"Pattern of the image."`
	Command  string           `yaml:"command" doc:"Pattern of the command."`
	Env      ydec.Map[string] `yaml:"env" doc:"Patterns of environment variables, by name."`
	Duration *Duration        `yaml:"duration" doc:"How long such a job runs; with sigma: the median."`
	Sigma    Fixed            `yaml:"sigma" default:"0" doc:"Spread: deviation of the logarithm of the duration."`
	ExitCode int              `yaml:"exitCode" default:"0" min:"0" max:"255" doc:"Its exit code."`
	FailAt   *Fixed           `yaml:"failAt" doc:"It fails after this share of its duration, 0 to 1."`
}

// Change happens to one node, or one thing of a queue, at one instant.
type Change struct {
	At   Duration `yaml:"at,required" doc:"Simulated time."`
	Node string   `yaml:"node,oneof=change" doc:"Name of the node."`
	Do   string   `yaml:"do" enum:"up|down|cordon|uncordon|drain" doc:"What happens to the node."`
	Set  string   `yaml:"set,oneof=change" doc:"What of a queue changes, such as queues.prod.deserved.A100-80."`
	To   Quantity `yaml:"to" doc:"What it becomes."`
}

// Policy says who starts, when and where: parts, or a whole policy by name.
type Policy struct {
	Preset      string     `yaml:"preset" doc:"A whole policy by name (orrery policy list)."`
	Params      *ydec.Node `yaml:"params" doc:"The preset's parameters."`
	Order       *Part      `yaml:"order" doc:"Who is next. Default: fifo."`
	Backfill    *Part      `yaml:"backfill" doc:"Who may pass a blocked head. Default: none."`
	Place       *Part      `yaml:"place" doc:"Which GPUs. Default: first-fit."`
	Preempt     *Part      `yaml:"preempt" doc:"Who must yield when the next job does not fit. Default: none."`
	Scheduler   *Part      `yaml:"scheduler" doc:"One WebAssembly module that decides everything, in place of parts."`
	Clairvoyant *bool      `yaml:"clairvoyant" doc:"Grants true durations to a policy that declares that it uses them, or refuses them. Default: granted to a preset that is known to use them."`
}

// Part is one part of a policy: a native one by name, or a WebAssembly module.
type Part struct {
	Name    string     `yaml:"name,oneof=part,short" doc:"Name of a native part."`
	Wasm    string     `yaml:"wasm,oneof=part" doc:"Path of a WebAssembly module, relative to the scenario file; for order, place, preempt and scheduler."`
	Params  *ydec.Node `yaml:"params" doc:"Its parameters."`
	Budget  *Budget    `yaml:"budget" doc:"wasm: how much fuel and memory its calls may use."`
	OnError string     `yaml:"onError" enum:"fail|fallback|drop" doc:"wasm: when a call fails, the run ends (fail, the default), fifo, first-fit or none stands in to the end (fallback), or a new instance, three times (drop)."`
}

// Budget is what a WebAssembly module may use; one unit of fuel is about one instruction.
type Budget struct {
	Base     *int64 `yaml:"base" min:"1" max:"1000000000000" doc:"Fuel that each call adds. Default: 2000000."`
	PerItem  *int64 `yaml:"perItem" min:"0" max:"1000000000" doc:"Fuel for each thing a call is asked about. Default: 500."`
	PerEvent *int64 `yaml:"perEvent" min:"0" max:"1000000000" doc:"Fuel for each event a call is told of. Default: 5000."`
	PerRow   *int64 `yaml:"perRow" min:"0" max:"1000000000" doc:"Fuel for each row of the tables it wants. Default: 50."`
	Burst    *int64 `yaml:"burst" min:"1" max:"1000000000000" doc:"Fuel that unused calls may save up. Default: 100000000."`
	Memory   *Bytes `yaml:"memory" doc:"Its memory at most. Default: 64MiB."`
}
