package sched1

// The hooks' names.
const (
	HookDesc    = "sched1_desc"
	HookLayout  = "sched1_layout"
	HookInit    = "sched1_init"
	HookEvents  = "sched1_events"
	HookDecide  = "sched1_decide"
	HookKeys    = "sched1_keys"
	HookScore   = "sched1_score"
	HookPreempt = "sched1_preempt"
)

// Hooks are what a guest exports: a hook that is there is a capability that it has. sched1_resize and
// sched1_autoscale are kept for elastic jobs and pools.
func Hooks() []Function {
	n := Param{Name: "n"}
	return []Function{
		{Name: HookDesc, Result: "i32", Required: true, Doc: "the address of the static desc"},
		{Name: HookLayout, Result: "i32", Required: true,
			Doc: "the host has written the caps: fill in the pointers. Called again with larger caps to grow: the old places are void, every column is written anew, the guest's own state stays"},
		{Name: HookInit, Result: "i32", Doc: "parameters (JSON at str) and nodes are there; other than 0 is an error"},
		{Name: HookEvents, Params: []Param{n}, Result: "i32", Doc: "n events happened; for order and placement parts that keep state. Returns 0"},
		{Name: HookDecide, Params: []Param{n}, Result: "i32", Doc: "whole scheduler: n events happened, a pass of ctx.partition; returns the number of decisions"},
		{Name: HookKeys, Params: []Param{n}, Result: "i32",
			Doc: "order: idx[0..n) are jobs; write an i64 key for each to out. The smallest key is first, ties go to the earlier job"},
		{Name: HookScore, Params: []Param{{Name: "job"}, {Name: "role", Doc: "slot in roles"}, n}, Result: "i32",
			Doc: "placement: write an i32 score for every node slot 0..n to out. The highest of the nodes that can hold the pod wins, ties go to the lowest slot; INT32_MIN = not this node. The host masks what cannot hold the pod"},
		{Name: HookPreempt, Params: []Param{{Name: "job"}, n}, Result: "i32",
			Doc: "preemption: job does not fit, idx[0..n) are the running jobs of its partition that may be preempted, in order of submission; write those who may yield back to idx, in the order in which they are to be tried, and return how many they are. The host evicts no more than are needed"},
	}
}

// Imports are the functions of module "sched1" that a guest may import. They answer from the state before this call's decisions.
func Imports() []Function {
	text := []Param{{Name: "ptr", Pointer: true}, {Name: "len"}}
	return []Function{
		{Name: "log", Params: text, Doc: "a line of text, shown in errors; with DESC_LOGS the last 32 lines stand among the notes of the run"},
		{Name: "metric", Params: append(append([]Param{}, text...), Param{Name: "value", Wide: true, Doc: "in millionths"}),
			Doc: "a value of the series of this name at this instant, for the run's figures and report. At most 256 names a run, each of 1 to 128 printable bytes, and 65,536 values a pass; the last value at an instant counts"},
		{Name: "fail", Params: text, Doc: "ends the call as an error with this text"},
		{Name: "feasible", Params: []Param{{Name: "job"}, {Name: "role", Doc: "index of the role in the job"}, {Name: "out", Pointer: true}, {Name: "cap"}}, Result: "i32",
			Doc: "the nodes that can hold a pod of the role now: up to cap u32 slots, ascending; returns how many there are"},
		{Name: "placement", Params: []Param{{Name: "job"}, {Name: "out", Pointer: true}, {Name: "cap"}}, Result: "i32",
			Doc: "where a running job is: up to cap u32 node slots, one a part; returns how many there are"},
		{Name: "name", Params: []Param{{Name: "kind"}, {Name: "slot"}, {Name: "out", Pointer: true}, {Name: "cap"}}, Result: "i32",
			Doc: "a name as UTF-8, cut at cap; returns its length. kind is NAME_*"},
		{Name: "param_i64", Params: append(append([]Param{}, text...), Param{Name: "otherwise", Wide: true}), Result: "i64",
			Doc: "a parameter as a number: whole numbers as they are, durations in ns, sizes in bytes, true and false as 1 and 0, and what is written with decimals in millionths (2 is 2, but 2.0 is 2,000,000). A parameter that is not given is otherwise; one that is no number ends the call"},
		{Name: "fuel", Result: "i64", Doc: "fuel that is left"},
	}
}
