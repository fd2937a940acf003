package state

// Reservation keeps nodes for somebody, or for nobody, during [Start, End).
type Reservation struct {
	Name       int32 // its place in the scenario
	Start, End Time
	Nodes      []int32
	Queue      int32 // whose jobs may use them; None = not by queue
	User       int32 // whose jobs may use them; None = not by user
	Ahead      bool  // nothing starts on them before that is expected to run into it
	Evict      bool  // what still runs on them at Start is preempted
}

// Nobody reports whether no job may use the nodes: maintenance.
func (r *Reservation) Nobody() bool { return r.Queue == None && r.User == None }

// Admits reports whether a job may use the nodes.
func (r *Reservation) Admits(j *Job) bool {
	return r.Queue != None && j.Queue == r.Queue || r.User != None && j.User == r.User
}

// Meets reports whether a reservation keeps a job off its nodes that would run on them from one instant to another.
func (r *Reservation) Meets(j *Job, from, to Time) bool {
	return from < r.End && (from >= r.Start || r.Ahead && to > r.Start) && !r.Admits(j)
}
