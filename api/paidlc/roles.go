package paidlc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/api/world/play"
)

// The values of SuccessPolicy.
const (
	chiefWorker = "ChiefWorker"
	allWorkers  = "AllWorkers"
)

// phases are the values of StartupDependencies[].OnPhase, and whether the other role must have finished.
var phases = map[string]bool{"Running": false, "Succeeded": true}

// checkRoles refuses roles that wait for what does not come.
func (r *CreateJobRequest) checkRoles() error {
	for i := range r.JobSpecs {
		for k := range r.JobSpecs[i].StartupDependencies {
			if err := r.checkDependency(i, k); err != nil {
				return err
			}
		}
	}
	if play.Cyclic(r.roles()) {
		return invalid("JobSpecs", "got StartupDependencies in a circle, want a role that waits for none")
	}
	return nil
}

func (r *CreateJobRequest) checkDependency(i, k int) error {
	d := &r.JobSpecs[i].StartupDependencies[k]
	at := fmt.Sprintf("JobSpecs[%d].StartupDependencies[%d]", i, k)
	other := r.roleOf(d.Type)
	switch {
	case d.Type == "":
		return missing(at+".Type", "the type of another role")
	case other < 0 || other == i:
		return invalid(at+".Type", "got %q, want the type of another role of the job", d.Type)
	}
	if _, ok := phases[d.OnPhase]; !ok && d.OnPhase != "" {
		return invalid(at+".OnPhase", "got %q, want Running or Succeeded", d.OnPhase)
	}
	if d.MinReplicas != "" {
		pods := *r.JobSpecs[other].PodCount
		if n, err := strconv.ParseInt(strings.TrimSpace(d.MinReplicas), 10, 64); err != nil || n < 1 || n > pods {
			return invalid(at+".MinReplicas", "got %q, want a whole number from 1 to %d, the pods of %s", d.MinReplicas, pods, d.Type)
		}
	}
	return nil
}

// roleOf is the first role of a type, or -1.
func (r *CreateJobRequest) roleOf(typ string) int {
	return slices.IndexFunc(r.JobSpecs, func(s JobSpec) bool { return s.Type == typ })
}

// roles are what the roles do where they differ: one waits for another, ends the job, or has a duration of its own. nil: they do not.
func (r *CreateJobRequest) roles() []play.RoleAsk {
	out := make([]play.RoleAsk, len(r.JobSpecs))
	differ := r.SuccessPolicy != ""
	leader := -1
	for i := range r.JobSpecs {
		s := &r.JobSpecs[i]
		out[i].Name = s.Type
		switch strings.ToLower(s.Type) {
		case "ps", "evaluator":
			out[i].Serves = true
		case "chief", "master":
			out[i].Leads = r.SuccessPolicy == chiefWorker
			leader = i
		}
		for _, d := range s.StartupDependencies {
			if other := r.roleOf(d.Type); other >= 0 && other != i {
				out[i].After = append(out[i].After, play.RoleDep{Role: other, Finished: phases[d.OnPhase]})
			}
		}
		_, own := r.Envs[play.EnvRoleDuration(s.Type)]
		differ = differ || own || len(s.StartupDependencies) > 0
	}
	if !differ {
		return nil
	}
	if worker := r.roleOf(defaultRole); leader < 0 && worker >= 0 {
		out[worker].Leads = r.SuccessPolicy == chiefWorker
	}
	return out
}
