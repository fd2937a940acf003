package world

import (
	"errors"
	"fmt"
	"math"

	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Role is one role of a job: replicas of one pod.
type Role struct {
	Name     string
	Replicas int
	GPUs     int    // of one pod
	GPUType  string // "" = any
	CPUMilli int64  // of one pod
	MemMiB   int64
	Split    bool // a recorded job's GPUs, which placement splits as it likes
}

// Pod is where one pod of an attempt runs.
type Pod struct {
	Role    int32 // index in Job.Roles
	Index   int32
	Node    int32
	Devices uint64
}

// Job is what a world knows of one job. A value that a View gave out never changes.
type Job struct {
	Number   uint64 // order of arrival, from 0
	Command  uint64 // number of the command that made it, from 1; 0: it came with the scenario
	API      string // through which it came
	Name     string
	User     string
	Queue    string
	Priority int32
	Roles    []Role
	Payload  []byte // the request, as its API keeps it
	Life     play.Life
	Pods     [][]Pod    // by attempt
	Modified state.Time // when it last changed
	NeverFit bool       // no present cluster can hold it
	Deleted  bool

	slot      int32 // in the engine, while it lives
	published bool
}

// Active reports whether the job has not ended.
func (j *Job) Active() bool { return j.Life.Ended == state.Unset }

// Submission is a job that an API submits.
type Submission struct {
	API      string
	Name     string
	User     string
	Queue    string // "" = none
	Priority int32
	Roles    []Role
	Play     play.Request
	Payload  []byte
}

// Amendment is a change of a job. Nil fields stay.
type Amendment struct {
	Priority *int32
	Payload  []byte
}

// Why a world refuses.
var (
	ErrNotFound = errors.New("no such job")
	ErrEnded    = errors.New("the job has ended")
	ErrActive   = errors.New("the job has not ended")
	ErrClosed   = errors.New("the world is closed")
)

// UnknownQueueError is a queue that the scenario does not have.
type UnknownQueueError struct {
	Queue string
	Known []string
}

func (e *UnknownQueueError) Error() string {
	return fmt.Sprintf("no queue %q (there are %q)", e.Queue, e.Known)
}

// spec translates a job for the engine.
func (w *World) spec(s *submitted) (state.JobSpec, error) {
	var j state.JobSpec
	j.Reset()
	script := &s.Script
	names := w.plan.Config.Names
	j.Name = []byte(s.Name)
	j.Duration, j.Outcome, j.Priority, j.Once = script.Length(), script.Outcome(), s.Priority, script.Once
	if j.Duration != state.Never {
		j.Estimate = j.Duration
	} else {
		j.Estimate = 24 * 3600 * state.Second
	}
	if s.Queue != "" && !w.hasQueue(s.Queue) {
		return j, &UnknownQueueError{s.Queue, w.queues}
	}
	for i := range s.Roles {
		r := &s.Roles[i]
		if r.Replicas > math.MaxInt32 || r.GPUs > math.MaxInt32 {
			return j, fmt.Errorf("role %q: %d pods of %d GPUs are too many", r.Name, r.Replicas, r.GPUs)
		}
		spec := state.RoleSpec{Replicas: int32(r.Replicas), PodGPUs: int32(r.GPUs), CPUMilli: r.CPUMilli, MemMiB: r.MemMiB}
		if r.GPUs > 0 {
			spec.GPUMilli = 1000
		}
		if r.GPUType != "" {
			id, ok := names.Types.Lookup(r.GPUType)
			if !ok {
				return j, fmt.Errorf("role %q: no node has GPUs of type %q (there are %q)", r.Name, r.GPUType, names.Types.All())
			}
			spec.TypeMask = 1 << uint(id)
		}
		if !w.models.cpu {
			spec.CPUMilli = 0
		}
		if !w.models.mem {
			spec.MemMiB = 0
		}
		j.Roles = append(j.Roles, spec)
	}
	if err := sim.CheckSubmit(&j, script.Create); err != nil {
		return j, err
	}
	j.User, j.Queue = names.Users.Intern([]byte(s.User)), names.Queues.Intern([]byte(s.Queue))
	return j, nil
}

func (w *World) hasQueue(name string) bool {
	if len(w.queues) == 0 {
		return true // the scenario does not list them: any will do
	}
	for _, q := range w.queues {
		if q == name {
			return true
		}
	}
	return false
}
