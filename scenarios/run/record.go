package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/orrery-sim/orrery/scenarios/columns"
)

// RecordFormat names the form of a run folder, the columns of its tables too; a reader refuses others.
const RecordFormat = "orrery/run/2"

// Record is run.json. Everything but Tool and Host is the same on every machine.
type Record struct {
	Format   string `json:"format"`
	Complete bool   `json:"complete"`          // the run reached its end and every file of the folder is whole
	Partial  string `json:"partial,omitempty"` // else why not

	Name          string   `json:"name"`
	Seed          uint64   `json:"seed"`
	Start         string   `json:"start,omitempty"` // calendar time of instant 0, RFC 3339
	Policy        string   `json:"policy"`
	Cluster       string   `json:"cluster"`
	Scenario      string   `json:"scenario"` // YAML with the defaults filled in
	Inputs        []Input  `json:"inputs"`
	Digest        string   `json:"digest"`
	DigestVersion int      `json:"digest_version"`
	Files         []string `json:"files"` // written with this record, in the folder
	Warnings      []string `json:"warnings"`
	Failures      string   `json:"failures,omitempty"` // how the cluster fails, in words, where it does by itself
	Recovery      string   `json:"recovery,omitempty"` // what an eviction costs, in words, where a job was evicted
	Guests        []Guest  `json:"guests,omitempty"`   // the policy's WebAssembly parts
	Summary       *Summary `json:"summary,omitempty"`

	Tool Tool  `json:"tool"`
	Host *Host `json:"host,omitempty"`
}

// Input is a file that the run read: its path as the scenario names it, and its checksum.
type Input struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Guest is a WebAssembly part of the policy and what it did.
type Guest struct {
	Policy       string `json:"policy"` // its own name
	Module       string `json:"module"` // its file
	SHA256       string `json:"sha256"`
	ABI          string `json:"abi"`
	FuelSchedule int    `json:"fuel_schedule"` // version of what a unit of fuel is
	Calls        uint64 `json:"calls"`
	Fuel         uint64 `json:"fuel"`                  // of all calls
	Failed       int    `json:"failed,omitempty"`      // instances that failed and were replaced (onError: drop)
	Fallen       bool   `json:"fallen_back,omitempty"` // it failed, and a native part stood in from then on (onError: fallback)
}

// Tool is what wrote the folder.
type Tool struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Command []string `json:"command,omitempty"` // as it was typed
	Base    string   `json:"base,omitempty"`    // the folder at which relative paths in the scenario start
}

// Host is where it ran and how fast; nothing else in a folder depends on it.
type Host struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	CPUs      int    `json:"cpus"`
	Go        string `json:"go"`
	Began     string `json:"began"`  // RFC 3339, UTC
	Wall      Number `json:"wall_s"` // the simulation alone
	PerSecond Number `json:"events_per_s"`
}

// ThisHost describes the machine and a simulation on it.
func ThisHost(began time.Time, wall time.Duration, events uint64) *Host {
	return &Host{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Began: began.UTC().Format(time.RFC3339), Wall: Number(wall.Seconds()), PerSecond: Number(float64(events) / max(wall.Seconds(), 1e-9))}
}

// recordName is the file that makes a folder a run folder.
const recordName = "run.json"

func writeRecord(dir string, r *Record) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return err
	}
	return columns.WriteFile(filepath.Join(dir, recordName), b.Bytes())
}

// Holds reports whether a folder holds a run.
func Holds(dir string) bool {
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, recordName))
	return err == nil
}

// ReadRecord reads a folder's run.json. A folder that holds only a part of a run is read; see Record.Complete.
func ReadRecord(dir string) (*Record, error) {
	name := filepath.Join(dir, recordName)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: not a run folder: it has no %s (orrery run --out %s makes one): %w", dir, recordName, dir, fs.ErrNotExist)
	} else if err != nil {
		return nil, err
	}
	r := &Record{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%s: not the record of a run: %w", name, err)
	}
	if r.Format != RecordFormat {
		return nil, fmt.Errorf("%s: format %q (this program reads %q): run the scenario again, or use the version of orrery that wrote it", name,
			r.Format, RecordFormat)
	}
	return r, nil
}
