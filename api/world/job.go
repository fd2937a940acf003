package world

import (
	"errors"
	"fmt"

	"github.com/orrery-sim/orrery/api/world/play"
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
	published bool  `snapshot:"drop"`
}

// Active reports whether the job has not ended.
func (j *Job) Active() bool { return j.Life.Ended == state.Unset }

// stopping reports whether somebody asked it to end.
func (j *Job) stopping() bool { return j.Life.StopAt != state.Unset }

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
