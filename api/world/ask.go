package world

import "github.com/orrery-sim/orrery/api/world/play"

// Ask is what a job asks for in words of no cloud. The API through which a job came says it, so that the others can show the
// job and what it does.
type Ask struct {
	play.Request
	Framework   string // PyTorchJob, MPIJob, TFJob and so on; "" = it was not said
	Description string
}

// Speaker says in words of no cloud what a job asks for that came through its API.
type Speaker func(j *Job) (Ask, bool)

// Speak lets an API speak for the jobs that come through it. It is to be called before the world is read.
func (w *World) Speak(api string, s Speaker) {
	if w.speakers == nil {
		w.speakers = map[string]Speaker{}
	}
	w.speakers[api] = s
}

// Ask is what a job asks for; of a job of the scenario that is its name and its size.
func (v View) Ask(j *Job) Ask {
	if s, ok := v.w.speakers[j.API]; ok {
		if a, ok := s(j); ok {
			return a
		}
	}
	a := Ask{Request: play.Request{Name: j.Name, Command: "recorded"}}
	n := j.Need()
	a.Pods, a.GPUs = n.Pods, n.GPUs
	return a
}
