package trace

import "github.com/orrery-sim/orrery/sim/state"

// outcomeOf reads the words for a job's end that public traces use. Case does not matter.
func outcomeOf(word []byte) (state.Outcome, bool) {
	switch string(word) { // the two spellings of our own files, without folding case
	case "finished":
		return state.Finished, true
	case "failed":
		return state.Failed, true
	}
	switch lower(word) {
	case "finished", "completed", "complete", "succeeded", "success", "successful", "passed", "pass", "terminated", "ok",
		"done":
		return state.Finished, true
	case "failed", "fail", "failure", "error", "timeout", "node_fail", "nodefail", "out_of_memory", "oom", "boot_fail",
		"deadline", "preempted":
		return state.Failed, true
	case "cancelled", "canceled", "cancel", "killed", "stopped", "revoked":
		return state.Cancelled, true
	}
	return 0, false
}

func outcomeWords() []string { return []string{"finished", "failed", "cancelled"} }
