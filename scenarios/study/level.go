package study

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/units"
)

// Level is a level of service: a measure and its bound.
type Level struct {
	Text    string // as it was written
	Measure Measure
	Most    bool // the measure may be at most Bound; else at least
	Strict  bool // and not Bound itself
	Bound   float64
}

// ParseLevel reads such as `wait.p95{queue=prod} <= 15m`, `allocation >= 60 %`.
func ParseLevel(text string) (Level, error) {
	fail := func(err error) (Level, error) { return Level{}, fmt.Errorf("--slo %s\n  %w", text, err) }
	at := strings.IndexAny(text, "<>")
	if at < 0 {
		return fail(fmt.Errorf("found no <= or >=; expected a level such as wait.p95{queue=prod} <= 15m"))
	}
	l := Level{Text: strings.Join(strings.Fields(text), " "), Most: text[at] == '<'}
	bound := text[at+1:]
	if rest, ok := strings.CutPrefix(bound, "="); ok {
		bound = rest
	} else {
		l.Strict = true
	}
	var err error
	if l.Measure, err = ParseMeasure(text[:at]); err != nil {
		return fail(err)
	}
	if l.Bound, err = parseBound(strings.TrimSpace(bound), l.Measure.Unit); err != nil {
		return fail(err)
	}
	return l, nil
}

func parseBound(text string, unit Unit) (float64, error) {
	switch unit {
	case Seconds:
		ns, err := units.ParseDuration(text)
		if err != nil || ns < 0 {
			return 0, fmt.Errorf("found the bound %q; expected a duration such as 90s, 15m or 2h", text)
		}
		return float64(ns) / 1e9, nil
	case Share:
		number, percent := strings.CutSuffix(text, "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if percent {
			v /= 100
		}
		if err != nil || !(v >= 0 && v <= 1) {
			return 0, fmt.Errorf("found the bound %q; expected a share such as 60 %% or 0.6", text)
		}
		return v, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("found the bound %q; expected a number", text)
	}
	return v, nil
}

// Met says whether a value meets the level; no value does not.
func (l *Level) Met(v float64) bool {
	switch {
	case math.IsNaN(v):
		return false
	case l.Most && l.Strict:
		return v < l.Bound
	case l.Most:
		return v <= l.Bound
	case l.Strict:
		return v > l.Bound
	}
	return v >= l.Bound
}

// CheckNames refuses a level on a queue or user that the workload does not have.
func (l *Level) CheckNames(queues, users []string) error {
	for _, x := range []struct {
		what, got string
		have      []string
	}{{"queue", l.Measure.Queue, queues}, {"user", l.Measure.User, users}} {
		if x.got == "" {
			continue
		}
		known := false
		for _, name := range x.have {
			known = known || name == x.got
		}
		if known {
			continue
		}
		have := strings.Join(x.have[:min(len(x.have), 20)], ", ")
		switch {
		case len(x.have) == 0:
			have = "none: the workload names no " + x.what
		case len(x.have) > 20:
			have += fmt.Sprintf(" and %d more", len(x.have)-20)
		}
		hint := ""
		if near := ydec.Nearest(x.got, x.have); near != "" {
			hint = fmt.Sprintf("   (did you mean %q?)", near)
		}
		return fmt.Errorf("--slo %s\n  found no %s %q in the workload; there are: %s%s", l.Text, x.what, x.got, have, hint)
	}
	return nil
}
