package paidlc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// The limits of CreateJob.
const (
	maxBody    = 65_536
	maxName    = 256
	maxSpecs   = 64
	maxPods    = 10_000        // of a job
	maxReserve = 60 * 24 * 365 // minutes
)

// jobTypes are case sensitive.
var jobTypes = []string{"TFJob", "PyTorchJob", "MPIJob", "XGBoostJob", "OneFlowJob", "ElasticBatchJob", "SlurmJob", "RayJob", "DataJuicerJob"}

// What is assumed where a request does not say.
const (
	defaultWorkspace = "1"
	defaultRole      = "Worker"
	defaultPriority  = 1
	defaultAccess    = "PRIVATE"
	restartTime      = 30 * state.Second // from a failure to the next start (docs/apis.md)
	defaultRestarts  = 3
)

// submission checks a request of CreateJob and translates it.
func (s *Service) submission(body []byte, user string) (*world.Submission, error) {
	if len(body) > maxBody {
		return nil, &Error{fiber.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("body: got %d bytes, want at most %d", len(body), maxBody)}
	}
	var r CreateJobRequest
	if err := decode(body, &r); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.fill()
	sub := &world.Submission{API: apiName, Name: r.DisplayName, User: user, Queue: r.ResourceId, Priority: *r.Priority}
	for i := range r.JobSpecs {
		spec := &r.JobSpecs[i]
		z, err := s.sizes.of(spec, fmt.Sprintf("JobSpecs[%d]", i))
		if err != nil {
			return nil, err
		}
		sub.Roles = append(sub.Roles, world.Role{Name: spec.Type, Replicas: int(*spec.PodCount), GPUs: z.gpus, GPUType: z.gpuType, CPUMilli: z.cpuMilli, MemMiB: z.memMiB})
	}
	if err := r.checkRoles(); err != nil {
		return nil, err
	}
	sub.Play = r.play(sub.Roles)
	if err := play.Check(sub.Play.Env); err != nil {
		return nil, err
	}
	if err := play.CheckRoles(sub.Play.Env, sub.Play.Roles); err != nil {
		return nil, err
	}
	var err error
	sub.Payload, err = json.Marshal(&r)
	return sub, err
}

// check refuses what PAI-DLC refuses, naming the field.
func (r *CreateJobRequest) check() error {
	switch {
	case r.DisplayName == "":
		return missing("DisplayName", "a name of letters, digits, _, - and .")
	case len(r.DisplayName) > maxName:
		return invalid("DisplayName", "got %d characters, want at most %d", len(r.DisplayName), maxName)
	case strings.ContainsFunc(r.DisplayName, notInName):
		return invalid("DisplayName", "got %q, want letters, digits, _, - and . only", r.DisplayName)
	case r.JobType == "":
		return missing("JobType", "one of "+strings.Join(jobTypes, ", "))
	case !slices.Contains(jobTypes, r.JobType):
		return invalid("JobType", "got %q, want one of %s (capitals count)", r.JobType, strings.Join(jobTypes, ", "))
	case len(r.JobSpecs) == 0:
		return missing("JobSpecs", "a list of at least one role")
	case len(r.JobSpecs) > maxSpecs:
		return invalid("JobSpecs", "got %d roles, want at most %d", len(r.JobSpecs), maxSpecs)
	case r.UserCommand == "":
		return missing("UserCommand", "a command")
	case r.Priority != nil && (*r.Priority < 1 || *r.Priority > 9):
		return invalid("Priority", "got %d, want 1 to 9", *r.Priority)
	case r.JobMaxRunningTimeMinutes != nil && *r.JobMaxRunningTimeMinutes < 1:
		return invalid("JobMaxRunningTimeMinutes", "got %d, want 1 or more", *r.JobMaxRunningTimeMinutes)
	case r.SuccessPolicy != "" && r.SuccessPolicy != chiefWorker && r.SuccessPolicy != allWorkers:
		return invalid("SuccessPolicy", "got %q, want %s or %s", r.SuccessPolicy, chiefWorker, allWorkers)
	case r.Accessibility != "" && r.Accessibility != "PUBLIC" && r.Accessibility != "PRIVATE":
		return invalid("Accessibility", "got %q, want PUBLIC or PRIVATE", r.Accessibility)
	}
	pods := int64(0)
	for i := range r.JobSpecs {
		at := fmt.Sprintf("JobSpecs[%d]", i)
		if err := r.JobSpecs[i].check(at); err != nil {
			return err
		}
		if n := r.JobSpecs[i].PodCount; n != nil {
			pods += *n
		} else {
			pods++
		}
		if pods > maxPods {
			return invalid(at+".PodCount", "got %d pods in all, want at most %d", pods, maxPods)
		}
	}
	return r.Settings.check()
}

func notInName(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.')
}

func (j *JobSpec) check(at string) error {
	switch {
	case j.PodCount != nil && (*j.PodCount < 1 || *j.PodCount > maxPods):
		return invalid(at+".PodCount", "got %d, want 1 to %d", *j.PodCount, maxPods)
	case len(j.Type) > 32 || strings.ContainsFunc(j.Type, notInName):
		return invalid(at+".Type", "got %q, want a role such as Worker, Master, Chief or PS", j.Type)
	case j.RestartPolicy != "" && !slices.Contains([]string{"Always", "Never", "OnFailure", "ExitCode"}, j.RestartPolicy):
		return invalid(at+".RestartPolicy", "got %q, want Always, Never, OnFailure or ExitCode", j.RestartPolicy)
	case j.SpotSpec != nil && j.SpotSpec.SpotDiscountLimit != nil && j.SpotSpec.SpotPriceLimit != nil:
		return invalid(at+".SpotSpec", "got both SpotDiscountLimit and SpotPriceLimit, want one of them")
	case j.SpotSpec != nil && j.SpotSpec.SpotDiscountLimit != nil && !(*j.SpotSpec.SpotDiscountLimit > 0 && *j.SpotSpec.SpotDiscountLimit <= 1):
		return invalid(at+".SpotSpec.SpotDiscountLimit", "got %g, want a share of the list price above 0, at most 1", *j.SpotSpec.SpotDiscountLimit)
	case j.SpotSpec != nil && j.SpotSpec.SpotPriceLimit != nil && !(*j.SpotSpec.SpotPriceLimit > 0):
		return invalid(at+".SpotSpec.SpotPriceLimit", "got %g, want CNY a minute, above 0", *j.SpotSpec.SpotPriceLimit)
	}
	return nil
}

func (s *JobSettings) check() error {
	if s == nil {
		return nil
	}
	if m := s.JobReservedMinutes; m != nil && (*m < 0 || *m > maxReserve) {
		return invalid("Settings.JobReservedMinutes", "got %d, want 0 to %d", *m, maxReserve)
	}
	if p := s.JobReservedPolicy; p != "" && !slices.Contains([]string{"Always", "OnFailure", "OnSucceed"}, p) {
		return invalid("Settings.JobReservedPolicy", "got %q, want Always, OnFailure or OnSucceed", p)
	}
	return nil
}

// fill sets what is assumed.
func (r *CreateJobRequest) fill() {
	if r.Priority == nil {
		p := int32(defaultPriority)
		r.Priority = &p
	}
	if r.WorkspaceId == "" {
		r.WorkspaceId = defaultWorkspace
	}
	if r.Accessibility == "" {
		r.Accessibility = defaultAccess
	}
	for i := range r.JobSpecs {
		j := &r.JobSpecs[i]
		if j.Type == "" {
			j.Type = defaultRole
		}
		if j.PodCount == nil {
			one := int64(1)
			j.PodCount = &one
		}
	}
}

// play is what decides how long the job runs and how it ends.
func (r *CreateJobRequest) play(roles []world.Role) play.Request {
	p := play.Request{Name: r.DisplayName, Image: r.JobSpecs[0].Image, Command: r.UserCommand, Env: r.Envs, Mounts: len(r.DataSources), Libraries: len(r.ThirdpartyLibs),
		Restart: restartTime, Spot: r.spot(), Roles: r.roles()}
	for _, role := range roles {
		p.Pods += role.Replicas
		p.GPUs += role.Replicas * role.GPUs
	}
	if r.CodeSource != nil {
		p.Mounts++
	}
	if r.JobMaxRunningTimeMinutes != nil {
		p.MaxRun = state.Time(min(*r.JobMaxRunningTimeMinutes, maxReserve)) * 60 * state.Second
	}
	for i := range r.JobSpecs {
		switch r.JobSpecs[i].RestartPolicy {
		case "Always", "OnFailure":
			p.Restarts = defaultRestarts
		case "ExitCode":
			p.Restarts, p.RestartFrom = max(p.Restarts, defaultRestarts), firstRetryable
		}
	}
	if s := r.Settings; s != nil {
		p.Check = on(s.EnableSanityCheck) && r.JobType == "PyTorchJob" && p.GPUs > 0
		if on(s.EnableErrorMonitoringInAIMaster) {
			if n, ok := aiMaster(s.ErrorMonitoringArgs); ok {
				p.Restarts, p.RestartFrom = n, 0
			}
		}
		if s.JobReservedMinutes != nil {
			p.ReserveFor = state.Time(*s.JobReservedMinutes) * 60 * state.Second
			p.Reserve = map[string]play.Reserve{"": play.ReserveAlways, "Always": play.ReserveAlways, "OnFailure": play.ReserveOnFailure,
				"OnSucceed": play.ReserveOnSuccess}[s.JobReservedPolicy]
		}
	}
	return p
}

// firstRetryable is the lowest exit code after which RestartPolicy ExitCode restarts: 128 and above are signals.
const firstRetryable = 128

func on(b *bool) bool { return b != nil && *b }

// aiMaster reads the arguments of the fault tolerance: restarts are allowed with --enable-job-restart, three of them unless
// --max-num-of-job-restart says otherwise.
func aiMaster(args string) (restarts int, ok bool) {
	restarts = defaultRestarts
	words := strings.Fields(strings.ReplaceAll(args, "=", " "))
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch w {
		case "--enable-job-restart":
			ok = !strings.EqualFold(next, "false")
		case "--max-num-of-job-restart":
			if n, err := strconv.Atoi(next); err == nil && n >= 0 && n <= 1000 {
				restarts = n
			}
		}
	}
	return restarts, ok
}
