package control

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// glob is a naive reference: * is any text without a slash, ? any one byte.
func glob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return glob(pattern[1:], text) || text != "" && glob(pattern, text[1:])
	case text == "" || pattern[0] != '?' && pattern[0] != text[0]:
		return false
	}
	return glob(pattern[1:], text[1:])
}

// Any combination of faults over any calls: the first that a call meets hits it, as a naive count says.
func TestFaultsAgainstANaiveCount(t *testing.T) {
	names := []string{"GetJob", "ListJobs", "CreateJob"}
	jobs := []string{"", "train-1", "train-2", "eval"}
	rapid.Check(t, func(rt *rapid.T) {
		faults := faults{seed: rapid.Uint64().Draw(rt, "seed")}
		var model []*Fault
		for range rapid.IntRange(1, 6).Draw(rt, "faults") {
			f := &Fault{Operation: rapid.SampledFrom([]string{"", "*", "GetJob", "*Job", "List????", "CreateJob"}).Draw(rt, "operation"), Job: rapid.SampledFrom([]string{"", "train-*", "eval", "t?ain-1", "dlc42"}).Draw(rt, "job"),
				User: rapid.SampledFrom([]string{"", "", "me", "you"}).Draw(rt, "user"), Status: 503, Skip: rapid.IntRange(0, 3).Draw(rt, "skip"), Count: rapid.IntRange(0, 3).Draw(rt, "count")}
			if share := rapid.SampledFrom([]float64{-1, -1, 0, 1}).Draw(rt, "probability"); share >= 0 {
				f.Probability = &share
			}
			if err := f.check(); err != nil {
				rt.Fatal(err)
			}
			copied := *f
			model = append(model, &copied)
			if err := faults.add(f); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 30).Draw(rt, "calls") {
			c := &Call{Operation: rapid.SampledFrom(names).Draw(rt, "called"), JobName: rapid.SampledFrom(jobs).Draw(rt, "of"), User: rapid.SampledFrom([]string{"me", "you", "they"}).Draw(rt, "by"),
				Path: rapid.SampledFrom([]string{"/api/v1/jobs", "/api/v1/jobs/dlc42"}).Draw(rt, "path")}
			want := 0
			for i, m := range model {
				job := m.Job == "" || glob(m.Job, c.JobName) || strings.Contains(c.Path, m.Job)
				if !job || m.Operation != "" && !glob(m.Operation, c.Operation) || m.User != "" && m.User != c.User {
					continue
				}
				m.Seen++
				if m.Seen > m.Skip && (m.Count == 0 || m.Hit < m.Count) && (m.Probability == nil || *m.Probability == 1) {
					m.Hit++
					want = i + 1
					break
				}
			}
			got := 0
			if f := faults.hit(c); f != nil {
				got = f.ID
			}
			if got != want {
				rt.Fatalf("%+v meets fault %d, want %d", *c, got, want)
			}
		}
		for i, f := range faults.all() {
			if f.Seen != model[i].Seen || f.Hit != model[i].Hit {
				rt.Fatalf("fault %d saw %d and hit %d, want %d and %d", f.ID, f.Seen, f.Hit, model[i].Seen, model[i].Hit)
			}
		}
	})
}

// The same calls meet the same faults, and a share of them is about the share that was asked for.
func TestDrawsOfFaults(t *testing.T) {
	share := .2
	var runs [2]string
	for i := range runs {
		s := faults{seed: 7}
		if err := s.add(&Fault{Status: 500, Probability: &share}); err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if s.hit(&Call{Operation: "GetJob"}) != nil {
				runs[i] += "x"
			} else {
				runs[i] += "."
			}
		}
	}
	if n := strings.Count(runs[0], "x"); runs[0] != runs[1] || n < 150 || n > 250 {
		t.Errorf("%d of 1000 are hit, the second time %d", n, strings.Count(runs[1], "x"))
	}
	s := faults{}
	for range maxFaults {
		if err := s.add(&Fault{Status: 500}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.add(&Fault{Status: 500}); err == nil {
		t.Error("there is no end of faults")
	}
}
