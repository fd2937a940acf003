package trace

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// headBytes is how much of a file Guess looks at.
const headBytes = 256 << 10

// shape is one kind of file of a format: how its header line looks.
type shape struct {
	format  string
	sep     byte
	columns []Column
}

// shapes are all files that begin with the names of their columns.
func shapes() []shape {
	return []shape{
		{"orrery", ',', nativeColumns()}, {"openb", ',', openbColumns()},
		{"helios", ',', heliosColumns()}, {"helios", ',', heliosLogColumns()},
		{"tiresias", ',', tiresiasColumns()}, {"philly", ',', phillyColumns()}, {"pollux", ',', polluxColumns()},
		{"gavel", '\t', gavelColumns()}, {"dlrm", ',', dlrmColumns()}, {"acme", ',', acmeColumns()},
		{"pai2020", ',', paiColumns()}, {"sacct", '|', sacctColumns()},
	}
}

// Guess tells the format of a trace from its first lines, never from its name, and says what gave it away. A file that
// several formats could read equally well, or none, is an error that names the candidates.
func Guess(file string) (format, why string, err error) {
	if isParquet(file) {
		return "orrery", "it is Parquet", nil
	}
	text, err := head(file)
	if err != nil {
		return "", "", err
	}
	first, line := firstLine(text)
	switch {
	case len(first) == 0:
		return "", "", &Error{File: file, What: "is empty", Want: "expected a trace: a header line and a row for each job"}
	case first[0] == ';':
		return "swf", "it begins with a ; comment", nil
	case first[0] == '[':
		return "philly", "it is a list in JSON", nil
	case numbers(bytes.Fields(first)) == swfFields:
		return "swf", "its rows are 18 numbers", nil
	}
	if f := bytes.Split(first, []byte{'\t'}); len(f) == len(gavelColumns()) && numbers([][]byte{f[gvSteps], f[gvScale], f[gvArrival]}) == 3 {
		return "gavel", "its rows are ten fields between tabs", nil
	}
	if f := bytes.Split(first, []byte{','}); len(f) == len(paiColumns()) && paiStatus(f[pjStatus]) {
		return "pai2020", "its rows are six fields with a status", nil
	}
	return byHeader(file, first, line)
}

// head is the begin of a file, unpacked; one that is cut later is no matter here.
func head(file string) ([]byte, error) {
	in, err := openInput(file, defaultMaxBytes)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text := make([]byte, headBytes)
	n, err := io.ReadFull(in, text)
	if n == 0 && err != nil && err != io.EOF {
		return nil, err
	}
	return bytes.TrimPrefix(text[:n], []byte("\xef\xbb\xbf")), nil
}

// firstLine is the first line that is neither blank nor a # comment, and its number from 1.
func firstLine(text []byte) ([]byte, int) {
	for n := 1; len(text) > 0; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte{'\n'})
		if line = bytes.Trim(line, " \r"); len(line) > 0 && line[0] != '#' {
			return line, n
		}
	}
	return nil, 0
}

// numbers counts fields if all of them are numbers; else it is 0.
func numbers(fields [][]byte) int {
	for _, f := range fields {
		if _, err := strconv.ParseFloat(string(f), 64); err != nil {
			return 0
		}
	}
	return len(fields)
}

func paiStatus(b []byte) bool {
	switch lower(b) {
	case "terminated", "failed", "running", "waiting":
		return true
	}
	return false
}

// fit is how well a header suits a shape.
type fit struct {
	shape
	read    int // columns of the header that the format reads
	missing []string
}

// fitting counts the columns of a header that a shape reads.
func (s shape) fitting(first []byte) fit {
	f := fit{shape: s}
	have := map[string]bool{}
	for _, h := range strings.Split(string(first), string(s.sep)) {
		have[strings.ToLower(strings.Trim(strings.TrimSpace(h), `"`))] = true
	}
	for _, c := range s.columns {
		there := false
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			there = there || have[strings.ToLower(name)]
		}
		if there {
			f.read++
		} else if c.Required {
			f.missing = append(f.missing, c.Name)
		}
	}
	return f
}

// byHeader takes the format that reads most of the columns among those whose required columns are all there: a file of one
// format often has what another needs, and more.
func byHeader(file string, first []byte, line int) (string, string, error) {
	var best []fit
	var near []string
	for _, s := range shapes() {
		f := s.fitting(first)
		switch {
		case len(f.missing) > 0:
			if f.read > 0 && 2*len(f.missing) <= f.required() {
				near = append(near, fmt.Sprintf("%s lacks %s", f.format, quoteList(f.missing)))
			}
		case len(best) == 0 || f.read > best[0].read:
			best = []fit{f}
		case f.read == best[0].read:
			best = append(best, f)
		}
	}
	if len(best) == 1 {
		return best[0].format, fmt.Sprintf("it reads %d columns of the header", best[0].read), nil
	}
	e := &Error{File: file, Line: line, What: "does not tell its format: found " + shown(first),
		Do: "say it with --format; orrery trace list tells what each reads"}
	if what := notJobs(first); len(best) == 0 && what != "" {
		e.What, e.Want, e.Do = "holds no jobs: found "+shown(first), "expected a trace; this looks like "+what, "give it beside the trace it belongs to"
		return "", "", e
	}
	switch {
	case len(best) > 1:
		var names []string
		for _, f := range best {
			names = append(names, f.format)
		}
		e.Want = "expected a header of one format; this could be " + strings.Join(names, " or ")
	case len(near) > 0:
		e.Want = "expected the columns of one format; nearest: " + strings.Join(near, "; ")
	default:
		e.Want = "expected the columns of one of " + strings.Join(formatNames(), ", ")
	}
	return "", "", e
}

// notJobs knows the files that stand beside a trace.
func notJobs(first []byte) string {
	for _, c := range []struct {
		what    string
		columns []Column
	}{
		{"a node list, for cluster.nodes of a scenario", nodeColumns()},
		{"the clusters of helios, for --vcs", []Column{{Name: "vc", Required: true}, {Name: "nodes", Required: true}}},
		{"a cluster of tiresias, for --cluster", []Column{{Name: "num_switch", Required: true}, {Name: "num_node_p_switch", Required: true}}},
	} {
		if f := (shape{sep: ',', columns: c.columns}).fitting(first); len(f.missing) == 0 {
			return c.what
		}
	}
	return ""
}

func (f *fit) required() (n int) {
	for _, c := range f.columns {
		if c.Required {
			n++
		}
	}
	return n
}

// Companion is an option that belongs to some formats only.
type Companion struct {
	Key     string   // in a scenario and as a flag
	Formats []string // that read it
}

// Foreign are the options that are set though the format does not read them.
func (o Options) Foreign(format string) []Companion {
	var out []Companion
	for _, c := range []struct {
		value string
		Companion
	}{
		{o.VCs, Companion{"vcs", []string{"helios"}}},
		{o.Cluster, Companion{"cluster", []string{"tiresias"}}},
		{o.Tasks, Companion{"tasks", []string{"pai2020"}}},
		{o.Nodes, Companion{"nodes", []string{"sacct"}}},
		{o.Throughputs, Companion{"throughputs", []string{"gavel", "pollux"}}},
		{o.GPU, Companion{"gpu", []string{"gavel"}}},
	} {
		reads := false
		for _, f := range c.Formats {
			reads = reads || f == format
		}
		if c.value != "" && !reads {
			out = append(out, c.Companion)
		}
	}
	return out
}
