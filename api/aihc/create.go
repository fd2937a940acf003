package aihc

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

const (
	apiName      = "aihc"
	poolID       = "cce-orrery01"
	defaultQueue = "default" // the whole cluster, beside the scenario's queues
)

// The limits of CreateJob.
const (
	maxName   = 128
	maxPods   = 100_000
	maxRoles  = 16
	maxAmount = 1 << 20 // of CPUs, GiB or GPUs
)

// What is assumed where a request does not say.
const (
	restartTime     = 30 * state.Second // from a failure to the next start
	defaultRestarts = 3
	minute          = 60 * state.Second
)

// frameworks are those of v1; v2 has one more.
var (
	frameworks   = []string{"PyTorchJob", "MPIJob", "RayJob"}
	frameworksV2 = append(slices.Clone(frameworks), "TFJob")
)

// submission checks a request of CreateJob and translates it.
func (s *Service) submission(body []byte, user string) (*world.Submission, error) {
	var r CreateJobRequest
	if err := lens.Decode(body, &r); err != nil {
		return nil, err
	}
	return s.submit(&r, frameworks, user)
}

// submit checks a request that was read, whose framework may be one of some, and translates it.
func (s *Service) submit(r *CreateJobRequest, allowed []string, user string) (*world.Submission, error) {
	if err := r.check(allowed); err != nil {
		return nil, err
	}
	r.fill()
	if err := s.checkRDMA(r); err != nil {
		return nil, err
	}
	sub := &world.Submission{API: apiName, Name: r.Name, User: user, Priority: levels[r.Priority]}
	sub.Queue = s.queueOf(r.Queue)
	for i := range r.JobSpec {
		roles, err := s.roles(r, i)
		if err != nil {
			return nil, err
		}
		sub.Roles = append(sub.Roles, roles...)
	}
	var err error
	if sub.Play, err = r.play(sub.Roles); err != nil {
		return nil, err
	}
	if err := play.Check(sub.Play.Env); err != nil {
		return nil, err
	}
	sub.Payload, err = json.Marshal(r)
	return sub, err
}

// check refuses what AIHC refuses, naming the field.
func (r *CreateJobRequest) check(allowed []string) error {
	switch {
	case r.Name == "":
		return lens.Missing("name", "a name of letters, digits, -, _ and .")
	case len(r.Name) > maxName:
		return lens.Invalid("name", "got %d characters, want at most %d", len(r.Name), maxName)
	case strings.ContainsFunc(r.Name, notInName):
		return lens.Invalid("name", "got %q, want letters, digits, -, _ and . only", r.Name)
	case r.JobFramework != "" && !slices.Contains(allowed, r.JobFramework):
		return lens.Invalid("jobFramework", "got %q, want one of %s", r.JobFramework, strings.Join(allowed, ", "))
	case r.Priority != "" && levels[r.Priority] == 0:
		return lens.Invalid("priority", "got %q, want high, normal or low", r.Priority)
	case len(r.JobSpec) == 0:
		return lens.Missing("jobSpec", "an object with command, image and replicas")
	case len(r.JobSpec) > maxRoles:
		return lens.Invalid("jobSpec", "got %d roles, want at most %d", len(r.JobSpec), maxRoles)
	case r.FaultTolerance && r.JobFramework != "" && r.JobFramework != "PyTorchJob":
		return lens.Invalid("faultTolerance", "got true for a %s, want it for a PyTorchJob only", r.JobFramework)
	case r.IdleTask:
		return lens.Invalid("idleTask", "got true, want false: only fully managed pools lend what is idle")
	}
	for i := range r.JobSpec {
		if err := r.JobSpec[i].check(); err != nil {
			return err
		}
	}
	if c := r.FaultToleranceConfig; c != nil && (c.FaultToleranceLimit < 0 || c.FaultToleranceLimit > 1000) {
		return lens.Invalid("faultToleranceConfig.faultToleranceLimit", "got %d, want 0 to 1000", c.FaultToleranceLimit)
	}
	return nil
}

func notInName(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.')
}

// at is where a role stands in the request.
func (j *roleSpec) at() string {
	if j.Role == "" {
		return "jobSpec"
	}
	return "jobSpec." + j.Role
}

func (j *roleSpec) check() error {
	switch {
	case len(j.Role) > 32 || strings.ContainsFunc(j.Role, notInName):
		return lens.Invalid("jobSpec", "got a role %q, want one such as head or worker", j.Role)
	case j.Command == "":
		return lens.Missing(j.at()+".command", "a command")
	case j.Image == "":
		return lens.Missing(j.at()+".image", "an image")
	case j.Replicas < 1 || j.Replicas > maxPods:
		return lens.Invalid(j.at()+".replicas", "got %d, want 1 to %d", j.Replicas, maxPods)
	}
	return nil
}

// fill sets what is assumed.
func (r *CreateJobRequest) fill() {
	if r.JobFramework == "" {
		r.JobFramework = "PyTorchJob"
	}
	if r.Priority == "" {
		r.Priority = "normal"
	}
	if r.Queue == "" {
		r.Queue = defaultQueue
	}
}

// roles are those of one spec: a PyTorchJob's first pod is its master.
func (s *Service) roles(r *CreateJobRequest, i int) ([]world.Role, error) {
	spec := &r.JobSpec[i]
	role, err := s.size(spec)
	if err != nil {
		return nil, err
	}
	role.Replicas = int(spec.Replicas)
	if spec.Role != "" {
		role.Name = strings.ToUpper(spec.Role[:1]) + spec.Role[1:]
		return []world.Role{role}, nil
	}
	first := map[string]string{"PyTorchJob": "Master", "RayJob": "Head"}[r.JobFramework]
	if role.Name = "Worker"; first == "" {
		return []world.Role{role}, nil
	}
	lead := role
	lead.Name, lead.Replicas = first, 1
	if role.Replicas--; role.Replicas == 0 {
		return []world.Role{lead}, nil
	}
	return []world.Role{lead, role}, nil
}

// size is what each pod of a role takes.
func (s *Service) size(spec *roleSpec) (world.Role, error) {
	var out world.Role
	seen := map[string]bool{}
	for i, r := range spec.Resources {
		at := fmt.Sprintf("%s.resources[%d]", spec.at(), i)
		switch {
		case seen[r.Name]:
			return out, lens.Invalid(at+".name", "got %q twice, want it once", r.Name)
		case math.IsNaN(r.Quantity) || r.Quantity < 0 || r.Quantity > maxAmount:
			return out, lens.Invalid(at+".quantity", "got %g, want 0 to %d", r.Quantity, maxAmount)
		}
		seen[r.Name] = true
		switch c := s.cards.byName(r.Name); {
		case r.Name == resourceCPU:
			out.CPUMilli = int64(math.Ceil(r.Quantity * 1000))
		case r.Name == resourceMemory:
			out.MemMiB = int64(math.Ceil(r.Quantity * 1024))
		case r.Name == resourceShm, r.Name == resourceRDMA:
		case c == nil && !isCard(r.Name):
			return out, lens.Invalid(at+".name", "got %q, want cpu, memory, sharedMemory, rdma/hca or a card: %s", r.Name, lens.Quoted(s.cards.names()))
		case r.Quantity != math.Trunc(r.Quantity):
			return out, lens.Invalid(at+".quantity", "got %g of %s, want whole cards", r.Quantity, r.Name)
		case r.Quantity == 0:
		case c == nil && r.Name != anyCard:
			return out, lens.Invalid(at+".name", "got %q, want a card of this pool: %s", r.Name, lens.Quoted(s.cards.names()))
		case out.GPUs > 0:
			return out, lens.Invalid(at+".name", "got a second kind of card, %q, want one for each pod", r.Name)
		default:
			if out.GPUs = int(r.Quantity); c != nil {
				out.GPUType = c.gpu
			}
		}
	}
	if out.CPUMilli == 0 && out.MemMiB == 0 && out.GPUs == 0 {
		out.CPUMilli = 1000 // a pod that asks for nothing gets a CPU
	}
	return out, nil
}

// play is what decides how long the job runs and how it ends. The roles are those of the world.
func (r *CreateJobRequest) play(roles []world.Role) (play.Request, error) {
	first := &r.JobSpec[0]
	p := play.Request{Name: r.Name, Image: first.Image, Command: first.Command, Env: envOf(r.JobSpec), Mounts: len(r.Datasources), Restart: restartTime}
	for i := range roles {
		p.Pods += roles[i].Replicas
		p.GPUs += roles[i].Replicas * roles[i].GPUs
	}
	if c := r.CodeSource; c != nil && *c != (CodeSource{}) {
		p.Mounts++
	}
	if r.FaultTolerance {
		p.Restarts = r.tolerated()
	}
	if t := r.RunningTimeoutStopTimeUnit; t != "" {
		ns, err := units.ParseDuration(t)
		if err != nil || ns < int64(minute) {
			return p, lens.Invalid("runningTimeoutStopTimeUnit", "got %q, want a minute or more such as 30m, 2h or 1d", t)
		}
		p.MaxRun = state.Time(ns)
	}
	return p, nil
}

// tolerated is how often a job is restarted in place.
func (r *CreateJobRequest) tolerated() int {
	n := defaultRestarts
	if c := r.FaultToleranceConfig; c != nil && c.FaultToleranceLimit > 0 {
		n = int(c.FaultToleranceLimit)
	}
	if r.FaultToleranceArgs != nil {
		n = argument(*r.FaultToleranceArgs, "--max-num-of-unconditional-retry", n)
	}
	return n
}

// argument reads a number behind a flag.
func argument(args, name string, absent int) int {
	words := strings.Fields(strings.ReplaceAll(args, "=", " "))
	for i := 0; i+1 < len(words); i++ {
		var n int
		if words[i] == name {
			if _, err := fmt.Sscanf(words[i+1], "%d", &n); err == nil && n >= 0 && n <= 1000 {
				return n
			}
		}
	}
	return absent
}

// envOf joins the environments of the roles: the first that names a variable says it.
func envOf(list specs) map[string]string {
	var env map[string]string
	for i := range list {
		for _, e := range list[i].Envs {
			if env == nil {
				env = map[string]string{}
			}
			if _, ok := env[e.Name]; !ok {
				env[e.Name] = e.Value
			}
		}
	}
	return env
}

func (s *Service) createJob(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	sub, err := s.submission(c.Body(), lens.Caller(c))
	if err != nil {
		return nil, err
	}
	j, v, err := s.world.Submit(c.Context(), sub)
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return JobResult{s.record(v, j).id, j.Name}, nil
}
