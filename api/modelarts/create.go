package modelarts

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// The limits of CreateTrainingJob.
const (
	maxName        = 64
	maxDescription = 256
	maxNodes       = 100_000
	maxRetries     = 128
	maxHours       = 24 * 365
	maxVariables   = 100
)

const (
	restartTime      = 30 * state.Second // from a failure to the next start
	retryKey         = "fault-tolerance/job-retry-num"
	defaultWorkspace = "0"
)

// submission checks a request of CreateTrainingJob and translates it.
func (s *Service) submission(body []byte, user string) (*world.Submission, error) {
	var r Request
	if err := lens.Decode(body, &r); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.Spec.Resource.NodeCount == 0 {
		r.Spec.Resource.NodeCount = 1
	}
	role, queue, err := s.flavors.of(r.Spec.Resource)
	if err != nil {
		return nil, err
	}
	role.Name, role.Replicas = "Worker", int(r.Spec.Resource.NodeCount)
	sub := &world.Submission{API: apiName, Name: r.Metadata.Name, User: user, Queue: queue, Priority: r.priority(), Roles: []world.Role{role}}
	sub.Play = r.play(sub.Roles)
	if err := play.Check(sub.Play.Env); err != nil {
		return nil, err
	}
	sub.Payload, err = json.Marshal(&r)
	return sub, err
}

// check refuses what ModelArts refuses, naming the field.
func (r *Request) check() error {
	switch {
	case r.Kind != "" && r.Kind != "job":
		return lens.Invalid("kind", "got %q, want job: other kinds are not offered", r.Kind)
	case r.Metadata == nil:
		return lens.Missing("metadata", "an object with a name")
	case r.Spec == nil || r.Spec.Resource == nil:
		return lens.Missing("spec.resource", "an object with flavor_id and node_count")
	case r.Algorithm == nil:
		return lens.Missing("algorithm", "an object with a command, or code_dir and boot_file, or an id")
	}
	for _, err := range []error{r.Metadata.check(), r.Algorithm.check(), r.Spec.check()} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Meta) check() error {
	switch {
	case m.Name == "":
		return lens.Missing("metadata.name", "a name of letters, digits, - and _")
	case len(m.Name) > maxName:
		return lens.Invalid("metadata.name", "got %d characters, want at most %d", len(m.Name), maxName)
	case strings.ContainsFunc(m.Name, notInName):
		return lens.Invalid("metadata.name", "got %q, want letters, digits, - and _ only", m.Name)
	case m.Description != nil && len([]rune(*m.Description)) > maxDescription:
		return lens.Invalid("metadata.description", "got %d characters, want at most %d", len([]rune(*m.Description)), maxDescription)
	}
	if n, ok := m.Annotations[retryKey]; ok {
		if k, err := strconv.Atoi(n); err != nil || k < 0 || k > maxRetries {
			return lens.Invalid("metadata.annotations."+retryKey, "got %q, want a number from 0 to %d", n, maxRetries)
		}
	}
	return nil
}

func notInName(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-')
}

func (a *Algorithm) check() error {
	e := a.Engine
	switch {
	case a.Command == "" && a.ID == "" && a.SubscriptionID == "" && a.BootFile == "":
		return lens.Missing("algorithm.command", "a command, or code_dir and boot_file, or the id of an algorithm")
	case a.BootFile != "" && a.CodeDir == "":
		return lens.Missing("algorithm.code_dir", "the folder of boot_file")
	case (a.SubscriptionID == "") != (a.ItemVersionID == ""):
		return lens.Missing("algorithm.item_version_id", "subscription_id and item_version_id together")
	case len(a.Environments) > maxVariables:
		return lens.Invalid("algorithm.environments", "got %d variables, want at most %d", len(a.Environments), maxVariables)
	case e != nil && e.EngineID != "" && !slices.ContainsFunc(engines, func(x engine) bool { return x.id == e.EngineID }):
		return lens.Invalid("algorithm.engine.engine_id", "got %q, want an engine that training-job-engines lists, or an image_url", e.EngineID)
	}
	return nil
}

func (s *Spec) check() error {
	r := s.Resource
	switch {
	case r.NodeCount < 0 || r.NodeCount > maxNodes:
		return lens.Invalid("spec.resource.node_count", "got %d, want 1 to %d", r.NodeCount, maxNodes)
	case s.AutoStop != nil && s.AutoStop.TimeUnit != "HOURS":
		return lens.Invalid("spec.auto_stop.time_unit", "got %q, want HOURS", s.AutoStop.TimeUnit)
	case s.AutoStop != nil && (s.AutoStop.Duration < 1 || s.AutoStop.Duration > maxHours):
		return lens.Invalid("spec.auto_stop.duration", "got %d, want 1 to %d", s.AutoStop.Duration, maxHours)
	}
	if p := s.SchedulePolicy; p != nil && p.Priority != nil && (*p.Priority < 0 || *p.Priority > 3) {
		return lens.Invalid("spec.schedule_policy.priority", "got %d, want 1 to 3", *p.Priority)
	}
	return nil
}

// levels are the priorities 1, 2 and 3 as numbers of the world, the same as those of AIHC's low, normal and high.
var levels = [...]int32{1, 1, 5, 9}

func (r *Request) priority() int32 {
	if p := r.Spec.SchedulePolicy; p != nil && p.Priority != nil {
		return levels[*p.Priority]
	}
	return levels[0]
}

// command is what the job runs, as one line.
func (a *Algorithm) command() string {
	switch {
	case a == nil:
		return ""
	case a.Command != "":
		return a.Command
	case a.BootFile == "":
		return fmt.Sprintf("run algorithm %s%s", a.ID, a.SubscriptionID)
	}
	line := []string{"python", path.Base(a.BootFile)}
	for _, p := range a.Parameters {
		line = append(line, "--"+p.Name+"="+p.Value)
	}
	return strings.Join(line, " ")
}

// play is what decides how long the job runs and how it ends.
func (r *Request) play(roles []world.Role) play.Request {
	p := play.Request{Name: r.Metadata.Name, Image: imageOf(r.Algorithm.Engine), Command: r.Algorithm.command(), Env: r.Algorithm.Environments,
		Mounts: len(r.Algorithm.Inputs) + len(r.Spec.Volumes), Restart: restartTime}
	if r.Algorithm.CodeDir != "" {
		p.Mounts++
	}
	for i := range roles {
		p.Pods += roles[i].Replicas
		p.GPUs += roles[i].Replicas * roles[i].GPUs
	}
	p.Restarts, _ = strconv.Atoi(r.Metadata.Annotations[retryKey]) // it was checked; none is 0
	if a := r.Spec.AutoStop; a != nil {
		p.MaxRun = state.Time(a.Duration) * 3600 * state.Second
	}
	return p
}

// requestOf is what a job of this API was created with, or nil.
func requestOf(j *world.Job) *Request {
	var r Request
	if j.API != apiName || json.Unmarshal(j.Payload, &r) != nil || r.Metadata == nil || r.Algorithm == nil || r.Spec == nil || r.Spec.Resource == nil {
		return nil
	}
	return &r
}

// speak says in words of no cloud what a job of this API asks for.
func speak(j *world.Job) (world.Ask, bool) {
	r := requestOf(j)
	if r == nil {
		return world.Ask{}, false
	}
	a := world.Ask{Request: r.play(j.Roles), Framework: frameworkOf(r.Algorithm.Engine)}
	if r.Metadata.Description != nil {
		a.Description = *r.Metadata.Description
	}
	return a, true
}
