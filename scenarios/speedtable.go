package scenarios

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim/speed"
)

// readTable reads one table of measured speeds.
func (l *Loaded) readTable(p *Plan, m *models, i int) error {
	t := &l.Throughput.Tables[i]
	path := fmt.Sprintf("throughput.tables[%d]", i)
	if t.Format == "pollux" {
		if err := l.readPollux(p, m, t); err != nil {
			l.Doc.Errorf(path+".dir", "%s", err).Want("a folder with a folder for each application, each with placements.csv")
		}
		return l.Doc.Err()
	}
	if l.readable(p, path+".file", t.File); l.Doc.Err() != nil {
		return l.Doc.Err()
	}
	in, err := openPlain(l.path(t.File))
	if err != nil {
		return err
	}
	defer in.Close()
	read, want := readSpeeds, "a header with model,gpu,gpus,step_s and a row a measurement"
	if t.Format == "gavel" {
		read, want = readGavel, `JSON: {"v100": {"('ResNet-18 (batch size 16)', 1)": {"null": 32.4}}}`
	}
	if err := read(in, m); err != nil {
		l.Doc.Errorf(path+".file", "%s: %s", t.File, err).Want("%s", want)
	}
	return l.Doc.Err()
}

// plain is a file, unpacked if it is packed.
type plain struct {
	io.Reader
	file *os.File
}

func (p *plain) Close() error { return p.file.Close() }

func openPlain(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(path, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &plain{z, f}, nil
}

// sheetRow is a row of a CSV by the names of its columns.
type sheetRow struct {
	cells []string
	at    map[string]int
	line  int
}

func (r *sheetRow) text(name string) string {
	if i, ok := r.at[name]; ok {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// number is a cell's number; an empty one is absent if it may be.
func (r *sheetRow) number(name string, absent float64) (float64, error) {
	text := r.text(name)
	if text == "" && absent >= 0 {
		return absent, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 1e-15) || v > 1e15 {
		return 0, fmt.Errorf("line %d: %s is %q, no number above 0", r.line, name, text)
	}
	return v, nil
}

// eachRow reads a CSV whose columns are found by name.
func eachRow(in io.Reader, need []string, row func(*sheetRow) error) error {
	r := csv.NewReader(in)
	r.Comment, r.ReuseRecord = '#', true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("no header (%w)", err)
	}
	s := &sheetRow{at: map[string]int{}}
	for i, name := range header {
		s.at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, name := range need {
		if _, ok := s.at[name]; !ok {
			return fmt.Errorf("no column %s", name)
		}
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.cells = cells
		s.line, _ = r.FieldPos(0)
		if err := row(s); err != nil {
			return err
		}
	}
}

// readSpeeds reads our own table.
func readSpeeds(in io.Reader, m *models) error {
	return eachRow(in, []string{"model", "gpu", "gpus", "step_s"}, func(r *sheetRow) (err error) {
		row := tableRow{gpu: r.text("gpu")}
		var gpus, nodes float64
		if gpus, err = r.number("gpus", -1); err != nil {
			return err
		}
		if nodes, err = r.number("nodes", 0); err != nil {
			return err
		}
		if row.Batch, err = r.number("batch", 0); err != nil {
			return err
		}
		if row.Step, err = r.number("step_s", -1); err != nil {
			return err
		}
		if row.gpu == "" || r.text("model") == "" || gpus != float64(int32(gpus)) || nodes != float64(int32(nodes)) {
			return fmt.Errorf("line %d: model and gpu must be there, gpus and nodes whole", r.line)
		}
		row.GPUs, row.Nodes = int32(gpus), int32(nodes)
		k := m.at(r.text("model"))
		m.rows[k] = append(m.rows[k], row)
		return nil
	})
}

// gavelKey is "('ResNet-18 (batch size 16)', 2)".
var gavelKey = regexp.MustCompile(`^\('(.*)', (\d+)\)$`)

// readGavel reads Gavel's throughputs: steps a second alone, by GPU type, with _unconsolidated where the GPUs are on different nodes.
func readGavel(in io.Reader, m *models) error {
	var all map[string]map[string]map[string]json.RawMessage
	if err := json.NewDecoder(in).Decode(&all); err != nil {
		return fmt.Errorf("is no throughput table: %w", err)
	}
	for _, gpu := range sortedKeys(all) {
		name, spread := strings.CutSuffix(gpu, "_unconsolidated")
		for _, key := range sortedKeys(all[gpu]) {
			f := gavelKey.FindStringSubmatch(key)
			var speedOf float64
			if alone, ok := all[gpu][key]["null"]; f == nil || !ok || json.Unmarshal(alone, &speedOf) != nil || speedOf <= 0 {
				continue // together with another job, or not possible there
			}
			gpus, err := strconv.ParseInt(f[2], 10, 32)
			if err != nil || gpus < 1 {
				return fmt.Errorf("%s: scale factor %s", key, f[2])
			}
			if speedOf < 1e-12 || speedOf > 1e12 {
				return fmt.Errorf("%s on %s: %v steps a second", key, gpu, speedOf)
			}
			k := m.at(f[1])
			m.rows[k] = append(m.rows[k], tableRow{gpu: name, Row: speed.Row{GPUs: int32(gpus), Spread: spread, Step: 1 / speedOf}})
		}
	}
	if len(m.rows) == 0 {
		return errors.New("holds no throughputs")
	}
	return nil
}

func sortedKeys[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// readPollux reads a folder of measured step times: <application>/placements.csv, whose placement is the GPUs of each node, a digit a node.
func (l *Loaded) readPollux(p *Plan, m *models, t *SpeedTable) error {
	entries, err := os.ReadDir(l.path(t.Dir))
	if err != nil {
		return err
	}
	found := 0
	for _, e := range entries {
		file := filepath.Join(t.Dir, e.Name(), "placements.csv")
		if !e.IsDir() {
			continue
		}
		if _, err := os.Stat(l.path(file)); err != nil {
			continue
		}
		if err := l.input(p, file); err != nil {
			return err
		}
		if err := readPlacements(l.path(file), m, e.Name(), t.GPU); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		found++
	}
	if found == 0 {
		return fmt.Errorf("%s holds no application", t.Dir)
	}
	return nil
}

func readPlacements(file string, m *models, app, gpu string) error {
	in, err := openPlain(file)
	if err != nil {
		return err
	}
	defer in.Close()
	k := m.at(app)
	return eachRow(in, []string{"placement", "local_bsz", "step_time"}, func(r *sheetRow) error {
		row := tableRow{gpu: gpu}
		for _, digit := range r.text("placement") {
			if digit < '1' || digit > '9' {
				return fmt.Errorf("line %d: placement %q: want a digit a node", r.line, r.text("placement"))
			}
			row.GPUs += digit - '0'
			row.Nodes++
		}
		local, err := r.number("local_bsz", -1)
		if err != nil {
			return err
		}
		if row.Step, err = r.number("step_time", -1); err != nil {
			return err
		}
		row.Batch = local * float64(row.GPUs)
		m.rows[k] = append(m.rows[k], row)
		return nil
	})
}
