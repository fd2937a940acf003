package scenarios

// Generator draws jobs: a preset with whatever is given beside it in its place, or all parts by hand
// (docs/formats/generators.md).
type Generator struct {
	Preset       string           `yaml:"preset" enum:"philly|helios|pai|acme|acme-kalos|swf-load|swf-load-sizes" doc:"A calibrated workload; keys beside it take the place of its parts."`
	Jobs         int64            `yaml:"jobs,required" min:"1" doc:"Number of jobs."`
	Load         *OfferedLoad     `yaml:"load" doc:"How much work for how many GPUs, in place of a rate of arrivals."`
	Arrivals     *DrawnArrivals   `yaml:"arrivals" doc:"When jobs come."`
	Durations    []DrawnDurations `yaml:"durations,one" doc:"How long jobs run, by size: the first class that a job's GPUs do not exceed."`
	Sizes        []DrawnSize      `yaml:"sizes,one" doc:"How many GPUs jobs ask for."`
	CPUsPerGPU   *Fixed           `yaml:"cpusPerGPU" doc:"CPUs that a job asks for with each GPU."`
	MemoryPerGPU *Bytes           `yaml:"memoryPerGPU" doc:"Memory that a job asks for with each GPU."`
	GPUTypes     []DrawnType      `yaml:"gpuTypes,one" doc:"Which GPU types jobs accept. Default: any."`
	Users        *DrawnUsers      `yaml:"users" doc:"Who submits jobs."`
	Queues       []DrawnQueue     `yaml:"queues,one" doc:"Where jobs go."`
	QueuesByUser *bool            `yaml:"queuesByUser" doc:"All jobs of a user go to one queue."`
	Priorities   []DrawnPriority  `yaml:"priorities,one" doc:"Priorities of jobs. Default: 0."`
	Outcomes     []DrawnOutcomes  `yaml:"outcomes,one" doc:"How jobs end, by running time: the first class that it does not exceed. Default: all finish."`
	Estimates    *DrawnEstimates  `yaml:"estimates" doc:"What users say about running times. Default: nothing."`
}

// OfferedLoad is sum(GPUs x running time) / (time from first to last submission x GPUs).
type OfferedLoad struct {
	Of   Fixed `yaml:"of,required" doc:"Offered load; 1 is as much work as the GPUs can do."`
	GPUs int64 `yaml:"gpus,required" min:"1" max:"1000000000" doc:"GPUs that the load refers to; a number of its own, so that a larger cluster meets the same work."`
}

// DrawnArrivals is when jobs come.
type DrawnArrivals struct {
	Process  string         `yaml:"process" enum:"poisson|uniform|even|at-once" doc:"poisson: exponential gaps; uniform: anywhere in jobs x every; even: one each every; at-once: all at 0. Default: poisson."`
	Every    *Duration      `yaml:"every,atmost=rate" doc:"Mean time between two jobs."`
	Rate     *Fixed         `yaml:"rate,atmost=rate" doc:"Mean number of jobs an hour."`
	Hours    []Fixed        `yaml:"hours" doc:"24 factors of the rate by hour of the day in the scenario's time zone."`
	Weekdays []Fixed        `yaml:"weekdays" doc:"7 factors of the rate by day, from Monday."`
	Sessions *DrawnSessions `yaml:"sessions" doc:"Users submit several jobs of one shape in a row."`
	Round    *Duration      `yaml:"round" doc:"Submissions are rounded down to a multiple of this."`
}

// DrawnSessions are jobs that one user submits in a row.
type DrawnSessions struct {
	Jobs Fixed    `yaml:"jobs,required" doc:"Mean number of jobs of a session, geometrically distributed; 1: no sessions."`
	Gap  Duration `yaml:"gap" default:"1m" doc:"Mean time between two jobs of a session, exponentially distributed."`
}

// DrawnDurations is how long jobs up to a size run.
type DrawnDurations struct {
	UpTo      *int64 `yaml:"upTo" min:"0" doc:"For jobs of at most so many GPUs; the last class goes without."`
	DrawnTime `yaml:",inline"`
	Mixture   []DrawnPart `yaml:"mixture,oneof=distribution" doc:"One of several distributions, by weight."`
	Min       *Duration   `yaml:"min" doc:"Shorter times become this one."`
	Max       *Duration   `yaml:"max" doc:"Longer times become this one."`
	Round     *Duration   `yaml:"round" doc:"Times are rounded to the nearest multiple of this, before min and max."`
}

// DrawnPart is one distribution of a mixture.
type DrawnPart struct {
	Weight    int64 `yaml:"weight" default:"1" min:"0" max:"2147483648" doc:"Relative weight."`
	DrawnTime `yaml:",inline"`
}

// DrawnTime is a distribution of running times.
type DrawnTime struct {
	Constant    *Duration         `yaml:"constant,oneof=distribution" doc:"Always the same."`
	Uniform     *DrawnUniform     `yaml:"uniform,oneof=distribution" doc:"Anything between two times."`
	Exponential *DrawnExponential `yaml:"exponential,oneof=distribution" doc:"Without memory."`
	Lognormal   *DrawnLognormal   `yaml:"lognormal,oneof=distribution" doc:"Its logarithm is normal: two of mu and sigma, or p50 with sigma or p90."`
	Weibull     *DrawnWeibull     `yaml:"weibull,oneof=distribution" doc:"Weibull."`
	Pareto      *DrawnPareto      `yaml:"pareto,oneof=distribution" doc:"P(longer than x) = (min/x)^shape."`
	Quantiles   []DrawnQuantile   `yaml:"quantiles,oneof=distribution" doc:"Measured quantiles from p 0 to p 1; between them the logarithm is interpolated."`
}

// DrawnUniform is anything between two times.
type DrawnUniform struct {
	From Duration `yaml:"from" default:"0s" doc:"Shortest."`
	To   Duration `yaml:"to,required" doc:"Longest."`
}

// DrawnExponential is an exponential distribution.
type DrawnExponential struct {
	Mean Duration `yaml:"mean,required" doc:"Mean."`
}

// DrawnLognormal is a lognormal distribution by its parameters or its quantiles.
type DrawnLognormal struct {
	Mu    *Fixed    `yaml:"mu,oneof=centre" doc:"Mean of the logarithm of seconds."`
	P50   *Duration `yaml:"p50,oneof=centre" doc:"Median."`
	Sigma *Fixed    `yaml:"sigma,oneof=width" doc:"Standard deviation of the logarithm."`
	P90   *Duration `yaml:"p90,oneof=width" doc:"Nine of ten jobs are not longer."`
}

// DrawnWeibull is a Weibull distribution.
type DrawnWeibull struct {
	Scale Duration `yaml:"scale,required" doc:"Scale: 63 % of jobs are not longer."`
	Shape Fixed    `yaml:"shape,required" doc:"Shape; below 1 a job that has run long will run longer."`
}

// DrawnPareto is a Pareto distribution.
type DrawnPareto struct {
	Min   Duration `yaml:"min,required" doc:"Shortest."`
	Shape Fixed    `yaml:"shape,required" doc:"Shape; at 1 and below the mean is infinite."`
}

// DrawnQuantile is one measured quantile.
type DrawnQuantile struct {
	P     Fixed    `yaml:"p,required" doc:"Share of jobs from 0 to 1."`
	Value Duration `yaml:"value,required" doc:"Running time that this share does not exceed."`
}

// DrawnSize is one size of jobs, or a range.
type DrawnSize struct {
	GPUs     *int64 `yaml:"gpus,oneof=size" min:"0" max:"1000000" doc:"GPUs of the whole job; 0: CPUs alone."`
	From     *int64 `yaml:"from,oneof=size" min:"1" max:"1000000" doc:"Smallest of a range of sizes that are equally likely."`
	To       *int64 `yaml:"to" min:"1" max:"1000000" doc:"Largest of the range."`
	Weight   int64  `yaml:"weight" default:"1" min:"0" max:"2147483648" doc:"Relative weight."`
	PodGPUs  *int64 `yaml:"podGPUs" min:"1" max:"64" doc:"GPUs of a pod; smaller jobs are one pod. Left out: placement may split the job."`
	GPUMilli *int64 `yaml:"gpuMilli" min:"1" max:"1000" doc:"Thousandths of each GPU. Left out: whole GPUs."`
	CPUs     *Fixed `yaml:"cpus" doc:"CPUs of the whole job beside cpusPerGPU."`
	Memory   *Bytes `yaml:"memory" doc:"Memory of the whole job beside memoryPerGPU."`
}

// DrawnType is a constraint of GPU types.
type DrawnType struct {
	AnyOf  []string `yaml:"anyOf,one" doc:"Types that the job accepts. Left out: any."`
	Weight int64    `yaml:"weight" default:"1" min:"0" max:"2147483648" doc:"Relative weight."`
}

// DrawnUsers submit jobs, the k-th in proportion to k^-exponent.
type DrawnUsers struct {
	Count    int64  `yaml:"count,required,short" min:"0" max:"1000000" doc:"Number of users."`
	Exponent Fixed  `yaml:"exponent" default:"1" doc:"How much more the first users submit; 0: all alike."`
	Prefix   string `yaml:"prefix" default:"user" doc:"Names are this and a number from 1."`
}

// DrawnQueue is a queue with its weight.
type DrawnQueue struct {
	Name   string `yaml:"name,required,key,short" doc:"Name."`
	Weight int64  `yaml:"weight" default:"1" min:"0" max:"2147483648" doc:"Relative weight."`
}

// DrawnPriority is a priority with its weight.
type DrawnPriority struct {
	Value  int32 `yaml:"value,required,short" doc:"Priority; larger first."`
	Weight int64 `yaml:"weight" default:"1" min:"0" max:"2147483648" doc:"Relative weight."`
}

// DrawnOutcomes is how jobs up to a running time end.
type DrawnOutcomes struct {
	UpTo            *Duration `yaml:"upTo" doc:"For jobs that run at most so long; the last class goes without."`
	Finished        int64     `yaml:"finished" default:"0" min:"0" max:"2147483648" doc:"Weight of jobs that finish."`
	Failed          int64     `yaml:"failed" default:"0" min:"0" max:"2147483648" doc:"Weight of jobs that fail."`
	Cancelled       int64     `yaml:"cancelled" default:"0" min:"0" max:"2147483648" doc:"Weight of jobs that are cancelled while they run."`
	FinishedFactor  *Fixed    `yaml:"finishedFactor" doc:"Running times of jobs that finish are multiplied by this."`
	FailedFactor    *Fixed    `yaml:"failedFactor" doc:"Running times of jobs that fail are multiplied by this."`
	CancelledFactor *Fixed    `yaml:"cancelledFactor" doc:"Running times of jobs that are cancelled are multiplied by this."`
}

// DrawnEstimates is what users say: a factor, then rounding, then classes.
type DrawnEstimates struct {
	From    string       `yaml:"from,short" enum:"none|exact|factor" default:"factor" doc:"none: nothing; exact: the running time; factor: drawn."`
	Factor  *DrawnFactor `yaml:"factor" doc:"Running times are multiplied by a factor. Default: 1."`
	Round   *Duration    `yaml:"round" doc:"Rounded up to a multiple of this."`
	Classes []Duration   `yaml:"classes" doc:"Rising; the smallest that is not less, or the largest."`
}

// DrawnFactor is a factor, uniform between two.
type DrawnFactor struct {
	From Fixed `yaml:"from" default:"1" doc:"Smallest."`
	To   Fixed `yaml:"to,required" doc:"Largest."`
}
