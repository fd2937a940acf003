package study

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Task is one run: all that somebody needs who carries it out.
type Task struct {
	Point    int
	Seed     uint64
	Name     string // of the scenario's text, for messages
	Base     string // where its relative paths start
	Scenario []byte // whole, with every default
	Key      string // equal keys give equal runs, as long as the input files are the same
	Dir      string // the run folder
}

// Executor carries tasks out. It calls done for each run that is whole, from one goroutine at a time, in any order, and returns
// when nothing runs any more: with the first error, or that of the context. Runs that were whole before stay.
type Executor interface {
	Execute(ctx context.Context, tasks []Task, done func(Task) error) error
}

// Study is what is to be run.
type Study struct {
	Axes  []Axis
	Seeds []uint64 // none: the scenario's own
	Dir   string   // each point is a folder in it
	Tool  run.Tool
	// Load reads the scenario with assignments applied.
	Load func(sets ...scenarios.Set) (*scenarios.Loaded, error)
	// FolderName makes a text safe as the name of a folder.
	FolderName func(string) string
}

// Tasks are the runs of a study, points in order and seeds within. Every point is checked before any runs.
func (s *Study) Tasks() ([]Point, []Task, error) {
	points, err := Points(s.Axes)
	if err != nil {
		return nil, nil, err
	}
	if n := len(points) * max(len(s.Seeds), 1); n > maxPoints*10 {
		return nil, nil, fmt.Errorf("%d points with %d seeds are %d runs; expected at most %d", len(points), len(s.Seeds), n, maxPoints*10)
	}
	var tasks []Task
	taken := map[string]int{}
	for i := range points {
		l, err := s.Load(points[i].Sets(s.Axes)...)
		if err != nil {
			return nil, nil, err
		}
		seeds := s.Seeds
		if len(seeds) == 0 {
			seeds = []uint64{l.Seed}
		}
		folder := s.folder(&points[i])
		if other, ok := taken[folder]; ok {
			folder = fmt.Sprintf("%s-%d", folder, other+1)
		}
		taken[folder]++
		base, err := filepath.Abs(l.Dir)
		if err != nil {
			return nil, nil, err
		}
		for _, seed := range seeds {
			t, err := task(l, i, seed)
			if err != nil {
				return nil, nil, err
			}
			t.Base, t.Dir = base, filepath.Join(s.Dir, folder, fmt.Sprint(seed))
			tasks = append(tasks, t)
		}
	}
	return points, tasks, nil
}

func (s *Study) folder(p *Point) string {
	var words []string
	for i := range s.Axes {
		words = append(words, s.Axes[i].Path+"="+p.Values[i])
	}
	if len(words) == 0 {
		return "as-it-is"
	}
	name := s.FolderName(strings.Join(words, "+"))
	if len(name) > 120 {
		sum := sha256.Sum256([]byte(name))
		name = name[:100] + "-" + hex.EncodeToString(sum[:6])
	}
	return name
}

func task(l *scenarios.Loaded, point int, seed uint64) (Task, error) {
	scenario := l.Scenario
	scenario.Seed = seed
	text, err := ydec.Encode(&scenario)
	if err != nil {
		return Task{}, fmt.Errorf("write the scenario with its defaults: %w", err)
	}
	sum := sha256.Sum256(text)
	return Task{Point: point, Seed: seed, Name: l.Inputs[0].Path, Scenario: text, Key: hex.EncodeToString(sum[:])}, nil
}
