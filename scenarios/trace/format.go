package trace

import (
	"sort"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// Format describes one format for people: `orrery trace list`, the documentation, the errors.
type Format struct {
	Name        string
	Description string
	Columns     []Column // what it reads
	Oddities    []string // what a reader of the data should know
	Files       string   // companions, such as a cluster file
}

// format is a Format with its opener.
type format struct {
	Format
	streams bool
	open    opener
}

// formats is the one table of formats.
func formats() []format {
	return []format{
		{Format{"orrery", "our own CSV or Parquet", nativeColumns(), nativeOddities(), ""}, true, openNativeFormat},
		{Format{"swf", "Standard Workload Format 2.2 of the Parallel Workloads Archive", swfColumns(), swfOddities(), ""}, true, openSWFFormat},
		{Format{"openb", "Alibaba GPU trace of 2023 (openb): pods", openbColumns(), openbOddities(), ""}, false, openOpenb},
		{Format{"helios", "SenseTime Helios: cluster_log.csv, or jobs.csv with VCs", append(heliosColumns(), heliosLogColumns()...), heliosOddities(),
			"vcs: vcs.csv or cluster_gpu_number.csv, the cluster"}, false, openHelios},
		{Format{"tiresias", "jobs of the Tiresias simulator", tiresiasColumns(), tiresiasOddities(), "cluster: its cluster specification"}, false, openTiresias},
		{Format{"philly", "Microsoft Philly: the public job log in JSON, or the table of the Pollux artifact", phillyColumns(), phillyOddities(), ""}, false, openPhilly},
		{Format{"pollux", "workloads of the Pollux artifact", polluxColumns(), polluxOddities(), "throughputs: the folder of measured traces"}, false, openPollux},
		{Format{"gavel", "traces of the Gavel repository", gavelColumns(), gavelOddities(), "throughputs: simulation_throughputs.json; gpu: the type it is read for"}, false, openGavel},
		{Format{"dlrm", "Alibaba DLRM inference trace of 2025", dlrmColumns(), dlrmOddities(), ""}, false, openDLRM},
		{Format{"acme", "Shanghai AI Lab Acme: trace_seren.csv, trace_kalos.csv", acmeColumns(), acmeOddities(), ""}, false, openAcme},
		{Format{"pai2020", "Alibaba PAI trace of 2020: job and task tables", append(paiColumns(), paiTaskColumns()...), paiOddities(), "tasks: pai_task_table.csv"}, false, openPAI},
		{Format{"sacct", "Slurm accounting: sacct -P", sacctColumns(), sacctOddities(), "nodes: text of scontrol show node or sinfo, the cluster"}, false, openSacct},
	}
}

func openNativeFormat(path string, opt *Options, names *state.Names, meta *Meta) (opened, error) {
	n, err := openNative(path, opt, names, meta)
	if err != nil {
		return opened{}, err
	}
	return opened{rd: n}, nil
}

func openSWFFormat(path string, opt *Options, names *state.Names, meta *Meta) (opened, error) {
	s, err := openSWF(path, opt, names, meta)
	if err != nil {
		return opened{}, err
	}
	return opened{rd: s}, nil
}

func nativeOddities() []string {
	return []string{
		"Rows are in order of submission; equal instants keep the order of the file.",
		"x_* columns are numbers of your own, kept in millionths; at most 8 in a scenario.",
		"A line `# start: 2026-01-01T00:00:00Z` before the header dates the trace.",
		"A job with status cancelled, patience_s and no start_s never ran: it leaves the queue after that time.",
		"Parquet with these columns (integers, floats, decimals, strings; null is empty) is read by the same rules, but whole and sorted by submission; errors name the row and the column's number, and the key start of the footer dates it.",
		"Other columns are not read, with a warning; one that looks misspelt is an error.",
	}
}

func swfColumns() []Column {
	return []Column{
		{Name: "1 job number", Required: true, Doc: "name"}, {Name: "2 submit time", Required: true, Doc: "seconds"},
		{Name: "3 wait time", Doc: "seconds; gives the recorded start"}, {Name: "4 run time", Required: true, Doc: "seconds"},
		{Name: "5 allocated processors", Doc: "used when none were requested"}, {Name: "8 requested processors", Doc: "GPUs of the job"},
		{Name: "9 requested time", Doc: "the estimate"}, {Name: "11 status", Doc: "0 failed, 1 completed, 5 cancelled; 2 to 4 partial records"},
		{Name: "12 user"}, {Name: "15 queue"}, {Name: "16 partition"},
		{Name: "17 preceding job", Doc: "must have ended, in any way"},
	}
}

func swfOddities() []string {
	return []string{
		"Processors are GPUs; placement may split a job as it likes.",
		"-1 is unknown everywhere. Users, queues and partitions keep their numbers as names.",
		"A record without a running time never ran: it leaves after its recorded wait, or is left out when that is unknown too.",
		"Partial records (status 2 to 4) are left out: the job's summary record tells the same.",
		"Think time after a preceding job is not modelled; memory, CPU time, group and application are not read.",
		"UnixStartTime dates the trace unless it is 0; MaxNodes and MaxProcs give a cluster.",
	}
}

// Formats are all formats, in a fixed order.
func Formats() []Format {
	all := formats()
	out := make([]Format, len(all))
	for i := range all {
		out[i] = all[i].Format
	}
	return out
}

func lookup(name string) (*format, bool) {
	all := formats()
	for i := range all {
		if all[i].Name == name {
			return &all[i], true
		}
	}
	return nil, false
}

// Known reports whether a trace format has this name.
func Known(name string) bool {
	_, ok := lookup(name)
	return ok
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name)
	}
	sort.Strings(names)
	return names
}

// Unknown is the error about a format that does not exist: what was found, the formats there are, and the one that was
// probably meant. Its File is the key of a scenario.
func Unknown(name string) *Error {
	names := formatNames()
	e := &Error{File: "format", What: "no trace format " + shown([]byte(name)), Want: "formats here: " + strings.Join(names, ", "),
		Do: didYouMean(name, names)}
	switch lower([]byte(name)) {
	case "slurm", "sacct-p", "slurmdbd":
		e.Do = `did you mean "sacct"? It reads the accounting of Slurm: sacct -P`
	case "alibaba", "alibaba2023", "fgd", "pai":
		e.Do = `did you mean "openb" (Alibaba 2023), "pai2020" (Alibaba 2020) or "dlrm" (Alibaba 2025)?`
	case "csv", "parquet", "native", "own":
		e.Do = `did you mean "orrery"? It reads our own CSV and Parquet`
	case "microsoft", "msr":
		e.Do = `did you mean "philly"?`
	case "sensetime":
		e.Do = `did you mean "helios"?`
	case "pwa", "standard workload format":
		e.Do = `did you mean "swf"?`
	}
	return e
}
